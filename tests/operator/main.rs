//! The operator and its objects against a real control plane.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

mod accepted;
mod bad_input;
mod cluster;
mod compare;
mod diagnostics;
mod drift;
mod e2e;
mod edits;
mod extension;
mod faults;
mod figures;
mod harness;
mod idle;
mod install;
mod installed;
mod leader;
mod metrics;
mod owned;
mod picture;
mod previews;
mod secrets;
mod sequences;
mod soak;
mod storage;
#[path = "../support/mod.rs"]
mod support;
mod takeover;
mod verbs;
