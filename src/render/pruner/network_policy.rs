//! NetworkPolicy `image-pruner-networkpolicy`: what the pruner reaches. Nobody reaches it.

use crate::render::manifest::{Manifest, metadata};
use crate::render::names::{NAMESPACE, REGISTRY_LABEL, REGISTRY_PORT};
use crate::render::network::{egress, egress_anywhere, egress_dns, kube_apiserver, port, selector};
use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicyPeer, NetworkPolicySpec};

/// The name of the policy.
pub const NAME: &str = "image-pruner-networkpolicy";

/// The policy.
pub fn build() -> Manifest {
    let registry = NetworkPolicyPeer { pod_selector: Some(selector(REGISTRY_LABEL)), ..NetworkPolicyPeer::default() };
    let policy = NetworkPolicy {
        metadata: metadata(NAMESPACE, NAME),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(selector(("app", "image-pruner"))),
            policy_types: Some(vec!["Egress".to_owned()]),
            ingress: None,
            egress: Some(vec![
                egress_anywhere(),
                egress(kube_apiserver(), vec![port("TCP", 6443)]),
                egress_dns(),
                egress(registry, vec![port("TCP", REGISTRY_PORT)]),
            ]),
        }),
    };
    Manifest::new(NAMESPACE, NAME, &policy)
}
