//! Objects of which only maps of text are read: Secrets, ConfigMaps, labels and annotations.

use super::object::Object;
use super::report::Report;
use super::typed::field;
use crate::inputs::{ConfigMapData, SecretBytes, SecretData};
use k8s_openapi::ByteString;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A Secret: `data` decoded, `stringData` over it, as the API server merges them.
pub(super) fn secret(object: &Object, report: &mut Report) -> SecretData {
    let mut data: BTreeMap<String, SecretBytes> =
        decoded(object, "data", report).into_iter().map(|(key, value)| (key, value.into())).collect();
    data.extend(texts(object, "stringData", report).into_iter().map(|(key, value)| (key, value.into_bytes().into())));
    let type_ = match object.document.get("type") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => {
            wrong_type(object, "type", other, "text", report);
            String::new()
        }
    };
    SecretData { type_, data, immutable: immutable(object, report) }
}

/// A ConfigMap, with its binary values decoded.
pub(super) fn config_map(object: &Object, report: &mut Report) -> ConfigMapData {
    ConfigMapData {
        data: texts(object, "data", report),
        binary_data: decoded(object, "binaryData", report),
        immutable: immutable(object, report),
    }
}

/// A map of text such as `metadata.labels`; a missing one is empty.
pub(super) fn texts(object: &Object, path: &str, report: &mut Report) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for (key, value) in entries(object, path, report).into_iter().flatten() {
        match value {
            Value::String(text) => drop(texts.insert(key.clone(), text.clone())),
            Value::Null => drop(texts.insert(key.clone(), String::new())),
            other => wrong_type(object, &field(path, key), other, "text", report),
        }
    }
    texts
}

fn decoded(object: &Object, path: &str, report: &mut Report) -> BTreeMap<String, Vec<u8>> {
    let mut decoded = BTreeMap::new();
    for (key, value) in texts(object, path, report) {
        // Line breaks within base64 are fine for the API server.
        let compact: String = value.chars().filter(|char| !matches!(char, '\n' | '\r')).collect();
        match serde_json::from_value::<ByteString>(Value::String(compact)) {
            Ok(ByteString(bytes)) => drop(decoded.insert(key, bytes)),
            Err(_) => {
                let remedy = if path == "data" {
                    "encode the value, or move it to stringData"
                } else {
                    "encode the value, or move text to data"
                };
                report.object(object, field(path, &key), "InvalidBase64", "is not base64", remedy);
            }
        }
    }
    decoded
}

fn entries<'a>(object: &'a Object, path: &str, report: &mut Report) -> Option<&'a Map<String, Value>> {
    let value = path.split('.').try_fold(&object.document, |value, key| value.get(key))?;
    match value {
        Value::Object(entries) => Some(entries),
        Value::Null => None,
        other => {
            wrong_type(object, path, other, "a map", report);
            None
        }
    }
}

fn immutable(object: &Object, report: &mut Report) -> Option<bool> {
    match object.document.get("immutable") {
        None | Some(Value::Null) => None,
        Some(Value::Bool(value)) => Some(*value),
        Some(other) => {
            wrong_type(object, "immutable", other, "true or false", report);
            None
        }
    }
}

/// Says which type was found, never the value: it may be a secret that lacks its quotes.
fn wrong_type(object: &Object, path: &str, found: &Value, expected: &str, report: &mut Report) {
    let found = match found {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    };
    let remedy = if expected == "text" { "put the value in quotes" } else { "correct the field" };
    report.object(object, path, "InvalidInput", format!("has the wrong type: {found} instead of {expected}"), remedy);
}
