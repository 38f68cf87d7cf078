//! Objects of the operator that somebody edits are what they were again soon.

use super::healthy::{object, undisturbed};
use super::patch::{difference, fields};
use super::{Context, Ended, Ending};
use crate::render::ObjectId;
use crate::render::names::{NAMESPACE, PRUNER, PULL_SECRET, REGISTRY};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a repair may take.
pub const UNTIL_REPAIRED: Duration = Duration::from_secs(60);

/// Edits an object, and waits until a field of it is what it was; puts it back if it does not become so.
///
/// # Errors
/// The fields that still differ.
pub async fn is_repaired(t: &Context<'_>, id: &ObjectId, field: &str, patch: &Value, limit: Duration) -> Ended {
    let before = t.the(id).await?;
    let edited = t.merge(id, patch).await?;
    let Some(change) = difference(&before[field], &edited[field]) else {
        return Err(Ending::Failed(format!("{id}: the test's own edit of {field} has no effect")));
    };
    t.say(format!("{id}: edited {}", fields(field, &change)));
    let repaired = t
        .until(limit, &format!("{id}: {field} is repaired"), async || {
            match difference(&before[field], &t.seen(id).await?[field]) {
                None => Ok(()),
                Some(left) => Err(format!("not as before: {}", fields(field, &left))),
            }
        })
        .await;
    if repaired.is_err()
        && let Err(why) = t.tidy(t.put_back(id, field, &before)).await
    {
        t.say(format!("{id}: {field} could not be put back: {why:?}"));
    }
    repaired
}

/// Another variable and port in the registry's container.
pub async fn deployment(t: &Context<'_>) -> Ended {
    undisturbed(t, async {
        let id = object("Deployment", NAMESPACE, REGISTRY);
        let mut containers = t.the(&id).await?["spec"]["template"]["spec"]["containers"].take();
        let first = containers.get_mut(0).ok_or_else(|| format!("{id}: has no container"))?;
        for (list, item) in [
            ("env", json!({"name": "ADDED_BY_A_TEST", "value": "true"})),
            ("ports", json!({"containerPort": 5123, "protocol": "TCP"})),
        ] {
            let list = first.get_mut(list).and_then(Value::as_array_mut);
            list.ok_or_else(|| format!("{id}: its container lacks env or ports"))?.push(item);
        }
        let patch = json!({"spec": {"template": {"spec": {"containers": containers}}}});
        is_repaired(t, &id, "spec", &patch, UNTIL_REPAIRED).await
    })
    .await
}

/// A selector that finds no pod.
pub async fn service(t: &Context<'_>) -> Ended {
    undisturbed(t, async {
        let patch = json!({"spec": {"selector": {"docker-registry": "edited-by-a-test"}}});
        is_repaired(t, &object("Service", NAMESPACE, REGISTRY), "spec", &patch, UNTIL_REPAIRED).await
    })
    .await
}

/// One rule less.
pub async fn cluster_role(t: &Context<'_>) -> Ended {
    undisturbed(t, async {
        let id = object("ClusterRole", "", "system:registry");
        let mut rules = t.the(&id).await?["rules"].take();
        rules.as_array_mut().and_then(Vec::pop).ok_or_else(|| format!("{id}: has no rules"))?;
        is_repaired(t, &id, "rules", &json!({ "rules": rules }), UNTIL_REPAIRED).await
    })
    .await
}

/// A pull secret without credentials.
pub async fn secret(t: &Context<'_>) -> Ended {
    let id = object("Secret", NAMESPACE, PULL_SECRET);
    undisturbed(t, async {
        if t.api.get(&id).await?.is_none() {
            return Err(Ending::Skipped(format!("{id} does not exist: the cluster has no global pull secret")));
        }
        // An empty JSON object.
        is_repaired(t, &id, "data", &json!({"data": {".dockerconfigjson": "e30="}}), UNTIL_REPAIRED).await
    })
    .await
}

/// Another time of day.
pub async fn schedule(t: &Context<'_>) -> Ended {
    undisturbed(t, async {
        let id = object("CronJob", NAMESPACE, PRUNER);
        let is_one = t.the(&id).await?["spec"]["schedule"] == "1 1 * * *";
        let patch = json!({"spec": {"schedule": if is_one { "2 2 * * *" } else { "1 1 * * *" }}});
        is_repaired(t, &id, "spec", &patch, UNTIL_REPAIRED).await
    })
    .await
}
