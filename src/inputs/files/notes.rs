//! What is said about objects that were ignored.

use super::object::Object;
use std::collections::BTreeMap;

/// Objects of one kind that are named one by one.
const NAMED: usize = 3;

/// Ignored objects by kind and reason.
#[derive(Debug, Default)]
pub(super) struct Notes {
    ignored: BTreeMap<(String, String), Vec<String>>,
}

impl Notes {
    /// Remembers that the object was ignored, and why.
    pub(super) fn ignore(&mut self, object: &Object, reason: &str) {
        let place = format!("{} in {}", object.label(), object.origin.file);
        self.ignored.entry((object.kind.clone(), reason.to_owned())).or_default().push(place);
    }

    /// One line each, or one line a kind where there are many; independent of the order of the input.
    pub(super) fn into_lines(self) -> Vec<String> {
        let mut lines = Vec::new();
        for ((kind, reason), mut places) in self.ignored {
            places.sort();
            match places.as_slice() {
                [first, ..] if places.len() > NAMED => {
                    lines.push(format!("{} of kind {kind}, the first {first}: {reason}, ignored", places.len()));
                }
                few => lines.extend(few.iter().map(|place| format!("{place}: {reason}, ignored"))),
            }
        }
        lines
    }
}
