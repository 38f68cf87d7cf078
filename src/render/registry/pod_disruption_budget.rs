//! PodDisruptionBudget `image-registry`.

use crate::render::manifest::{Manifest, metadata, strings};
use crate::render::names::{NAMESPACE, REGISTRY, REGISTRY_LABEL};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// Keeps one registry pod, or none where there is only one: a single pod must not block draining its node.
pub fn build(replicas: i32) -> Manifest {
    let budget = PodDisruptionBudget {
        metadata: metadata(NAMESPACE, REGISTRY),
        spec: Some(PodDisruptionBudgetSpec {
            min_available: Some(IntOrString::Int(i32::from(replicas > 1))),
            selector: Some(LabelSelector { match_labels: Some(strings([REGISTRY_LABEL])), match_expressions: None }),
            unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
            max_unavailable: None,
        }),
        status: None,
    };
    Manifest::new(NAMESPACE, REGISTRY, &budget)
}
