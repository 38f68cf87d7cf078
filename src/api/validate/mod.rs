//! Strict validation of raw Config and ImagePruner documents. It runs on the generated
//! schema, so it cannot disagree with the CRD, and goes further only where the API would
//! take what can never work (unknown fields, durations, cron schedules).
//!
//! The schema comes as JSON made beforehand (`schemas/`, kept current by a test):
//! generating it from the types takes several times as long as parsing it.

mod check;
mod rules;

use std::fmt;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::config::Config;
use super::crd::{GROUP, VERSION};
use super::image_pruner::ImagePruner;
use check::Checker;

pub use rules::known_rule;

/// One thing wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// Which field, e.g. `spec.storage.s3.chunkSizeMiB` or `spec.routes[1].name`; empty
    /// for the document as a whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}; {}", self.message, self.remedy)
    }
}

/// The schema of `spec` of a Config, as compact JSON.
pub const CONFIG_SCHEMA: &str = include_str!("../schemas/config.json");
/// The schema of `spec` of an ImagePruner, as compact JSON.
pub const IMAGE_PRUNER_SCHEMA: &str = include_str!("../schemas/image_pruner.json");

// A schema that did not parse would let everything through; the test that keeps the
// files current rules that out.
static CONFIG: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(CONFIG_SCHEMA).unwrap_or_default());
static IMAGE_PRUNER: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(IMAGE_PRUNER_SCHEMA).unwrap_or_default());

/// Fields of any content, which are passed on as they are.
const FREE_FORM: [&str; 2] = ["observedConfig", "unsupportedConfigOverrides"];

/// All problems of a Config document, in document order. `status` is not looked at.
pub fn validate_config(doc: &Value) -> Vec<FieldProblem> {
    validate(doc, "Config", &CONFIG)
}

/// All problems of an ImagePruner document, in document order. `status` is not looked at.
pub fn validate_image_pruner(doc: &Value) -> Vec<FieldProblem> {
    validate(doc, "ImagePruner", &IMAGE_PRUNER)
}

/// Validates and reads a Config. A `status` that cannot be read is dropped: it is a
/// report, not a wish.
pub fn parse_config(doc: &Value) -> Result<Config, Vec<FieldProblem>> {
    parse(doc, validate_config(doc))
}

/// Validates and reads an ImagePruner, as [`parse_config`] does.
pub fn parse_image_pruner(doc: &Value) -> Result<ImagePruner, Vec<FieldProblem>> {
    parse(doc, validate_image_pruner(doc))
}

fn validate(doc: &Value, kind: &str, spec_schema: &Value) -> Vec<FieldProblem> {
    let mut checker = Checker::default();
    let Some(root) = doc.as_object() else {
        checker.report("", format!("expected a {kind} document, found {}", check::type_name(doc)), "write a mapping");
        return checker.problems;
    };
    let api_version = format!("{GROUP}/{VERSION}");
    for (key, expected) in [("apiVersion", api_version.as_str()), ("kind", kind)] {
        if root.get(key).and_then(Value::as_str) != Some(expected) {
            checker.report(key, format!("this is not {expected:?}"), format!("write {key}: {expected}"));
        }
    }
    checker.unknown_fields(root, &["apiVersion", "kind", "metadata", "spec", "status"], "");
    let name = root.get("metadata").and_then(|m| m.get("name"));
    if !name.is_some_and(Value::is_string) {
        checker.report("metadata.name", "the object has no name", "write name: cluster");
    }
    match root.get("spec") {
        None | Some(Value::Null) => checker.report("spec", "required field is missing", "add spec"),
        Some(spec) => checker.value(spec_schema, spec, "spec"),
    }
    checker.problems
}

fn parse<T: DeserializeOwned>(doc: &Value, problems: Vec<FieldProblem>) -> Result<T, Vec<FieldProblem>> {
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut doc = doc.clone();
    prune_nulls(&mut doc);
    if let Ok(parsed) = serde_json::from_value(doc.clone()) {
        return Ok(parsed);
    }
    if let Some(root) = doc.as_object_mut() {
        root.remove("status");
    }
    // What is left unvalidated is metadata, so a failure here is one of metadata.
    serde_json::from_value(doc).map_err(|e| {
        let (path, message) = ("metadata".to_owned(), format!("it cannot be read: {e}"));
        vec![FieldProblem { path, message, remedy: "correct the metadata".to_owned() }]
    })
}

/// Drops nulls, as the API server does for fields that are not nullable, but leaves
/// free-form fields alone.
fn prune_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => prune_members(map),
        Value::Array(items) => items.iter_mut().for_each(prune_nulls),
        _ => {}
    }
}

fn prune_members(map: &mut Map<String, Value>) {
    map.retain(|_, v| !v.is_null());
    map.iter_mut().filter(|(key, _)| !FREE_FORM.contains(&key.as_str())).for_each(|(_, v)| prune_nulls(v));
}
