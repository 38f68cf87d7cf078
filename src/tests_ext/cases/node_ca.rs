//! The DaemonSet that puts CAs onto nodes.

use super::healthy::object;
use super::{Context, Ended};
use crate::render::names::{NAMESPACE, NODE_CA};
use serde_json::{Value, json};
use std::time::Duration;

/// A node may be on its way up.
const UNTIL_AVAILABLE: Duration = Duration::from_secs(300);

/// It tolerates everything, and runs wherever it is to run.
pub async fn everywhere(t: &Context<'_>) -> Ended {
    let id = object("DaemonSet", NAMESPACE, NODE_CA);
    let found = t.the(&id).await?;
    let tolerations = &found["spec"]["template"]["spec"]["tolerations"];
    if !tolerations.as_array().is_some_and(|all| all.contains(&json!({"operator": "Exists"}))) {
        return Err(format!("{id}: does not tolerate every taint: {tolerations}").into());
    }
    t.until(UNTIL_AVAILABLE, &format!("{id} is available on every node"), async || {
        let found = t.seen(&id).await?;
        let number = |field: &str| found["status"][field].as_i64().unwrap_or_default();
        let (wanted, available) = (number("desiredNumberScheduled"), number("numberAvailable"));
        if wanted > 0 && available == wanted && is_current(&found) {
            return Ok(());
        }
        Err(format!("{available} of {wanted} pods are available"))
    })
    .await
}

fn is_current(daemons: &Value) -> bool {
    daemons["status"]["observedGeneration"] == daemons["metadata"]["generation"]
}
