//! Secrets where anybody may read them.

use super::finding;
use crate::problem::Problem;
use crate::render::manifest::Manifest;
use serde_json::Value;

/// No private key and no credentials file outside Secrets. A Route's own key is where the router reads it.
pub(super) fn check_no_secret_outside(manifest: &Manifest, findings: &mut Vec<Problem>) {
    if matches!(manifest.id().kind.as_str(), "Secret" | "Route") {
        return;
    }
    if holds_secret(manifest.body()) {
        let message = "holds a private key or a credentials file".to_owned();
        let remedy = "keep certificates only in ConfigMaps, and keys in Secrets";
        findings.push(finding(manifest, "", "SecretOutsideSecret", message, remedy));
    }
}

fn holds_secret(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("PRIVATE KEY-----") || text.contains("aws_secret_access_key"),
        Value::Array(items) => items.iter().any(holds_secret),
        Value::Object(map) => map.values().any(holds_secret),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
