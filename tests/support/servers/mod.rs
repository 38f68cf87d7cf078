//! Real servers and clients of the storage tests, installed at their first use and stopped with the test.
//!
//! Each is at a free port of 127.0.0.1 with state of its own, so that tests do not see each other's.

pub mod aws;
mod go;
mod install;
pub mod moto;
mod running;

pub use self::aws::{Aws, Keys};
pub use self::moto::Moto;
