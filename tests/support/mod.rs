//! What the integration tests share.

#![allow(dead_code, unused_imports, reason = "every test crate uses a part of it")]

pub mod internet;
pub mod process;
pub mod servers;
