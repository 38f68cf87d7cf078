//! The total order of steps.

use super::manifest::ObjectId;
use super::plan::Step;
use super::storage::action::Verb;

/// Sorts steps: created resources, write-backs, namespace-wide prerequisites, RBAC, secrets and configuration,
/// storage, workload, routes, deletions, removal of the storage,
/// release of the finalizer. Ties go by group, kind, namespace and name.
pub fn sort(steps: &mut [Step]) {
    steps.sort_by(|one, other| key(one).cmp(&key(other)));
}

fn key(step: &Step) -> (u8, Option<&ObjectId>) {
    match step {
        // The claim of a bootstrap Config has to be there before the Config that names it.
        Step::Storage(action) if action.verb == Verb::Ensure => (5, None),
        // Nothing may use the medium any more when it is emptied.
        Step::Storage(_) => (u8::MAX - 1, None),
        // Once it is gone, nothing brings the operator back to what was left to do.
        Step::ReleaseFinalizer(object) => (u8::MAX, Some(object)),
        Step::Create(manifest) => (6, Some(manifest.id())),
        Step::WriteBack(write_back) => (0, Some(&write_back.object)),
        Step::Apply(manifest) => (rank(&manifest.id().kind), Some(manifest.id())),
        Step::Delete(deletion) => (u8::MAX - 2, Some(&deletion.object)),
    }
}

fn rank(kind: &str) -> u8 {
    match kind {
        "NetworkPolicy" => 1,
        "ServiceAccount" => 2,
        "ClusterRole" => 3,
        // A binding names a role, so the role comes first.
        "ClusterRoleBinding" => 4,
        "ConfigMap" | "Secret" => 7,
        // service-ca makes the certificate that the pods mount.
        "Service" => 8,
        "PodDisruptionBudget" => 9,
        "Deployment" | "DaemonSet" | "CronJob" => 10,
        "Job" => 11,
        "Route" => 12,
        _ => 13,
    }
}
