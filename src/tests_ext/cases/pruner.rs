//! The image pruner.

use super::healthy::{config, object};
use super::{Context, Ended};
use crate::render::names::{CLUSTER, NAMESPACE, PRUNER};
use serde_json::Value;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// The CronJob runs when ImagePruner says, and prunes what it says.
pub async fn cron_job(t: &Context<'_>) -> Ended {
    let id = object("CronJob", NAMESPACE, PRUNER);
    t.until(SOON, &format!("{id} follows ImagePruner/{CLUSTER}"), async || {
        let pruner = t.seen(&object("ImagePruner", "", CLUSTER)).await?;
        let has_registry = t.seen(&config()).await?["spec"]["managementState"] != "Removed";
        follows(&t.seen(&id).await?["spec"], &pruner["spec"], has_registry)
    })
    .await
}

fn follows(cron_job: &Value, pruner: &Value, has_registry: bool) -> Result<(), String> {
    let schedule = pruner["schedule"].as_str().filter(|schedule| !schedule.is_empty()).unwrap_or("0 0 * * *");
    if cron_job["schedule"] != schedule {
        return Err(format!("spec.schedule is {}, not {schedule:?}", cron_job["schedule"]));
    }
    let suspend = pruner["suspend"].as_bool().unwrap_or_default();
    if cron_job["suspend"].as_bool().unwrap_or_default() != suspend {
        return Err(format!("spec.suspend is {}, not {suspend}", cron_job["suspend"]));
    }
    let arguments = cron_job.pointer("/jobTemplate/spec/template/spec/containers/0/args");
    let has = |wanted: &str| {
        let found = arguments.and_then(Value::as_array).is_some_and(|all| all.iter().any(|found| found == wanted));
        if found { Ok(()) } else { Err(format!("the pruner's container has no argument {wanted}")) }
    };
    has("--confirm=true")?;
    has(&format!("--keep-tag-revisions={}", pruner["keepTagRevisions"].as_i64().unwrap_or(3)))?;
    has(&format!("--ignore-invalid-refs={}", pruner["ignoreInvalidImageReferences"].as_bool().unwrap_or_default()))?;
    has(&format!("--prune-registry={has_registry}"))
}
