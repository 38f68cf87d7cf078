//! What Prometheus is told: which metrics to read, what to make of them, when to raise an alarm.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

mod dashboard;
mod metrics;
mod promql;
mod rules;
mod runbooks;
mod service_monitors;
#[path = "../support/mod.rs"]
mod support;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A path in the repository.
fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a file of the repository.
fn read(path: &str) -> String {
    fs::read_to_string(in_repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The documents of a YAML file of the repository.
fn documents(path: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files in a directory of the repository with that ending, in order.
fn files(directory: &str, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(in_repository(directory)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(ending)).collect();
    names.sort();
    names
}

/// The objects of a kind in the manifests, each with its file.
fn manifests(kind: &str) -> Vec<(String, Value)> {
    let files = files("manifests", ".yaml").into_iter();
    let all = files.flat_map(|file| {
        let documents = documents(&format!("manifests/{file}"));
        documents.into_iter().map(move |document| (file.clone(), document))
    });
    all.filter(|(_, document)| document["kind"] == kind).collect()
}

/// The text at a JSON pointer.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer} in {value:#}"))
}

/// The list at a JSON pointer.
fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("no list at {pointer} in {value:#}"))
}
