//! Shorthand for NetworkPolicies.

use super::manifest::strings;
use k8s_openapi::api::networking::v1::{
    NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// The label that the API server puts on every namespace.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// Selects what carries this label.
pub(super) fn selector(label: (&str, &str)) -> LabelSelector {
    LabelSelector { match_labels: Some(strings([label])), match_expressions: None }
}

/// Every pod of the namespaces with this label.
pub(super) fn namespaces(label: (&str, &str)) -> NetworkPolicyPeer {
    NetworkPolicyPeer { namespace_selector: Some(selector(label)), ..NetworkPolicyPeer::default() }
}

/// Every pod of one namespace.
pub(super) fn namespace(name: &str) -> NetworkPolicyPeer {
    namespaces((NAMESPACE_NAME, name))
}

/// The kube-apiserver's pods.
pub(super) fn kube_apiserver() -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        pod_selector: Some(selector(("app", "openshift-kube-apiserver"))),
        ..namespace("openshift-kube-apiserver")
    }
}

/// One port.
pub(super) fn port(protocol: &str, number: i32) -> NetworkPolicyPort {
    NetworkPolicyPort { protocol: Some(protocol.to_owned()), port: Some(IntOrString::Int(number)), end_port: None }
}

/// Traffic from a peer to these ports; no peer means from anywhere.
pub(super) fn ingress(from: Option<NetworkPolicyPeer>, ports: Vec<NetworkPolicyPort>) -> NetworkPolicyIngressRule {
    NetworkPolicyIngressRule { from: from.map(|peer| vec![peer]), ports: Some(ports) }
}

/// Traffic to a peer on these ports.
pub(super) fn egress(to: NetworkPolicyPeer, ports: Vec<NetworkPolicyPort>) -> NetworkPolicyEgressRule {
    NetworkPolicyEgressRule { to: Some(vec![to]), ports: Some(ports) }
}

/// Traffic to everywhere. The rules beside it document what is needed.
pub(super) fn egress_anywhere() -> NetworkPolicyEgressRule {
    NetworkPolicyEgressRule::default()
}

/// Name lookups at OpenShift's DNS pods.
pub(super) fn egress_dns() -> NetworkPolicyEgressRule {
    egress(namespace("openshift-dns"), vec![port("TCP", 5353), port("UDP", 5353)])
}
