//! Conditions of the pruner: Available, Failed, Scheduled, Degraded.

use super::Condition;
use super::failing::{self, Failing};
use crate::inputs::{Inputs, Observed};
use crate::problem::{Concern, Problem};
use crate::render::names::PRUNER;
use k8s_openapi::api::batch::v1::Job;
use std::collections::BTreeMap;

/// The conditions. Only Jobs of the pruner count, not whatever else runs in the namespace.
///
/// `suspended` is not known of an ImagePruner that cannot be read and has no CronJob yet.
pub fn conditions(inputs: &Inputs, suspended: Option<bool>, problems: &[Problem]) -> Vec<Condition> {
    let available = match &inputs.observed.pruner {
        Observed::Present(_) => Condition::new("Available", true, "AsExpected", "Pruner CronJob has been created"),
        Observed::Absent => Condition::new("Available", false, "Error", "Pruner CronJob does not exist"),
        Observed::NotObserved => Condition::unknown("Available", "The CronJob was not among the inputs"),
    };
    let scheduled = match suspended {
        Some(true) => Condition::new("Scheduled", false, "Suspended", "The pruner job has been suspended"),
        Some(false) => Condition::new("Scheduled", true, "Scheduled", "The pruner job has been scheduled"),
        None => Condition::unknown("Scheduled", "Neither ImagePruner nor CronJob says whether it is suspended"),
    };
    let last = last_run(inputs);
    let failed = match &last {
        Some(Run::Failed { reason, message }) => Condition::new("Failed", true, reason, message.clone()),
        Some(Run::Complete) => Condition::new("Failed", false, "Complete", "Pruner completed successfully"),
        None => Condition::new("Failed", false, "NoRunYet", "The pruner has not completed a run yet"),
    };
    let mut lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    // What fails is Degraded once it lasts.
    lines.extend(failing::of(inputs, Concern::Pruner).filter(Failing::is_lasting).map(|failing| failing.message));
    let degraded = match (lines.is_empty(), last) {
        (false, _) => Condition::new("Degraded", true, "SyncError", format!("Error: {}", lines.join("\n"))),
        (true, Some(Run::Failed { message, .. })) => Condition::new("Degraded", true, "JobFailed", message),
        (true, Some(Run::Complete) | None) => Condition::new("Degraded", false, "AsExpected", ""),
    };
    vec![available, failed, scheduled, degraded]
}

/// How a run ended.
enum Run {
    Complete,
    Failed { reason: String, message: String },
}

/// The end of the newest run that has ended.
fn last_run(inputs: &Inputs) -> Option<Run> {
    let jobs = inputs.observed.jobs.present().into_iter().flat_map(BTreeMap::values);
    let ended = jobs.filter(|job| is_of_pruner(job)).filter_map(|job| Some((job, run(job)?)));
    let age = |job: &Job| (job.metadata.creation_timestamp.as_ref().map(|time| time.0), job.metadata.name.clone());
    let newest = ended.max_by_key(|(job, _)| age(job)).map(|(_, run)| run);
    // Where no finished Jobs are kept, the CronJob alone remembers.
    let remembered = || inputs.observed.pruner.present()?.status.as_ref()?.last_successful_time.as_ref();
    newest.or_else(|| remembered().map(|_| Run::Complete))
}

/// How the Job ended; None while it runs.
fn run(job: &Job) -> Option<Run> {
    let conditions = job.status.as_ref()?.conditions.as_deref()?;
    let holds = |type_: &str| conditions.iter().find(|found| found.type_ == type_ && found.status == "True");
    if let Some(failure) = holds("Failed") {
        let reason = failure.reason.clone().unwrap_or_else(|| "Failed".to_owned());
        return Some(Run::Failed { reason, message: failure.message.clone().unwrap_or_default() });
    }
    holds("Complete").map(|_| Run::Complete)
}

fn is_of_pruner(job: &Job) -> bool {
    let labels = job.metadata.labels.as_ref();
    let labelled = labels.and_then(|labels| labels.get("created-by")).is_some_and(|by| by == PRUNER);
    let owners = job.metadata.owner_references.as_deref().unwrap_or_default();
    labelled || owners.iter().any(|owner| owner.kind == "CronJob" && owner.name == PRUNER)
}
