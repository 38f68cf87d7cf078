//! Conditions of the pruner: Available, Failed, Scheduled, Degraded.

use super::Condition;
use crate::inputs::{Inputs, Observed};
use crate::problem::Problem;
use crate::render::names::PRUNER;
use k8s_openapi::api::batch::v1::{Job, JobCondition};

/// The conditions. Only Jobs of the pruner count, not whatever else runs in the namespace.
pub fn conditions(inputs: &Inputs, suspended: bool, problems: &[Problem]) -> Vec<Condition> {
    let available = match &inputs.observed.pruner {
        Observed::Present(_) => Condition::new("Available", true, "AsExpected", "Pruner CronJob has been created"),
        Observed::Absent => Condition::new("Available", false, "Error", "Pruner CronJob does not exist"),
        Observed::NotObserved => Condition::unknown("Available", "The CronJob was not among the inputs"),
    };
    let scheduled = if suspended {
        Condition::new("Scheduled", false, "Suspended", "The pruner job has been suspended")
    } else {
        Condition::new("Scheduled", true, "Scheduled", "The pruner job has been scheduled")
    };
    let failure = last_failure(inputs);
    let failed = match &failure {
        Some((reason, message)) => Condition::new("Failed", true, reason, message.clone()),
        None => Condition::new("Failed", false, "Complete", "Pruner completed successfully"),
    };
    let degraded = match (problems.is_empty(), failure) {
        (false, _) => {
            let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
            Condition::new("Degraded", true, "SyncError", format!("Error: {}", lines.join("\n")))
        }
        (true, Some((_, message))) => Condition::new("Degraded", true, "JobFailed", message),
        (true, None) => Condition::new("Degraded", false, "AsExpected", ""),
    };
    vec![available, failed, scheduled, degraded]
}

/// Reason and message of the newest finished Job, if it failed.
fn last_failure(inputs: &Inputs) -> Option<(String, String)> {
    let conditions = |job: &Job| job.status.clone().unwrap_or_default().conditions.unwrap_or_default();
    let jobs = inputs.observed.jobs.present()?.values();
    let finished = jobs.filter(|job| is_of_pruner(job) && !conditions(job).is_empty());
    let newest = finished
        .max_by_key(|job| (job.metadata.creation_timestamp.as_ref().map(|time| time.0), job.metadata.name.clone()))?;
    let failed = |condition: &JobCondition| condition.type_ == "Failed" && condition.status == "True";
    let failure = conditions(newest).into_iter().find(failed)?;
    Some((failure.reason.unwrap_or_else(|| "Failed".to_owned()), failure.message.unwrap_or_default()))
}

fn is_of_pruner(job: &Job) -> bool {
    let labels = job.metadata.labels.as_ref();
    let labelled = labels.and_then(|labels| labels.get("created-by")).is_some_and(|by| by == PRUNER);
    let owners = job.metadata.owner_references.as_deref().unwrap_or_default();
    labelled || owners.iter().any(|owner| owner.kind == "CronJob" && owner.name == PRUNER)
}
