//! What is wrong, where, and what to write instead.

use serde::Serialize;
use std::fmt;

/// The part of the work that a problem stops; the other parts go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Concern {
    /// The inputs as a whole: nothing can be planned.
    Inputs,
    /// The registry.
    Registry,
    /// The registry's medium at the service of a cloud.
    Storage,
    /// The image pruner.
    Pruner,
    /// The DaemonSet that puts CAs onto nodes.
    NodeCa,
    /// The ConfigMaps with CAs.
    Certificates,
    /// The status of Image/cluster.
    ImageConfig,
    /// What Config's `spec.observedConfig` takes from the cluster.
    ConfigObservation,
}

/// One thing that is wrong with one field of one object. It never holds a secret's value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// What it stops.
    pub concern: Concern,
    /// The object, as `Kind/name` or `Kind/namespace/name`, or the file it was read from.
    pub object: String,
    /// The field, as `spec.storage.s3.bucket`; empty when the object as a whole is meant.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// A CamelCase word for a condition's reason.
    pub reason: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { concern: _, object, path, reason: _, message, remedy } = self;
        formatter.write_str(object)?;
        if !path.is_empty() {
            write!(formatter, ": {path}")?;
        }
        write!(formatter, ": {message}")?;
        if !remedy.is_empty() {
            write!(formatter, "; {remedy}")?;
        }
        Ok(())
    }
}
