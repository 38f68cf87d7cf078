//! The types the operator reads and writes, the schemas generated from them, and
//! the validation of documents against those schemas. Pure: no I/O, no clock.

pub mod azure;
pub mod config;
mod config_status;
pub mod crd;
pub mod cron;
pub mod duration;
pub mod image_pruner;
pub(crate) mod nearest;
pub mod openshift;
pub mod quantity;
mod schema;
pub mod secret;
pub mod storage;
mod storage_azure;
mod storage_s3;
pub mod tls;
pub mod url;
pub mod validate;
pub(crate) mod yaml;

pub use config::{Config, ConfigSpec, ConfigStatus};
pub use duration::GoDuration;
pub use image_pruner::{ImagePruner, ImagePrunerSpec, ImagePrunerStatus};
pub use secret::Secret;
