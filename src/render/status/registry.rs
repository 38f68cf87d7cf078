//! Conditions of the registry: Available, Progressing, Degraded, Removed (the reference's rules).

use super::{Condition, failing};
use crate::api::config::{ConditionStatus, ConfigStatus, ManagementState};
use crate::inputs::{Inputs, Observed};
use crate::problem::{Concern, Problem};
use crate::render::registry::routes::RouteSettings;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentStatus};

/// How long the registry may be unavailable before that is Degraded, in seconds.
const UNAVAILABLE_FOR: i64 = 5 * 60;

/// What the conditions follow from.
pub struct Facts<'a> {
    /// All inputs.
    pub inputs: &'a Inputs,
    /// The wanted state.
    pub state: Option<ManagementState>,
    /// What keeps the registry from being planned.
    pub problems: &'a [Problem],
    /// The wanted routes.
    pub routes: &'a [RouteSettings],
    /// The status as it is.
    pub status: Option<&'a ConfigStatus>,
    /// What the registry waits for before its objects are created.
    pub waits: Option<&'a str>,
}

/// The four conditions.
pub fn conditions(facts: &Facts<'_>) -> Vec<Condition> {
    if facts.state == Some(ManagementState::Unmanaged) {
        let message = "The registry configuration is set to unmanaged mode";
        return vec![
            Condition::new("Available", true, "Unmanaged", message),
            Condition::new("Progressing", false, "Unmanaged", message),
            Condition::new("Degraded", false, "Unmanaged", message),
            removed(facts),
        ];
    }
    let available = available(facts);
    let progressing = progressing(facts);
    let degraded = degraded(facts, &available);
    vec![available, progressing, degraded, removed(facts)]
}

fn removed(facts: &Facts<'_>) -> Condition {
    match facts.state {
        Some(ManagementState::Removed) => Condition::new("Removed", true, "Removed", "The registry is removed"),
        _ => Condition::new("Removed", false, "AsExpected", ""),
    }
}

