//! The `ImagePruner` resource, group `imageregistry.operator.openshift.io/v1`: when
//! and how unused images are removed. Only the object named `cluster` counts.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Affinity, ResourceRequirements, Toleration};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::config::{Condition, LogLevel};
use super::duration::GoDuration;
use super::schema;

/// Desired state of the pruner (API reference imageregistry/v1).
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "imageregistry.operator.openshift.io",
    version = "v1",
    kind = "ImagePruner",
    plural = "imagepruners",
    status = "ImagePrunerStatus",
    derive = "Default",
    derive = "PartialEq",
    schema = "disabled",
    doc = "Configuration of the image pruner; only the object named `cluster` is used."
)]
#[serde(rename_all = "camelCase", default)]
pub struct ImagePrunerSpec {
    /// When to run, in cron notation; daily at midnight if unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Whether to start no further runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspend: Option<bool>,
    /// Revisions kept per tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::plain_integer")]
    pub keep_tag_revisions: Option<i64>,
    /// Age below which an image is kept, in nanoseconds; older form of `keepYoungerThanDuration`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_younger_than: Option<i64>,
    /// Age below which an image is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_younger_than_duration: Option<GoDuration>,
    /// Compute resources of the pruner container; replaces the defaults as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::k8s_object::<ResourceRequirements>")]
    pub resources: Option<ResourceRequirements>,
    /// Scheduling constraints.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::k8s_object::<Affinity>")]
    pub affinity: Option<Affinity>,
    /// Labels a node must carry to run the pruner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_selector: Option<BTreeMap<String, String>>,
    /// Taints the pruner pods tolerate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::k8s_list::<Toleration>")]
    pub tolerations: Option<Vec<Toleration>>,
    /// Successful runs kept for inspection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub successful_jobs_history_limit: Option<i32>,
    /// Failed runs kept for inspection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_jobs_history_limit: Option<i32>,
    /// Whether references that cannot be parsed are skipped instead of stopping the run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ignore_invalid_image_references: bool,
    /// Verbosity of the pruner.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-crd-default" = "Normal"))]
    pub log_level: Option<LogLevel>,
}

/// Reported state of the pruner.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ImagePrunerStatus {
    /// Generation of the spec that this status describes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Conditions, one per type.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}
