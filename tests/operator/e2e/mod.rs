//! The reference's end-to-end tests.

mod cluster_settings;
mod config;
mod drift;
mod leader_election;
mod lifecycle;
mod pruner;
mod routes;
mod storage;
mod support;
