//! Changes of the Deployment that need two passes.

use super::context::Context;
use super::manifest::Manifest;
use super::names::REGISTRY;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::Value;

/// Holds the number of replicas back for one pass when the anti-affinity goes and replicas are added.
///
/// New pods of the old ReplicaSet would still exclude each other from nodes, and the rollout would wait for them for
/// ever. In every other case one update changes everything: two would leave a stale ReplicaSet behind.
pub(super) fn in_steps(context: &Context<'_>, manifest: Manifest) -> Manifest {
    let is_deployment = manifest.id().kind == "Deployment" && manifest.id().name == REGISTRY;
    let Some(live) = context.inputs.observed.deployment.present().filter(|_| is_deployment) else { return manifest };
    let replicas = live.spec.replicas.unwrap_or(1);
    let wanted = manifest.body().pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(0);
    let drops_affinity = has_affinity(live) && manifest.body().pointer("/spec/template/spec/affinity").is_none();
    if !drops_affinity || wanted <= i64::from(replicas) {
        return manifest;
    }
    let id = manifest.id().clone();
    let mut body = manifest.into_body();
    if let Some(held_back) = body.pointer_mut("/spec/replicas") {
        *held_back = Value::from(replicas);
    }
    // How many pods may be missing follows from the number of replicas: that of three would take both pods away.
    let strategy = live.spec.strategy.as_ref().and_then(|strategy| serde_json::to_value(strategy).ok());
    if let (Some(held_back), Some(strategy)) = (body.pointer_mut("/spec/strategy"), strategy) {
        *held_back = strategy;
    }
    Manifest::from_value(id, body)
}

fn has_affinity(live: &Deployment) -> bool {
    let pod = live.spec.template.spec.as_ref();
    pod.and_then(|pod| pod.affinity.as_ref()).is_some()
}
