//! The vocabulary of plans: what to do, in which order, and what to report.
//!
//! A plan is a value. Whoever carries it out has no choice left to make.

use super::manifest::{Manifest, ObjectId};
use super::status::StatusReport;
use super::storage::action::StorageAction;
use crate::problem::Problem;
use serde::Serialize;
use serde_json::Value;

/// Everything that follows from one set of inputs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// What to do, in this order.
    pub steps: Vec<Step>,
    /// What to report, given what was observed.
    pub status: StatusReport,
    /// Why parts of the plan are missing. A concern with a problem has no steps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// What was taken for granted because it was not observed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<String>,
}

impl Plan {
    /// The objects that are created or applied, in order.
    pub fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.steps.iter().filter_map(|step| match step {
            Step::Create(manifest) | Step::Apply(manifest) => Some(manifest),
            Step::WriteBack(_) | Step::Storage(_) | Step::Delete(_) | Step::ReleaseFinalizer(_) => None,
        })
    }
}

/// One step. Steps are carried out one after the other; a failed one stops those of its concern.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Create the object if it does not exist; never change one that does (bootstrap of Config and ImagePruner).
    Create(Manifest),
    /// Apply derived values to an object that belongs to the user, without force.
    WriteBack(WriteBack),
    /// Observe, ensure or remove the storage medium.
    Storage(StorageAction),
    /// Apply the object by server-side apply, with force: every field in it is the operator's.
    Apply(Manifest),
    /// Delete the object if it is there and is the operator's.
    Delete(Deletion),
    /// Take the operator's finalizer from an object that is being deleted, and nothing else.
    ReleaseFinalizer(ObjectId),
}

/// Values that the operator derived, applied under a field manager of their own and without force, so that a
/// field that anyone else has set is never touched.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WriteBack {
    /// The object: Config/cluster.
    pub object: ObjectId,
    /// Only the derived fields.
    pub fields: Value,
    /// JSON pointers of fields that the operator has derived before and that do not hold any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<String>,
}

impl std::fmt::Debug for WriteBack {
    // The fields may hold the HTTP secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "WriteBack({})", self.object)
    }
}

/// An object that has to go, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deletion {
    /// The object.
    #[serde(flatten)]
    pub object: ObjectId,
    /// Why it is not wanted any more.
    pub because: &'static str,
}
