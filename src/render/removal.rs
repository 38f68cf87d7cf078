//! What has to go when the registry is Removed, and routes that are not wanted any more.

use super::context::{Context, config_problem};
use super::manifest::ObjectId;
use super::names::{
    NAMESPACE, OWNED_ANNOTATION, PATH_FIX, PRIVATE_CONFIGURATION, PULL_SECRET, REGISTRY, REGISTRY_ACCOUNT,
};
use super::plan::{Deletion, Step};
use super::registry::{cluster_role, cluster_role_binding, network_policy, routes};
use super::storage::action::{StorageAction, Verb};
use super::storage::{Prepared, medium_id};
use crate::api::config::ConfigStatus;
use crate::api::storage::StorageManagementState;
use crate::inputs::{Inputs, MediumId, Observed, Presence};
use crate::problem::Problem;
use k8s_openapi::api::{
    apps::v1::Deployment,
    batch::v1::Job,
    core::v1::{Secret, Service, ServiceAccount},
    networking::v1::NetworkPolicy,
    policy::v1::PodDisruptionBudget,
    rbac::v1::{ClusterRole, ClusterRoleBinding},
};
use std::collections::BTreeSet;

const REMOVED: &str = "the registry is Removed";

/// Every object of the registry, its routes, and its storage if the operator made it.
///
/// The executor deletes what is there and ours; naming an object that is gone costs nothing.
pub fn steps(inputs: &Inputs, storage: Option<StorageAction>) -> Vec<Step> {
    let objects = [
        ObjectId::of::<ClusterRole>("", cluster_role::NAME),
        ObjectId::of::<ClusterRoleBinding>("", cluster_role_binding::NAME),
        ObjectId::of::<ServiceAccount>(NAMESPACE, REGISTRY_ACCOUNT),
        ObjectId::of::<Secret>(NAMESPACE, PULL_SECRET),
        ObjectId::of::<Secret>(NAMESPACE, PRIVATE_CONFIGURATION),
        ObjectId::of::<Service>(NAMESPACE, REGISTRY),
        ObjectId::of::<Deployment>(NAMESPACE, REGISTRY),
        ObjectId::of::<PodDisruptionBudget>(NAMESPACE, REGISTRY),
        ObjectId::of::<NetworkPolicy>(NAMESPACE, network_policy::NAME),
    ];
    let mut steps: Vec<Step> = objects.into_iter().map(|object| delete(object, REMOVED)).collect();
    steps.extend(path_fix(inputs, REMOVED));
    steps.extend(unwanted_routes(inputs, &BTreeSet::new(), REMOVED));
    steps.extend(storage.map(Step::Storage));
    steps
}

/// Routes that carry the operator's mark and are not among the wanted ones.
pub fn unwanted_routes(inputs: &Inputs, wanted: &BTreeSet<&str>, because: &'static str) -> Vec<Step> {
    let Observed::Present(live) = &inputs.observed.routes else { return Vec::new() };
    live.iter()
        .filter(|(name, route)| {
            let annotations = route.metadata.annotations.as_ref();
            annotations.is_some_and(|all| all.contains_key(OWNED_ANNOTATION)) && !wanted.contains(name.as_str())
        })
        .map(|(name, _)| delete(routes::id(name), because))
        .collect()
}

/// The path-fix Job, if it is there.
pub fn path_fix(inputs: &Inputs, because: &'static str) -> Option<Step> {
    let jobs = inputs.observed.jobs.present()?;
    jobs.contains_key(PATH_FIX).then(|| delete(ObjectId::of::<Job>(NAMESPACE, PATH_FIX), because))
}

/// The action that removes the storage; none if there is no storage of the operator's own.
///
/// It is the operator's if spec and status both say Managed and both name the same medium: after a change of storage
/// the state in spec may still be that of the medium before.
///
/// # Errors
/// Why storage that the operator made is left behind.
pub fn storage(
    context: &Context<'_>,
    prepared: Result<Prepared, Vec<Problem>>,
) -> Result<Option<StorageAction>, Vec<Problem>> {
    let recorded = context.status.filter(|_| has_own_storage(context));
    let Some(recorded) = recorded.and_then(|status| medium_id(&status.storage)) else { return Ok(None) };
    // A claim that is gone needs no removal, and is not reported any longer.
    let claims = &context.inputs.observed.claims;
    if recorded.backend == "pvc" && claims.get(&recorded.name) == Some(&Observed::Absent) {
        return Ok(None);
    }
    let observed = context.inputs.observed.storage.of(&recorded);
    if observed.is_some_and(|observed| observed.presence == Presence::Removed) {
        return Ok(None);
    }
    let prepared = prepared?;
    if medium_id(&prepared.effective).as_ref() != Some(&recorded) {
        let MediumId { backend, name, place: _ } = recorded;
        let message = format!("does not name the storage that the operator made and that status.storage names: {name}");
        let remedy =
            format!("name it in spec.storage.{backend}, or set spec.storage.managementState to Unmanaged to keep it");
        return Err(vec![config_problem("spec.storage", "StorageChanged", message, &remedy)]);
    }
    Ok(Some(StorageAction {
        verb: Verb::Remove,
        id: recorded,
        management_state: Some(StorageManagementState::Managed),
        may_create: false,
        medium: prepared.medium,
    }))
}

/// Whether spec and status agree that the operator created the storage.
fn has_own_storage(context: &Context<'_>) -> bool {
    let managed = Some(StorageManagementState::Managed);
    let spec = context.spec.storage.as_ref().and_then(|storage| storage.management_state);
    let recorded = |status: &ConfigStatus| status.storage_managed && status.storage.management_state == managed;
    spec == managed && context.status.is_some_and(recorded)
}

fn delete(object: ObjectId, because: &'static str) -> Step {
    Step::Delete(Deletion { object, because })
}
