//! Prometheus' own checks of rules and metrics.

use super::{apt, install};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where promtool is, of Debian's package prometheus, installed at the first use. Any 2.x has what the tests need.
fn program() -> Result<PathBuf, String> {
    Ok(apt::unpacked("prometheus", "2.")?.join("usr/bin/promtool"))
}

/// Runs promtool in a directory; what it prints.
///
/// # Errors
/// That it cannot be had, or what it complains of.
pub fn run(directory: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut promtool = Command::new(program()?);
    let output = promtool.current_dir(directory).args(arguments).output().map_err(|error| error.to_string())?;
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(said) } else { Err(format!("promtool {}: {said}", arguments.join(" "))) }
}

/// What the linter says of metrics in the text format, a line for each complaint.
///
/// # Errors
/// That it cannot be had, or why the text cannot be read as metrics.
pub fn lint(metrics: &str) -> Result<Vec<String>, String> {
    let mut promtool = Command::new(program()?);
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = promtool.spawn().map_err(|error| error.to_string())?;
    let written = running.stdin.take().map(|mut stdin| stdin.write_all(metrics.as_bytes()));
    written.transpose().map_err(|error| error.to_string())?;
    let output = running.wait_with_output().map_err(|error| error.to_string())?;
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // 3 is that there are complaints, 1 that the text is no metrics.
    match output.status.code() {
        Some(0 | 3) => Ok(said.lines().map(str::to_owned).collect()),
        _ => Err(said),
    }
}

/// A place for files that promtool reads; it goes when it is dropped.
///
/// # Errors
/// Why there can be none.
pub fn directory() -> Result<tempfile::TempDir, String> {
    std::fs::create_dir_all(install::ROOT).map_err(|error| error.to_string())?;
    tempfile::tempdir_in(install::ROOT).map_err(|error| error.to_string())
}
