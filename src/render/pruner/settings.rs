//! An ImagePruner's wishes, checked, with the operator's defaults filled in.

use crate::api::config::LogLevel;
use crate::api::cron::validate_cron;
use crate::api::duration::GoDuration;
use crate::api::image_pruner::ImagePrunerSpec;
use crate::inputs::{Inputs, Observed};
use crate::problem::{Concern, Problem};
use crate::render::names::CLUSTER;
use crate::render::pods::quantities;
use crate::render::registry::settings::missing_image;
use k8s_openapi::api::core::v1::{Affinity, ResourceRequirements, Toleration};
use std::collections::BTreeMap;

/// What the pruner's objects are built from.
pub struct Settings {
    /// The image with `oc`.
    pub image: String,
    /// A valid cron schedule.
    pub schedule: String,
    /// Whether no jobs are started.
    pub suspend: bool,
    /// How many revisions of a tag are kept.
    pub keep_tag_revisions: i64,
    /// How old an image must be, as a Go duration.
    pub keep_younger_than: String,
    /// Whether images with invalid references are passed over.
    pub ignore_invalid_references: bool,
    /// Verbosity of `oc`.
    pub log_level: u8,
    /// How many successful and failed Jobs are kept.
    pub history: (i32, i32),
    /// Where the registry's blobs are deleted; empty if there is no registry.
    pub registry_host: String,
    /// Resources of the container.
    pub resources: ResourceRequirements,
    /// Affinity of the pod.
    pub affinity: Option<Affinity>,
    /// Node selector of the pod.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// Tolerations of the pod.
    pub tolerations: Option<Vec<Toleration>>,
}

/// Checks the ImagePruner.
///
/// # Errors
/// Every problem at once.
pub fn check(inputs: &Inputs, spec: &ImagePrunerSpec, assumptions: &mut Vec<String>) -> Result<Settings, Vec<Problem>> {
    let ImagePrunerSpec {
        schedule,
        suspend,
        keep_tag_revisions,
        keep_younger_than,
        keep_younger_than_duration,
        resources,
        affinity,
        node_selector,
        tolerations,
        successful_jobs_history_limit,
        failed_jobs_history_limit,
        ignore_invalid_image_references,
        log_level,
    } = spec;
    let mut problems = Vec::new();
    let schedule = schedule.clone().filter(|schedule| !schedule.is_empty()).unwrap_or_else(|| "0 0 * * *".to_owned());
    if let Err(reason) = validate_cron(&schedule) {
        problems.push(problem("spec.schedule", reason, "write it as cron does, for example 0 0 * * *"));
    }
    let keep_younger_than = keep_younger_than_duration.or(keep_younger_than.map(GoDuration::from_nanos));
    let negative = [
        ("spec.keepTagRevisions", *keep_tag_revisions),
        ("spec.keepYoungerThanDuration", keep_younger_than.map(GoDuration::as_nanos)),
        ("spec.successfulJobsHistoryLimit", successful_jobs_history_limit.map(i64::from)),
        ("spec.failedJobsHistoryLimit", failed_jobs_history_limit.map(i64::from)),
    ];
    for (path, value) in negative {
        if value.is_some_and(|value| value < 0) {
            problems.push(problem(path, "must not be negative".to_owned(), "set it to 0 or more"));
        }
    }
    let image = inputs.environment.image_pruner.clone();
    if image.is_none() {
        problems.push(Problem { concern: Concern::Pruner, ..missing_image("IMAGE_PRUNER", "the pruner") });
    }
    match &inputs.cluster.image {
        Observed::Present(_) => {}
        Observed::Absent => problems.push(Problem {
            object: format!("Image/{CLUSTER}"),
            reason: "ObjectMissing",
            ..problem(
                "",
                "does not exist, and says where the registry's blobs are pruned".to_owned(),
                "the operator creates it",
            )
        }),
        Observed::NotObserved => {
            let note = "Image/cluster was not given: the pruner leaves the registry's blobs alone";
            assumptions.push(note.to_owned());
        }
    }
    let (Some(image), true) = (image, problems.is_empty()) else { return Err(problems) };
    let registry_host = inputs.cluster.image.present().map(|image| image.status.internal_registry_hostname.clone());
    Ok(Settings {
        image,
        schedule,
        suspend: suspend.unwrap_or(false),
        keep_tag_revisions: keep_tag_revisions.unwrap_or(3),
        keep_younger_than: keep_younger_than.map_or_else(|| "60m".to_owned(), |duration| duration.to_string()),
        ignore_invalid_references: *ignore_invalid_image_references,
        log_level: verbosity(log_level.unwrap_or_default()),
        history: (successful_jobs_history_limit.unwrap_or(3), failed_jobs_history_limit.unwrap_or(3)),
        registry_host: registry_host.unwrap_or_default(),
        resources: resources.clone().unwrap_or_else(|| ResourceRequirements {
            requests: Some(quantities([("cpu", "100m"), ("memory", "256Mi")])),
            ..ResourceRequirements::default()
        }),
        affinity: affinity.clone().filter(|affinity| *affinity != Affinity::default()),
        node_selector: node_selector.clone(),
        tolerations: tolerations.clone(),
    })
}

/// Normal is 1, not 2 as elsewhere: the termination message holds the end of the log, which should be readable.
fn verbosity(level: LogLevel) -> u8 {
    match level {
        LogLevel::Unset | LogLevel::Normal => 1,
        LogLevel::Debug => 4,
        LogLevel::Trace => 6,
        LogLevel::TraceAll => 8,
    }
}

fn problem(path: &str, message: String, remedy: &str) -> Problem {
    Problem {
        concern: Concern::Pruner,
        object: format!("ImagePruner/{CLUSTER}"),
        path: path.to_owned(),
        reason: "VerificationFailed",
        message,
        remedy: remedy.to_owned(),
    }
}
