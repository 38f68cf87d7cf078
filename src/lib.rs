//! OpenShift's image registry operator: a pure renderer of manifests and an executor that applies them.
//!
//! The modules depend on each other in one direction only: `cli`, `tests_ext` → `operator` → `execute` → `render` →
//! `inputs` → `api`.
//! ARCHITECTURE.md is the map.

pub mod api;
pub mod azure;
pub mod cli;
pub mod execute;
#[doc(hidden)]
pub mod fuzzing;
pub mod inputs;
pub mod move_blobs;
pub mod net;
pub mod node_ca;
pub mod operator;
pub mod problem;
pub mod render;
pub mod tests_ext;
