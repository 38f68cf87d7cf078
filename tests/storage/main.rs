//! Storage: the operator and the services of clouds, with real servers wherever there are any.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

mod azure;
mod echo;
mod fence;
mod gcs;
mod ibm_cloud;
mod ibmcos;
mod internet;
mod lifecycle;
mod s3;
#[allow(dead_code, reason = "a part of it is used")]
#[path = "../render_facts/world.rs"]
mod scenarios;
mod servers;
#[path = "../support/mod.rs"]
mod support;
mod swift;
mod world;
