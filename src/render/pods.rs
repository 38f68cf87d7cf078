//! What the operator's pods have in common.

use super::manifest::strings;
use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, SecretKeySelector};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use std::collections::BTreeMap;

/// Lets workload partitioning put the pod onto management cores.
pub(super) const MANAGEMENT_WORKLOAD: (&str, &str) =
    ("target.workload.openshift.io/management", r#"{"effect": "PreferredDuringScheduling"}"#);

/// The priority of everything the cluster cannot do without.
pub(super) const PRIORITY_CLASS: &str = "system-cluster-critical";

/// Pins the security context constraint, whatever else the service account may use.
pub(super) fn required_scc(name: &str) -> (&'static str, &str) {
    ("openshift.io/required-scc", name)
}

/// The node selector of images that exist for Linux only.
pub(super) fn linux_nodes() -> BTreeMap<String, String> {
    strings([("kubernetes.io/os", "linux")])
}

/// Resource quantities by name.
pub(super) fn quantities<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, Quantity> {
    pairs.into_iter().map(|(name, quantity)| (name.to_owned(), Quantity(quantity.to_owned()))).collect()
}

/// An environment variable with a plain value. The API server drops an empty one, so it is not sent.
pub(super) fn variable(name: &str, value: impl Into<String>) -> EnvVar {
    EnvVar { name: name.to_owned(), value: Some(value.into()).filter(|value| !value.is_empty()), value_from: None }
}

/// An environment variable read from a key of a Secret. `optional` lets the pod start without it.
pub(super) fn secret_variable(name: &str, secret: &str, key: &str, optional: Option<bool>) -> EnvVar {
    let selector = SecretKeySelector { name: secret.to_owned(), key: key.to_owned(), optional };
    EnvVar {
        name: name.to_owned(),
        value: None,
        value_from: Some(EnvVarSource { secret_key_ref: Some(selector), ..EnvVarSource::default() }),
    }
}
