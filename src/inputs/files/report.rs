//! Problems in the making: kept with their position, so that they come out in the order of the input.

use super::limits;
use super::object::Object;
use super::origin::Origin;
use crate::problem::{Concern, Problem};

/// All problems found so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    problems: Vec<(Origin, Problem)>,
}

impl Report {
    /// Something about a file, or about a place in it.
    pub(super) fn file(
        &mut self,
        origin: &Origin,
        reason: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.push(origin, origin.to_string(), String::new(), reason, message.into(), remedy.into());
    }

    /// Something about an object, or about a field of it.
    pub(super) fn object(
        &mut self,
        object: &Object,
        path: impl Into<String>,
        reason: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let label = if object.origin == Origin::default() {
            object.label()
        } else {
            format!("{} ({})", object.label(), object.origin)
        };
        self.push(&object.origin, label, path.into(), reason, message.into(), remedy.into());
    }

    /// Something about all inputs together.
    pub(super) fn whole(&mut self, reason: &'static str, message: &str, remedy: &str) {
        let nowhere = Origin::default();
        self.push(&nowhere, "inputs".to_owned(), String::new(), reason, message.to_owned(), remedy.to_owned());
    }

    /// Whether nothing is wrong yet.
    pub(super) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// How many problems there are.
    pub(super) fn len(&self) -> usize {
        self.problems.len()
    }

    /// The value, unless there are problems; these come sorted by file and line.
    pub(super) fn into_result<T>(self, value: T) -> Result<T, Vec<Problem>> {
        if self.problems.is_empty() {
            return Ok(value);
        }
        let mut problems = self.problems;
        problems.sort();
        problems.dedup();
        let mut problems: Vec<Problem> = problems.into_iter().map(|(_, problem)| problem).collect();
        let more = problems.len().saturating_sub(limits::PROBLEMS);
        if more > 0 {
            problems.truncate(limits::PROBLEMS);
            problems.push(problem(
                "inputs".to_owned(),
                String::new(),
                "MoreProblems",
                format!("{more} more problems are not shown"),
                "correct these first".to_owned(),
            ));
        }
        Err(problems)
    }

    fn push(
        &mut self,
        origin: &Origin,
        object: String,
        path: String,
        reason: &'static str,
        message: String,
        remedy: String,
    ) {
        self.problems.push((origin.clone(), problem(object, path, reason, message, remedy)));
    }
}

fn problem(object: String, path: String, reason: &'static str, message: String, remedy: String) -> Problem {
    Problem { concern: Concern::Inputs, object, path, reason, message, remedy }
}
