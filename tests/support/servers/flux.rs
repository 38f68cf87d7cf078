//! A program that applies objects as Flux does (Go, `tests/servers-go/flux-ssa`).

use super::go;
use std::path::PathBuf;

/// Where it is.
///
/// # Errors
/// Why it cannot be installed.
pub fn flux_ssa() -> Result<PathBuf, String> {
    go::program("flux-ssa")
}
