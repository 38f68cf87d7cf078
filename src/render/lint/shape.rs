//! What must not be sent at all.

use super::finding;
use crate::problem::Problem;
use crate::render::manifest::Manifest;
use serde_json::Value;
use std::collections::BTreeSet;

/// Fields in which an empty map or list means something: everything, everywhere, or this kind of volume or storage.
const MEANINGFUL_WHEN_EMPTY: [&str; 20] = [
    // The user's way to have none of the default; the API server keeps the parts, too.
    "affinity",
    "nodeAffinity",
    "podAffinity",
    "podAntiAffinity",
    // These select nothing, or everything.
    "nodeSelectorTerms",
    "preference",
    "egress",
    "ingress",
    "podSelector",
    "namespaceSelector",
    "labelSelector",
    "emptyDir",
    "storage",
    "s3",
    "gcs",
    "azure",
    "swift",
    "ibmcos",
    "pvc",
    "securityContext",
];

/// No null, empty map or empty list: the API server drops them, and every later apply would differ.
pub(super) fn check_nothing_empty(manifest: &Manifest, findings: &mut Vec<Problem>) {
    visit(manifest.body(), "", "", &mut |path, field, value| {
        let is_empty = match value {
            Value::Null => true,
            Value::Object(map) => map.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        };
        if is_empty && !MEANINGFUL_WHEN_EMPTY.contains(&field) {
            findings.push(finding(manifest, path, "EmptyValue", "is empty; leave it out".to_owned(), ""));
        }
    });
}

/// Items of keyed lists have different keys: the API server refuses to apply them otherwise.
pub(super) fn check_unique_keys(manifest: &Manifest, findings: &mut Vec<Problem>) {
    visit(manifest.body(), "", "", &mut |path, field, value| {
        let key = match field {
            "env" | "containers" | "volumes" => "name",
            "volumeMounts" => "mountPath",
            _ => return,
        };
        let mut seen = BTreeSet::new();
        for name in value.as_array().into_iter().flatten().filter_map(|item| item.get(key)?.as_str()) {
            if !seen.insert(name) {
                let message = format!("has two items with {key} {name}");
                findings.push(finding(manifest, path, "DuplicateKey", message, ""));
            }
        }
    });
}

/// Calls back for every value beneath the root, with its path and the name of the field that holds it. Items of a
/// list have the list's name.
fn visit(value: &Value, path: &str, field: &str, found: &mut impl FnMut(&str, &str, &Value)) {
    if !path.is_empty() {
        found(path, field, value);
    }
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                visit(inner, &path, name, found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                visit(inner, &format!("{path}[{index}]"), field, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
