//! API server settings (API reference config/v1, `APIServer` named `cluster`).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

use super::{kind, open_enum};

/// The `APIServer` object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApiServer {
    /// Standard metadata.
    pub metadata: ObjectMeta,
    /// API server settings.
    pub spec: ApiServerSpec,
}

kind!(ApiServer, "config.openshift.io/v1", "APIServer");

/// API server settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApiServerSpec {
    /// TLS settings for all components; Intermediate if unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_security_profile: Option<TlsSecurityProfile>,
}

/// Which TLS versions and ciphers are allowed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TlsSecurityProfile {
    /// The profile.
    #[serde(rename = "type")]
    pub type_: TlsProfileType,
    /// Settings of the profile `Custom`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomTlsProfile>,
}

/// TLS settings of one's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomTlsProfile {
    /// Cipher suites by their OpenSSL names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ciphers: Vec<String>,
    /// Lowest version, e.g. `VersionTLS12`.
    #[serde(rename = "minTLSVersion", skip_serializing_if = "String::is_empty")]
    pub min_tls_version: String,
}

open_enum! {
    /// A TLS profile, after Mozilla's server-side recommendations.
    TlsProfileType {
        /// For very old clients.
        Old = "Old",
        /// The default.
        Intermediate = "Intermediate",
        /// TLS 1.3 only.
        Modern = "Modern",
        /// As given in `custom`.
        Custom = "Custom",
    }
}
