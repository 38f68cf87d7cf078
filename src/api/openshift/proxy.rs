//! The cluster-wide proxy (API reference config/v1, `Proxy` named `cluster`).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};
use std::fmt;

use super::kind;
use crate::api::url::Shown;

/// The `Proxy` object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Proxy {
    /// Standard metadata.
    pub metadata: ObjectMeta,
    /// Settings in effect.
    pub status: ProxyStatus,
}

kind!(Proxy, "config.openshift.io/v1", "Proxy");

/// Settings in effect, after validation by the network operator.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProxyStatus {
    /// Proxy URL for plain HTTP.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub http_proxy: String,
    /// Proxy URL for HTTPS.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub https_proxy: String,
    /// Comma-separated hosts and networks that are reached directly.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub no_proxy: String,
}

impl fmt::Debug for ProxyStatus {
    // The URLs may hold passwords.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ProxyStatus { http_proxy, https_proxy, no_proxy } = self;
        formatter
            .debug_struct("ProxyStatus")
            .field("http_proxy", &Shown(http_proxy))
            .field("https_proxy", &Shown(https_proxy))
            .field("no_proxy", no_proxy)
            .finish()
    }
}
