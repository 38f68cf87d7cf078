//! What to report, given what was observed. Times of transitions are the reporter's: they depend on the last report.

pub mod cluster_operator;
pub mod concerns;
pub mod failing;
pub mod generations;
pub mod image;
pub mod node_ca;
pub mod pruner;
pub mod refused;
pub mod registry;
pub mod storage;

use crate::api::config::{ConditionStatus, GenerationStatus};
use cluster_operator::ClusterOperatorReport;
use image::ImageReport;
use serde::Serialize;
use serde_json::Value;

/// A condition without its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// The type, as `Available`.
    #[serde(rename = "type")]
    pub type_: &'static str,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// One CamelCase word.
    pub reason: String,
    /// What is the matter and what to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
}

impl Condition {
    /// A condition of these parts.
    pub fn new(type_: &'static str, holds: bool, reason: &str, message: impl Into<String>) -> Self {
        let status = if holds { ConditionStatus::True } else { ConditionStatus::False };
        Condition { type_, status, reason: reason.to_owned(), message: message.into() }
    }

    /// Whether its status is True.
    pub fn holds(&self) -> bool {
        self.status == ConditionStatus::True
    }

    /// A condition about something that nobody looked at.
    pub fn unknown(type_: &'static str, message: &str) -> Self {
        Condition {
            type_,
            status: ConditionStatus::Unknown,
            reason: "NotObserved".to_owned(),
            message: message.to_owned(),
        }
    }
}

/// Everything there is to report. A part is missing if its object is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusReport {
    /// Status of Config/cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<ConfigReport>,
    /// Status of ImagePruner/cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pruner: Option<PrunerReport>,
    /// Status of ClusterOperator/image-registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_operator: Option<ClusterOperatorReport>,
    /// Status of Image/cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageReport>,
}

/// What is reported in Config/cluster. Conditions of other writers stay.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigReport {
    /// Conditions, in the order in which they are listed first.
    pub conditions: Vec<Condition>,
    /// The generation that this plan was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Registry pods that are ready.
    pub ready_replicas: i32,
    /// Generations of the live workloads, where the reference looks for them after a rollback.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub generations: Vec<GenerationStatus>,
    /// Whether the operator owns the storage.
    pub storage_managed: bool,
    /// The storage in effect, as the API has it; that of a refused Config is what was reported before.
    pub storage: Value,
}

/// What is reported in ImagePruner/cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrunerReport {
    /// Conditions.
    pub conditions: Vec<Condition>,
    /// The generation that this plan was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
}
