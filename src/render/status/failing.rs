//! What the last execution could not carry out, by concern.

use crate::inputs::Inputs;
use crate::problem::Concern;

/// How long a failure may last before it is Degraded, where it may well pass by itself; in seconds (the reference's).
pub const INERTIA: i64 = 2 * 60;

/// The failures of a concern, taken together.
pub struct Failing {
    /// Every message once, a line each.
    pub message: String,
    /// For how long, in seconds; 0 if nobody knows what time it is.
    pub seconds: i64,
}

impl Failing {
    /// Whether it has lasted for the inertia.
    pub fn is_lasting(&self) -> bool {
        self.seconds >= INERTIA
    }
}

/// What fails of the concern; none if all was carried out.
pub fn of(inputs: &Inputs, concern: Concern) -> Option<Failing> {
    let failures = || inputs.observed.failures.iter().filter(|failure| stands_for(failure.concern) == concern);
    let since = failures().map(|failure| failure.since.0).min()?;
    // The order in which steps were carried out says nothing.
    let mut lines: Vec<&str> = failures().map(|failure| failure.message.as_str()).collect();
    lines.sort_unstable();
    lines.dedup();
    let seconds = inputs.observed.now.as_ref().map_or(0, |now| now.0.as_second() - since.as_second());
    Some(Failing { message: lines.join("\n"), seconds })
}

/// What concerns everything shows where people look first.
fn stands_for(concern: Concern) -> Concern {
    if matches!(concern, Concern::Inputs | Concern::Storage) { Concern::Registry } else { concern }
}
