//! Facts about plans that a golden file alone would not explain: why it looks as it does, and what must not change.
//!
//! Every test starts from a scenario of `fixtures/` and changes as little as its fact needs.
#![allow(clippy::unwrap_used, clippy::panic)]

mod certificates;
mod concerns;
mod conditions;
mod deletion;
mod derived_names;
mod failures;
mod hostnames;
mod refused;
mod removal;
mod reports;
mod secrets;
mod storage_actions;
mod storage_ownership;
mod transition;
mod world;
mod write_back;
