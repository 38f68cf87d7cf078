//! Feature gates (API reference config/v1, `FeatureGate` named `cluster`).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

use super::kind;

/// The `FeatureGate` object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FeatureGate {
    /// Standard metadata.
    pub metadata: ObjectMeta,
    /// Gates by release.
    pub status: FeatureGateStatus,
}

kind!(FeatureGate, "config.openshift.io/v1", "FeatureGate");

/// Gates by release.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FeatureGateStatus {
    /// One entry per release that is being run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub feature_gates: Vec<FeatureGateDetails>,
}

/// Gates of one release.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FeatureGateDetails {
    /// Release version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Gates that are on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub enabled: Vec<FeatureGateName>,
    /// Gates that are off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disabled: Vec<FeatureGateName>,
}

/// A gate by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FeatureGateName {
    /// Name of the gate.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
}
