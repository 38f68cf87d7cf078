//! Cluster-wide ingress settings (API reference config/v1, `Ingress` named `cluster`).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

use super::kind;

/// The `Ingress` object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Ingress {
    /// Standard metadata.
    pub metadata: ObjectMeta,
    /// Ingress settings.
    pub spec: IngressSpec,
}

kind!(Ingress, "config.openshift.io/v1", "Ingress");

/// Ingress settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressSpec {
    /// Domain under which routes get their host names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub domain: String,
}
