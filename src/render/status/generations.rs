//! `status.generations`: the reference compares them with the live objects to see whether anybody changed one.

use crate::api::config::GenerationStatus;
use crate::inputs::Inputs;
use crate::render::names::{NAMESPACE, NODE_CA, REGISTRY};

/// The generations of the Deployment and the DaemonSet, as they were observed.
pub fn observed(inputs: &Inputs) -> Vec<GenerationStatus> {
    let deployment = inputs.observed.deployment.present().and_then(|live| live.metadata.generation);
    let daemon_set = inputs.observed.node_ca.present().and_then(|live| live.metadata.generation);
    let entry = |resource: &str, name: &str, generation: Option<i64>| {
        Some(GenerationStatus {
            group: "apps".to_owned(),
            resource: resource.to_owned(),
            namespace: NAMESPACE.to_owned(),
            name: name.to_owned(),
            last_generation: generation?,
            hash: String::new(),
        })
    };
    let entries = [entry("deployments", REGISTRY, deployment), entry("daemonsets", NODE_CA, daemon_set)];
    entries.into_iter().flatten().collect()
}