/// What stands in the way of the registry.
enum Obstacle {
    /// Somebody has to mend the configuration.
    Wrong(&'static str, String),
    /// The last execution failed and is tried again; `lasting` once that has not helped for long.
    Failing { lasting: bool, message: String },
    /// All there is to do is wait: for the storage service or for the namespace to be set up.
    Waiting(&'static str, String),
}

/// The obstacle, if there is one. What is only waited for counts last: a failing storage action may be its cause.
fn obstacle(facts: &Facts<'_>) -> Option<Obstacle> {
    let failing = failing::of(facts.inputs, Concern::Registry);
    let passes = |problem: &Problem| matches!(problem.reason, "StorageNotReady" | "NamespaceNotReady");
    let is_wrong = !facts.problems.iter().all(passes);
    let mut lines: Vec<String> = facts.problems.iter().map(Problem::to_string).collect();
    match (facts.problems.first(), failing) {
        (Some(first), failing) if is_wrong => {
            lines.extend(failing.map(|failing| failing.message));
            Some(Obstacle::Wrong(first.reason, format!("Error: {}", lines.join("\n"))))
        }
        (_, Some(failing)) => Some(Obstacle::Failing { lasting: failing.is_lasting(), message: failing.message }),
        (Some(first), None) => Some(Obstacle::Waiting(first.reason, format!("Error: {}", lines.join("\n")))),
        (None, None) => facts.waits.map(|what| Obstacle::Waiting("StorageNotReady", what.to_owned())),
    }
}

/// Registry pods that are ready, as observed.
pub fn ready_replicas(inputs: &Inputs) -> i32 {
    let live = inputs.observed.deployment.present().and_then(|deployment| deployment.status.as_ref());
    live.and_then(|status| status.ready_replicas).unwrap_or(0)
}

fn deployment_status(deployment: &Deployment) -> DeploymentStatus {
    deployment.status.clone().unwrap_or_default()
}

fn available(facts: &Facts<'_>) -> Condition {
    let no = |reason: &str, message: &str| Condition::new("Available", false, reason, message);
    let yes = |reason: &str, message: &str| Condition::new("Available", true, reason, message);
    let is_removed = facts.state == Some(ManagementState::Removed);
    let deployment = match &facts.inputs.observed.deployment {
        Observed::Present(deployment) => deployment,
        Observed::Absent | Observed::NotObserved => {
            return match (obstacle(facts), is_removed) {
                (_, true) => yes("Removed", "The registry is removed"),
                (Some(Obstacle::Wrong(reason, message) | Obstacle::Waiting(reason, message)), false) => {
                    no(reason, &message)
                }
                (_, false) if facts.inputs.observed.deployment.was_looked_at() => {
                    no("DeploymentNotFound", "The deployment does not exist")
                }
                (_, false) => Condition::unknown("Available", "The deployment was not among the inputs"),
            };
        }
    };
    let status = deployment_status(deployment);
    let ready = status.available_replicas.unwrap_or(0);
    if deployment.metadata.deletion_timestamp.is_some() {
        no("DeploymentDeleted", "The deployment is being deleted")
    } else if ready == 0 {
        no("NoReplicasAvailable", "The deployment does not have available replicas")
    } else if ready != status.replicas.unwrap_or(0) {
        yes("MinimumAvailability", "The registry has minimum availability")
    } else {
        yes("Ready", "The registry is ready")
    }
}

fn progressing(facts: &Facts<'_>) -> Condition {
    let yes = |reason: &str, message: &str| Condition::new("Progressing", true, reason, message);
    let no = |reason: &str, message: &str| Condition::new("Progressing", false, reason, message);
    let live = facts.inputs.observed.deployment.present();
    if facts.state == Some(ManagementState::Removed) {
        return match (obstacle(facts), live) {
            (Some(Obstacle::Failing { message, .. }), _) => yes("Error", &unable_to_remove(&message)),
            (_, Some(_)) => yes("DeletingDeployment", "The deployment is being removed"),
            (Some(Obstacle::Waiting(_, what)), None) => yes("RemovingStorage", &what),
            (_, None) => no("Removed", "All registry resources are removed"),
        };
    }
    // Waiting for somebody to mend the configuration is not progress; waiting for the cloud is.
    match obstacle(facts) {
        Some(Obstacle::Wrong(_, message)) => return no("Error", &unable_to_apply(&message)),
        Some(Obstacle::Failing { message, .. }) => return yes("Error", &unable_to_apply(&message)),
        Some(Obstacle::Waiting(reason, message)) => return yes(reason, &unable_to_apply(&message)),
        None => {}
    }
    let Some(deployment) = live else {
        return if facts.inputs.observed.deployment.was_looked_at() {
            let message = "All resources are successfully applied, but the deployment does not exist";
            yes("WaitingForDeployment", message)
        } else {
            Condition::unknown("Progressing", "The deployment was not among the inputs")
        };
    };
    if deployment.metadata.deletion_timestamp.is_some() {
        return yes("FinalizingDeployment", "The deployment is being deleted");
    }
    if is_complete(deployment) {
        no("Ready", "The registry is ready")
    } else {
        yes("DeploymentNotCompleted", "The deployment has not completed")
    }
}

fn unable_to_apply(message: &str) -> String {
    format!("Unable to apply resources: {message}")
}

fn unable_to_remove(message: &str) -> String {
    format!("Unable to remove registry: {message}")
}

fn is_complete(deployment: &Deployment) -> bool {
    // Until the controller has seen the newest spec, its conditions are about the one before.
    let observed = deployment_status(deployment).observed_generation.unwrap_or(0);
    observed >= deployment.metadata.generation.unwrap_or(0)
        && progress(deployment) == Some(("True".to_owned(), "NewReplicaSetAvailable".to_owned()))
}

/// Status and reason of the Deployment's own condition Progressing.
fn progress(deployment: &Deployment) -> Option<(String, String)> {
    let conditions = deployment_status(deployment).conditions.unwrap_or_default();
    let condition = conditions.into_iter().find(|condition| condition.type_.as_deref() == Some("Progressing"))?;
    Some((condition.status.unwrap_or_default(), condition.reason.unwrap_or_default()))
}

fn degraded(facts: &Facts<'_>, available: &Condition) -> Condition {
    let yes = |reason: &str, message: String| Condition::new("Degraded", true, reason, message);
    let no = |reason: &str, message: &str| Condition::new("Degraded", false, reason, message);
    let is_removed = facts.state == Some(ManagementState::Removed);
    match obstacle(facts) {
        Some(Obstacle::Wrong(reason, message)) => return yes(reason, message),
        Some(Obstacle::Failing { lasting: true, message }) if is_removed => {
            return yes("RemoveFailed", unable_to_remove(&message));
        }
        Some(Obstacle::Failing { lasting: true, message }) => return yes("Error", unable_to_apply(&message)),
        Some(Obstacle::Failing { lasting: false, .. } | Obstacle::Waiting(..)) | None => {}
    }
    if is_removed {
        return no("Removed", "The registry is removed");
    }
    if available.status != ConditionStatus::True {
        return if unavailable_for_long(facts) {
            yes("Unavailable", available.message.clone())
        } else {
            no("AsExpected", "")
        };
    }
    let Some(deployment) = facts.inputs.observed.deployment.present() else { return no("AsExpected", "") };
    if !is_complete(deployment) {
        let conditions = deployment_status(deployment).conditions.unwrap_or_default();
        let late = conditions.into_iter().find(|condition| {
            condition.type_.as_deref() == Some("Progressing")
                && condition.reason.as_deref() == Some("ProgressDeadlineExceeded")
        });
        return match late {
            Some(condition) => {
                let detail = condition.message.unwrap_or_default();
                let message = format!("Registry deployment has timed out progressing: {detail}");
                yes("ProgressDeadlineExceeded", message)
            }
            None => no("AsExpected", ""),
        };
    }
    let refused = refused_routes(facts);
    if refused.is_empty() { no("AsExpected", "") } else { yes("RouteDegraded", refused.join(",")) }
}

/// Whether the last report of Available not being True is older than the inertia.
fn unavailable_for_long(facts: &Facts<'_>) -> bool {
    let Some(now) = &facts.inputs.observed.now else { return false };
    let conditions = facts.status.map(|status| status.conditions.as_slice()).unwrap_or_default();
    let before = conditions.iter().find(|condition| condition.type_ == "Available");
    before.filter(|condition| condition.status != ConditionStatus::True).is_some_and(|condition| {
        let since = condition.last_transition_time.as_ref();
        since.is_some_and(|since| now.0.as_second() - since.0.as_second() > UNAVAILABLE_FOR)
    })
}

fn refused_routes(facts: &Facts<'_>) -> Vec<String> {
    let Observed::Present(live) = &facts.inputs.observed.routes else { return Vec::new() };
    let mut refused = Vec::new();
    for wanted in facts.routes {
        let status = live.get(&wanted.name).and_then(|route| route.status.as_ref());
        for ingress in status.map(|status| status.ingress.as_slice()).unwrap_or_default() {
            let admitted = ingress.conditions.iter().filter(|condition| condition.type_ == "Admitted");
            for condition in admitted.filter(|condition| condition.status != "True") {
                let (host, router, message) = (&ingress.host, &ingress.router_name, &condition.message);
                refused.push(format!("route {} (host {host}, router {router}) not admitted: {message}", wanted.name));
            }
        }
    }
    refused
}
