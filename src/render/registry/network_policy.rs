//! NetworkPolicy `image-registry-networkpolicy`: who reaches the registry, and what it reaches.

use crate::render::manifest::{Manifest, metadata};
use crate::render::names::{NAMESPACE, REGISTRY_LABEL, REGISTRY_PORT};
use crate::render::network::{
    egress, egress_anywhere, egress_dns, ingress, kube_apiserver, namespace, namespaces, port, selector,
};
use k8s_openapi::api::networking::v1::{IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicySpec};

/// The name of the policy.
pub const NAME: &str = "image-registry-networkpolicy";

/// The policy. It holds in every profile, beside the default-deny one of the manifests.
pub fn build() -> Manifest {
    let registry = || vec![port("TCP", REGISTRY_PORT)];
    let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(str::to_owned).to_vec();
    let internet = NetworkPolicyPeer {
        ip_block: Some(IPBlock { cidr: "0.0.0.0/0".to_owned(), except: Some(private) }),
        ..NetworkPolicyPeer::default()
    };
    let policy = NetworkPolicy {
        metadata: metadata(NAMESPACE, NAME),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(selector(REGISTRY_LABEL)),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ingress: Some(vec![
                ingress(Some(namespace("openshift-monitoring")), registry()),
                ingress(Some(namespaces(("policy-group.network.openshift.io/ingress", ""))), registry()),
                ingress(None, registry()),
            ]),
            egress: Some(vec![
                egress_anywhere(),
                egress(kube_apiserver(), vec![port("TCP", 8443)]),
                egress_dns(),
                egress(internet, vec![port("TCP", 443)]),
            ]),
        }),
    };
    Manifest::new(NAMESPACE, NAME, &policy)
}
