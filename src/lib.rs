//! OpenShift's image registry operator: a pure renderer of manifests and an executor that applies them.
//!
//! The modules depend on each other in one direction only: `cli` → `render` → `inputs` → `api`.
//! ARCHITECTURE.md is the map.

pub mod api;
pub mod cli;
pub mod inputs;
pub mod problem;
pub mod render;
