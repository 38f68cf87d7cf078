//! The cluster as the operator sees it, looked at once and without watches.

use super::look::look;
use super::pass::needs_cluster_version;
use super::targets::{self, Target};
use super::watch::News;
use crate::execute::live::DEFAULTS;
use crate::execute::{Api, Error, Live, World, ownership};
use futures::future::join_all;
use serde_json::{Map, Value};
use tokio::sync::mpsc::unbounded_channel;

/// What there is, and what is to be rendered from.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What is in the cluster.
    pub live: World,
    /// The same, with the given objects in the place of those of the same identity.
    pub seen: World,
}

impl Snapshot {
    /// Looks at everything that the operator would look at, what objects refer to included, and that nobody has looked
    /// at yet by what is known already.
    ///
    /// # Errors
    /// The API server's, each once; a kind that is not served is none.
    pub async fn go_on(mut live: World, api: &Api, given: &[Value]) -> Result<Snapshot, Vec<Error>> {
        loop {
            let seen = with_given(&live, given);
            let targets = targets(&seen);
            let next: Vec<&Target> = targets.iter().filter(|target| !live.was_looked_at(&target.scope)).collect();
            if next.is_empty() {
                return Ok(Snapshot { live, seen });
            }
            let (news, mut heard) = unbounded_channel();
            let results = join_all(next.into_iter().map(|target| look(api, target, &news))).await;
            let mut errors: Vec<Error> = Vec::new();
            for error in results.into_iter().filter_map(Result::err) {
                if !errors.contains(&error) {
                    errors.push(error);
                }
            }
            // Who is not reached or not known need not be told for every kind.
            if let Some(error) = errors.iter().find(|error| matches!(error.code(), None | Some(401))) {
                return Err(vec![error.clone()]);
            }
            if !errors.is_empty() {
                return Err(errors);
            }
            while let Ok(event) = heard.try_recv() {
                take_in(&mut live, event);
            }
        }
    }
}

fn targets(world: &World) -> Vec<Target> {
    let hourly = targets::hourly().into_iter();
    let hourly = hourly.filter(|target| *target != targets::cluster_version() || needs_cluster_version(world));
    let singles = [targets::pruner(), targets::pruner_jobs()];
    targets::always().into_iter().chain(singles).chain(hourly).chain(targets::in_turns(world)).collect()
}

fn take_in(world: &mut World, news: News) {
    match news {
        News::Put(live) => drop(world.put(live)),
        News::Gone(live) => drop(world.remove(&live)),
        News::Complete(scope, told, version) => drop(world.complete(&scope, &told, version)),
        News::NotServed(scope) => drop(world.not_served(&scope)),
        // Only watches say so.
        News::Trouble(..) | News::Well(_) => {}
    }
}

fn with_given(live: &World, given: &[Value]) -> World {
    let mut seen = live.clone();
    for object in given {
        let Some(object) = Live::new(object.clone()) else { continue };
        let placed = match live.get(object.id()).present() {
            Some(before) => Live::new(in_place_of(before, &object)),
            None => Some(object),
        };
        if let Some(placed) = placed {
            seen.forget(placed.id());
            seen.put(placed);
        }
    }
    seen
}

/// The object as it would be once the given one is applied: what the server keeps and what the operator derived stay.
fn in_place_of(before: &Live, given: &Live) -> Value {
    let mut object = before.entry(DEFAULTS, "").and_then(|entry| ownership::extract(&entry.fields, before.body()));
    let mut object = object.take().filter(Value::is_object).unwrap_or_else(|| Value::Object(Map::new()));
    ownership::overlay(&mut object, given.body());
    let metadata = before.body().get("metadata").and_then(Value::as_object);
    for (name, value) in metadata.into_iter().flatten().filter(|(name, _)| !is_users(name)) {
        object["metadata"][name] = value.clone();
    }
    // Of what the operator reports itself, only the cluster's own counts.
    let reports = matches!(before.id().kind.as_str(), "Config" | "ImagePruner");
    if let Some(status) = before.body().get("status").filter(|_| reports || given.body().get("status").is_none()) {
        object["status"] = status.clone();
    } else if reports && let Some(object) = object.as_object_mut() {
        object.remove("status");
    }
    object
}

fn is_users(field: &str) -> bool {
    matches!(field, "labels" | "annotations")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_given_object_keeps_what_is_not_the_users() {
        let identity = json!({ "apiVersion": "imageregistry.operator.openshift.io/v1", "kind": "Config" });
        let with = |more: Value| {
            let mut object = identity.clone();
            ownership::overlay(&mut object, &more);
            Live::new(object).unwrap()
        };
        let before = with(json!({
            "metadata": { "name": "cluster", "uid": "u", "resourceVersion": "7", "managedFields": [{
                "manager": DEFAULTS, "operation": "Apply", "fieldsV1": { "f:spec": { "f:httpSecret": {} } } }] },
            "spec": { "httpSecret": "derived", "replicas": 1, "logLevel": "Debug" },
            "status": { "storageManaged": true },
        }));
        let given = with(json!({
            "metadata": { "name": "cluster", "resourceVersion": "1" },
            "spec": { "replicas": 2 }, "status": { "storageManaged": false },
        }));
        let want = with(json!({
            "metadata": { "name": "cluster", "uid": "u", "resourceVersion": "7" },
            "spec": { "httpSecret": "derived", "replicas": 2 }, "status": { "storageManaged": true },
        }));
        assert_eq!(&in_place_of(&before, &given), want.body());
    }
}
