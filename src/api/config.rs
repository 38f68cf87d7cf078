//! The `Config` resource, group `imageregistry.operator.openshift.io/v1`: what the
//! user asks of the registry. Only the object named `cluster` counts.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::api::core::v1::{Affinity, ResourceRequirements, Toleration, TopologySpreadConstraint};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use super::config_status::{Condition, ConditionStatus, ConfigStatus, GenerationStatus};
use super::duration::GoDuration;
use super::schema;
use super::secret::Secret;
use super::storage::Storage;
use super::url::Shown;

/// Name of the one object of either kind that the operator reads.
pub const SINGLETON: &str = "cluster";

/// Desired state of the registry (API reference imageregistry/v1).
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "imageregistry.operator.openshift.io",
    version = "v1",
    kind = "Config",
    plural = "configs",
    status = "ConfigStatus",
    derive = "Default",
    derive = "PartialEq",
    schema = "disabled",
    doc = "Configuration of the image registry; only the object named `cluster` is used."
)]
#[serde(rename_all = "camelCase")]
pub struct ConfigSpec {
    /// Whether the operator runs, leaves alone or removes the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::management_state")]
    pub management_state: Option<ManagementState>,
    /// Verbosity of the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-crd-default" = "Normal"))]
    pub log_level: Option<LogLevel>,
    /// Verbosity of the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-crd-default" = "Normal"))]
    pub operator_log_level: Option<LogLevel>,
    /// Free-form overrides; `deployment.annotations` and `deployment.runtimeClassName` are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::free_form")]
    pub unsupported_config_overrides: Option<Value>,
    /// Settings the operator derived from other cluster objects; not for users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::free_form")]
    pub observed_config: Option<Value>,
    /// Secret shared by the replicas to sign upload sessions; generated if unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_secret: Option<Secret>,
    /// Outgoing proxy, instead of the cluster's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxyConfig>,
    /// Where images are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
    /// Refuse pushes and deletions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// Pass all blob data through the registry instead of redirecting to the storage.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disable_redirect: bool,
    /// Limits on parallel requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-map-type" = "atomic"))]
    pub requests: Option<Requests>,
    /// Expose the registry by a route with a generated host name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default_route: bool,
    /// Further routes to the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub routes: Option<Vec<RouteConfig>>,
    /// Number of registry pods.
    pub replicas: i32,
    /// Older, numeric form of `logLevel`; counts only while that is empty or Normal.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub logging: i64,
    /// Compute resources of the registry container; replaces the defaults as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::k8s_object::<ResourceRequirements>")]
    #[schemars(extend("x-kubernetes-map-type" = "atomic"))]
    pub resources: Option<ResourceRequirements>,
    /// Labels a node must carry to run the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_selector: Option<BTreeMap<String, String>>,
    /// Taints the registry pods tolerate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::k8s_list::<Toleration>")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub tolerations: Option<Vec<Toleration>>,
    /// How new registry pods replace old ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::rollout_strategy")]
    pub rollout_strategy: Option<RolloutStrategy>,
    /// Scheduling constraints; replaces the default anti-affinity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::k8s_object::<Affinity>")]
    pub affinity: Option<Affinity>,
    /// Spreading over zones and nodes; any value, even an empty list, replaces the defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::k8s_list::<TopologySpreadConstraint>")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub topology_spread_constraints: Option<Vec<TopologySpreadConstraint>>,
}

/// True for 0, which the optional log level leaves out.
fn is_zero(value: &i64) -> bool {
    *value == 0
}

/// What the operator does with the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ManagementState {
    /// Keep everything as configured.
    Managed,
    /// Leave everything as it is.
    Unmanaged,
    /// Accepted by the API, without meaning here.
    Force,
    /// Remove the registry and the storage the operator created.
    Removed,
}

/// Verbosity of a component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LogLevel {
    /// Empty string: as Normal.
    #[serde(rename = "")]
    Unset,
    /// What matters in daily work.
    #[default]
    Normal,
    /// What helps to find a fault.
    Debug,
    /// Every step.
    Trace,
    /// Every step with the data involved.
    TraceAll,
}

/// How new registry pods replace old ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RolloutStrategy {
    /// New pods start before old ones stop.
    #[default]
    RollingUpdate,
    /// Old pods stop first; for volumes that only one node can mount.
    Recreate,
}

/// Outgoing proxy; each field replaces the one of the cluster's Proxy.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ProxyConfig {
    /// Proxy URL for plain HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<String>,
    /// Proxy URL for HTTPS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub https: Option<String>,
    /// Comma-separated hosts and networks that are reached directly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_proxy: Option<String>,
}

impl fmt::Debug for ProxyConfig {
    // The URLs may hold passwords.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ProxyConfig { http, https, no_proxy } = self;
        formatter
            .debug_struct("ProxyConfig")
            .field("http", &http.as_deref().map(Shown))
            .field("https", &https.as_deref().map(Shown))
            .field("no_proxy", no_proxy)
            .finish()
    }
}

/// Limits on parallel requests, by direction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Requests {
    /// Pulls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<RequestLimits>,
    /// Pushes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write: Option<RequestLimits>,
}

/// Limits on the requests of one direction; 0 is unlimited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct RequestLimits {
    /// Requests served at once.
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(schema_with = "schema::plain_integer")]
    pub max_running: i64,
    /// Requests that may wait.
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(schema_with = "schema::plain_integer")]
    pub max_in_queue: i64,
    /// How long a request may wait before it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_wait_in_queue: Option<GoDuration>,
}

/// A further route to the registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RouteConfig {
    /// Name of the Route object.
    pub name: String,
    /// Host name; the router chooses one if unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Secret with the certificate to serve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_name: Option<String>,
}
