//! Which part of the work a step belongs to; a step that fails stops the later ones of its part, and no others.

use crate::problem::Concern;
use crate::render::names::{CERTIFICATES, NODE_CA, PRUNER, PRUNER_ACCOUNT, REGISTRY_CA, SERVICE_CA};
use crate::render::plan::Step;
use crate::render::storage::action::Medium;
use crate::render::{ObjectId, pruner};

/// The step's concern.
pub fn of(step: &Step) -> Concern {
    match step {
        Step::Apply(manifest) | Step::Create(manifest) => of_object(manifest.id()),
        Step::Delete(deletion) => of_object(&deletion.object),
        Step::Storage(action) if !matches!(action.medium, Medium::EmptyDir | Medium::Pvc(_)) => Concern::Storage,
        Step::WriteBack(_) | Step::Storage(_) | Step::ReleaseFinalizer(_) => Concern::Registry,
    }
}

fn of_object(id: &ObjectId) -> Concern {
    let of_pruner = [
        ("ImagePruner", crate::render::names::CLUSTER),
        ("ServiceAccount", PRUNER_ACCOUNT),
        ("ConfigMap", SERVICE_CA),
        ("CronJob", PRUNER),
        ("ClusterRole", pruner::cluster_role::NAME),
        ("ClusterRoleBinding", pruner::cluster_role_binding::NAME),
        ("NetworkPolicy", pruner::network_policy::NAME),
    ];
    match (id.kind.as_str(), id.name.as_str()) {
        identity if of_pruner.contains(&identity) => Concern::Pruner,
        ("Image", _) => Concern::ImageConfig,
        ("DaemonSet", NODE_CA) => Concern::NodeCa,
        ("ConfigMap", CERTIFICATES | REGISTRY_CA) => Concern::Certificates,
        _ => Concern::Registry,
    }
}
