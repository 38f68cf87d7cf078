//! How an action stands.

use super::trouble::Trouble;

/// How an action stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing has to be done now.
    Well,
    /// It is being worked on: what is waited for, for people.
    Waiting(String),
    /// Something has come out of it that was not told yet.
    News,
    /// It has to be started, for the first time or again.
    Due,
    /// It came to nothing, and that was told. It is started again when it is asked for again.
    Failed(Trouble),
}
