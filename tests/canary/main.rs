//! No secret leaves: a value that nothing else has is put into every place of a secret, and then looked for in
//! everything that is printed, written or shown by Debug.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

mod core_dump;
mod debug;
mod kubeconfig;
mod planting;
mod program;
mod search;
mod verbs;
mod world;
