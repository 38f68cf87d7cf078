//! What every backend can do. The order and the conditions of these steps are in `work.rs`, the same for all.

use super::trouble::Trouble;
use crate::inputs::{Fact, Told};

/// A medium at its service. Every step can be stopped at any call and started anew; whoever does so ends up with one
/// medium.
pub(super) trait Driver: Send {
    /// Whether the medium is there. One call as long as nothing has changed and no token has to be renewed.
    fn look(&mut self) -> impl Future<Output = Result<Seen, Trouble>> + Send;

    /// Whose mark a medium bears that was found.
    fn mark(&mut self) -> impl Future<Output = Result<Mark, Trouble>> + Send;

    /// Creates what is missing and takes over what is there already and is ours. A name that somebody else has taken
    /// is a trouble.
    fn create(&mut self) -> impl Future<Output = Result<(), Trouble>> + Send;

    /// Makes the settings of a medium of ours what they should be: what is right is not written, what others set stays.
    /// A setting that fails is among what is returned; a trouble is what the registry cannot do without.
    fn settle(&mut self) -> impl Future<Output = Result<Vec<Setting>, Trouble>> + Send;

    /// What only the service can tell and the registry needs, of a medium that was found, whosever it is.
    fn tell(&mut self) -> impl Future<Output = Result<Told, Trouble>> + Send;

    /// Whether the service tells something else than it did when it was last asked by [`Driver::tell`], as far as a look
    /// has shown.
    fn tells_anew(&self) -> bool {
        false
    }

    /// Removes a part of the content at a time, then the medium. One that is gone is removed.
    fn remove(&mut self) -> impl Future<Output = Result<Removal, Trouble>> + Send;
}

/// Whether a medium is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It is.
    Found,
    /// The service says that it is not.
    Missing,
}

/// Whose a medium is, by tags, labels or metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// This cluster's.
    Ours,
    /// Another cluster's, of this name.
    Others(String),
    /// It bears none.
    None,
    /// The service keeps no marks, so that only the name and the account tell.
    Unsupported,
}

/// What became of one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// What there is to say of it.
    pub fact: Fact,
    /// What was written, for people, as `tags`.
    pub changed: Option<&'static str>,
    /// Whether it failed for a reason that may pass.
    pub again: bool,
}

/// How far a removal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Removal {
    /// Nothing is left.
    Done,
    /// The medium is gone, but something stays that came with it; what and why, for people.
    DoneExcept(String),
    /// There is more to remove; so much was removed by this step, for people.
    Going(String),
}
