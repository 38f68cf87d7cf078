//! The image: what is in it, how it is configured, and that it runs as OpenShift runs it.
//!
//! `cargo test` leaves these tests out, since they need a release build, which takes minutes. `just image-check` and
//! `.ci/run` run them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

mod configured;
mod container;
mod contents;
mod image;
mod names;
mod network;
mod runs;
#[path = "../support/mod.rs"]
mod support;
mod tools;
