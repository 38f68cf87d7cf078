//! Cluster-wide image settings (API reference config/v1, `Image` named `cluster`).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

use super::kind;

/// The `Image` object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Image {
    /// Standard metadata.
    pub metadata: ObjectMeta,
    /// As wished.
    pub spec: ImageSpec,
    /// In effect.
    pub status: ImageStatus,
}

kind!(Image, "config.openshift.io/v1", "Image");

/// Image settings as wished.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageSpec {
    /// ConfigMap in `openshift-config` with further registry authorities.
    #[serde(rename = "additionalTrustedCA", skip_serializing_if = "Option::is_none")]
    pub additional_trusted_ca: Option<ConfigMapName>,
    /// How image streams import manifest lists: `Legacy`, `PreserveOriginal`, or empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image_stream_import_mode: String,
    /// External names of the registry, chosen by the administrator.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_registry_hostnames: Vec<String>,
}

/// Image settings in effect.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageStatus {
    /// `host:port` of the registry inside the cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub internal_registry_hostname: String,
    /// External names of the registry.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_registry_hostnames: Vec<String>,
    /// Import mode in effect.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image_stream_import_mode: String,
}

/// A reference to a ConfigMap by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigMapName {
    /// Name of the ConfigMap.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
}
