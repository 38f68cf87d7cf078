//! The operator: observe, render, execute, report, in one loop.

pub mod controller_config;
pub mod files;
pub mod logging;
pub mod metrics;
pub mod serving;
