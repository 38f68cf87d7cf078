//! A reader of the OpenShift Tests Extension protocol (Go), with the interpreter of expressions of `openshift-tests`.

use super::go;
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

/// What the reader says to the documents; see its source for what it takes and gives.
///
/// # Errors
/// Why it cannot be installed, or what is wrong with a document.
pub fn ote(documents: &Value) -> Result<Value, String> {
    let mut reader = Command::new(go::program("ote")?)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("ote: {error}"))?;
    let written = reader.stdin.take().map(|mut input| input.write_all(documents.to_string().as_bytes()));
    let output = reader.wait_with_output().map_err(|error| format!("ote: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    written.transpose().map_err(|error| format!("ote: {error}"))?;
    serde_json::from_slice(&output.stdout).map_err(|error| format!("ote: {error}"))
}
