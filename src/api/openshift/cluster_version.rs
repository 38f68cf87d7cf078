//! Version of the cluster (API reference config/v1, `ClusterVersion` named `version`).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

use super::kind;

/// The `ClusterVersion` object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterVersion {
    /// Standard metadata.
    pub metadata: ObjectMeta,
    /// Versions wished and reached.
    pub status: ClusterVersionStatus,
}

kind!(ClusterVersion, "config.openshift.io/v1", "ClusterVersion");

/// Versions wished and reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterVersionStatus {
    /// Release the cluster moves to, or is at.
    pub desired: Release,
    /// Releases applied so far, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<UpdateHistory>,
}

/// A release.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Release {
    /// Semantic version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// `Multi` for multi-architecture payloads, otherwise empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub architecture: String,
    /// Release image.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
}

/// One release applied.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateHistory {
    /// `Completed` or `Partial`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub state: String,
    /// Semantic version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Release image.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
}
