//! Storage: the operator and the services of clouds, with real servers wherever there are any.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

mod internet;
mod servers;
#[path = "../support/mod.rs"]
mod support;
#[path = "../render_facts/world.rs"]
mod world;
