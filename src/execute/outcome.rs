//! What became of the steps of a plan. Outcomes are data; callers print them or make events of them.

use super::request::Error;
use crate::problem::Concern;
use std::fmt;

/// What became of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The part of the work that the step belongs to.
    pub concern: Concern,
    /// The object or the medium, as `Kind/namespace/name`.
    pub object: String,
    /// What was done.
    pub done: Done,
}

/// What was done.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// It did not exist.
    Created,
    /// Some of its fields were not as rendered: these.
    Configured(Vec<String>),
    /// Nothing had to be done; no request was made.
    Unchanged,
    /// Nothing was changed, and something was learnt that the next plan depends on.
    Looked,
    /// It is under way: what is waited for.
    Waiting(String),
    /// It was there, and is deleted or on its way.
    Deleted,
    /// Nothing was done, for this reason.
    Skipped(String),
    /// It could not be done.
    Failed(Error),
    /// It could not be done, for a reason that lies beyond the API server.
    Impossible(String),
}

impl Done {
    /// Whether the cluster was changed.
    pub fn is_write(&self) -> bool {
        matches!(self, Done::Created | Done::Configured(_) | Done::Deleted)
    }

    /// Whether the next plan may be another one.
    pub fn is_news(&self) -> bool {
        self.is_write() || *self == Done::Looked
    }

    /// Why it failed, if it did.
    pub fn failure(&self) -> Option<String> {
        match self {
            Done::Failed(error) => Some(error.to_string()),
            Done::Impossible(why) => Some(why.clone()),
            Done::Created
            | Done::Configured(_)
            | Done::Unchanged
            | Done::Looked
            | Done::Waiting(_)
            | Done::Deleted
            | Done::Skipped(_) => None,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome { concern: _, object, done } = self;
        match done {
            Done::Created => write!(formatter, "{object} created"),
            Done::Configured(fields) if fields.is_empty() => write!(formatter, "{object} configured"),
            Done::Configured(fields) => write!(formatter, "{object} configured: {}", fields.join(", ")),
            Done::Unchanged => write!(formatter, "{object} unchanged"),
            Done::Looked => write!(formatter, "{object} looked at"),
            Done::Waiting(what) => write!(formatter, "{object} under way: {what}"),
            Done::Deleted => write!(formatter, "{object} deleted"),
            Done::Skipped(why) => write!(formatter, "{object} skipped: {why}"),
            Done::Failed(error) => write!(formatter, "{object} failed: {error}"),
            // A service's own sentence begins with what it is about.
            Done::Impossible(why) if why.starts_with(object.as_str()) => write!(formatter, "failed: {why}"),
            Done::Impossible(why) => write!(formatter, "{object} failed: {why}"),
        }
    }
}
