//! A route to a service (API reference route/v1).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use serde::{Deserialize, Serialize};

use super::kind;
use crate::api::secret::Secret;

/// The `Route` object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Route {
    /// Standard metadata.
    pub metadata: ObjectMeta,
    /// What is exposed, and how.
    pub spec: RouteSpec,
    /// What routers made of it; never written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<RouteStatus>,
}

kind!(Route, "route.openshift.io/v1", "Route");

/// What is exposed, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteSpec {
    /// Host name; the router chooses one if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// The service behind it.
    pub to: RouteTarget,
    /// TLS settings; plain HTTP if unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<RouteTls>,
}

/// The service behind a route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteTarget {
    /// Always `Service`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Name of the service.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Share of the traffic, 0 to 256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<i32>,
}

/// TLS settings of a route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteTls {
    /// `edge`, `reencrypt` or `passthrough`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub termination: String,
    /// Certificate to serve, PEM.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub certificate: String,
    /// Private key of the certificate, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
    /// Chain of the certificate, PEM.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ca_certificate: String,
    /// What happens to plain HTTP; nothing is served if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub insecure_edge_termination_policy: String,
}

/// What routers made of the route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteStatus {
    /// One entry per router.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ingress: Vec<RouteIngress>,
}

/// What one router made of the route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteIngress {
    /// Host name it serves.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// Name of the router.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub router_name: String,
    /// Host name of the router itself, for CNAME records.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub router_canonical_hostname: String,
    /// Whether it was admitted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<RouteCondition>,
}

/// A condition of one router.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteCondition {
    /// What it is about, e.g. `Admitted`.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub type_: String,
    /// `True`, `False` or `Unknown`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// Why, as one word.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Why, for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// When `status` last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_transition_time: Option<Time>,
}
