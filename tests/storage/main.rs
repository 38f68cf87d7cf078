//! Storage: the operator and clouds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod internet;
#[path = "../support/mod.rs"]
mod support;
mod world;
