//! Real servers and clients of the storage tests, installed at their first use and stopped with the test.
//!
//! Each is at a free port of 127.0.0.1 with state of its own, so that tests do not see each other's.

pub mod apt;
pub mod aws;
pub mod azurite;
pub mod crane;
pub mod deployment;
pub mod flux;
pub mod gcs;
mod go;
pub mod http;
mod install;
pub mod minio;
pub mod moto;
pub mod ote;
pub mod promtool;
pub mod registry;
mod running;
pub mod stock;
pub mod swift;
mod tar;

pub use self::aws::{Aws, Keys};
pub use self::azurite::Azurite;
pub use self::deployment::from_deployment;
pub use self::flux::flux_ssa;
pub use self::gcs::Gcs;
pub use self::minio::Minio;
pub use self::moto::Moto;
pub use self::ote::ote;
pub use self::registry::{Kind, Registry, push_pull, try_push_pull};
pub use self::swift::Swift;
