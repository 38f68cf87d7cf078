//! The state that tests begin with and leave behind.

use super::{Context, Ended, Ending};
use crate::execute::resource::Resource;
use crate::operator::rollout::unfinished;
use crate::render::ObjectId;
use crate::render::names::{CLUSTER, NAMESPACE, REGISTRY};
use serde_json::Value;
use std::time::Duration;

/// How long a roll-out may still take that others have begun.
const UNTIL_HEALTHY: Duration = Duration::from_secs(300);

/// Names an object in the registry's namespace, or of the cluster if `namespace` is empty.
pub fn object(kind: &str, namespace: &str, name: &str) -> ObjectId {
    let id = |api_version: &str| ObjectId {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    };
    Resource::named(kind).map_or_else(|| id("v1"), |resource| resource.id(namespace, name))
}

/// The operator's Config.
pub fn config() -> ObjectId {
    object("Config", "", CLUSTER)
}

/// The condition of that type as `status reason: message`.
pub fn condition(object: &Value, type_: &str) -> (String, String) {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    let found = conditions.into_iter().flatten().find(|condition| condition["type"] == type_);
    let text = |field: &str| found.and_then(|found| found[field].as_str()).unwrap_or_default().to_owned();
    let words = format!("{type_} is {} ({}: {})", text("status"), text("reason"), text("message"));
    if found.is_some() { (text("status"), words) } else { (String::new(), format!("there is no condition {type_}")) }
}

/// Config, if the operator is to run a registry.
///
/// # Errors
/// Skipped, if it is not; failed, if there is no Config.
pub async fn managed(t: &Context<'_>) -> Result<Value, Ending> {
    let found = t.the(&config()).await?;
    match found.pointer("/spec/managementState").and_then(Value::as_str) {
        Some("Managed") | None => Ok(found),
        Some(state) => {
            let why =
                format!("spec.managementState of Config/cluster is {state}: the operator runs no registry to test");
            Err(Ending::Skipped(why))
        }
    }
}

/// Waits until the operator has processed Config and the registry is ready.
///
/// # Errors
/// Skipped, as [`managed`]; failed, with the condition that does not hold.
pub async fn healthy(t: &Context<'_>) -> Result<Value, Ending> {
    managed(t).await?;
    t.until(UNTIL_HEALTHY, "the registry is ready", async || {
        let found = t.seen(&config()).await?;
        processed(&found)?;
        // Conditions follow a change of the Deployment's a moment later.
        match unfinished(&t.seen(&object("Deployment", NAMESPACE, REGISTRY)).await?) {
            Some(lacks) => Err(lacks),
            None => Ok(found),
        }
    })
    .await
}

/// Whether a Config was processed and the registry is ready.
///
/// # Errors
/// What is not.
pub fn processed(config: &Value) -> Result<(), String> {
    let number = |pointer: &str| config.pointer(pointer).and_then(Value::as_i64).unwrap_or_default();
    let (observed, generation) = (number("/status/observedGeneration"), number("/metadata/generation"));
    if observed < generation {
        return Err(format!("status.observedGeneration of Config/cluster is {observed} of {generation}"));
    }
    for (type_, wanted) in [("Degraded", "False"), ("Progressing", "False"), ("Available", "True")] {
        let (status, words) = condition(config, type_);
        if status != wanted {
            return Err(format!("Config/cluster: {words}"));
        }
    }
    Ok(())
}

/// Runs a test that changes something: only if the registry is ready before, with Config put back after it however it
/// ends, and waiting until the registry is ready again.
///
/// # Errors
/// The test's, or that things could not be put back.
pub async fn undisturbed(t: &Context<'_>, work: impl Future<Output = Ended>) -> Ended {
    let before = healthy(t).await.map_err(|ending| match ending {
        Ending::Failed(why) => Ending::Failed(format!("the test was not begun, as the cluster is not healthy: {why}")),
        skipped @ Ending::Skipped(_) => skipped,
    })?;
    let ended = work.await;
    if let Err(ending) = &ended {
        t.say(format!("ended early: {ending:?}"));
    }
    let restored = match t.tidy(t.put_back(&config(), "spec", &before)).await {
        Ok(()) => healthy(t).await.map(drop),
        Err(why) => Err(why),
    };
    match (ended, restored) {
        (ended, Ok(())) => ended,
        (Ok(()), Err(restoring)) => Err(restoring),
        (Err(Ending::Failed(why) | Ending::Skipped(why)), Err(Ending::Failed(more) | Ending::Skipped(more))) => {
            Err(Ending::Failed(format!("{why}; and afterwards: {more}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::processed;
    use serde_json::json;

    #[test]
    fn what_is_not_ready_is_named() {
        let with = |observed: i64, available: &str| {
            let condition =
                |type_: &str, status: &str| json!({"type": type_, "status": status, "reason": "Why", "message": "so"});
            let conditions =
                [condition("Degraded", "False"), condition("Progressing", "False"), condition("Available", available)];
            json!({"metadata": {"generation": 2},
                "status": {"observedGeneration": observed, "conditions": conditions}})
        };
        assert_eq!(processed(&with(2, "True")), Ok(()));
        assert!(processed(&with(1, "True")).unwrap_err().contains("1 of 2"));
        assert!(processed(&with(2, "False")).unwrap_err().contains("Available is False (Why: so)"));
        assert!(processed(&json!({})).unwrap_err().contains("there is no condition Degraded"));
    }
}
