//! Checksums of what the registry's pods depend on.
//!
//! They are SHA-256 over Go's encoding/json of the object without type and metadata (k8s.io/api v0.35.1), so that
//! taking over a running registry changes nothing in its pod template. Field order is that of the Go types.

use crate::inputs::{ConfigMapData, SecretData};
use k8s_openapi::ByteString;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

#[derive(Serialize)]
struct ConfigMap<'a> {
    metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    immutable: Option<bool>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    data: &'a BTreeMap<String, String>,
    #[serde(rename = "binaryData", skip_serializing_if = "BTreeMap::is_empty")]
    binary_data: BTreeMap<&'a str, ByteString>,
}

#[derive(Serialize)]
struct Secret<'a> {
    metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    immutable: Option<bool>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    data: BTreeMap<&'a str, ByteString>,
    #[serde(rename = "type")]
    type_: &'a str,
}

/// `{}`: Go's zero ObjectMeta. Before k8s.io/api v0.34 it was `{"creationTimestamp":null}`.
#[derive(Serialize)]
struct Metadata {}

/// The checksum of a ConfigMap's content.
pub fn config_map(config_map: &ConfigMapData) -> String {
    let ConfigMapData { data, binary_data, immutable } = config_map;
    checksum(&ConfigMap {
        metadata: Metadata {},
        immutable: *immutable,
        data,
        binary_data: binary_data.iter().map(|(key, value)| (key.as_str(), ByteString(value.clone()))).collect(),
    })
}

/// The checksum of a Secret's content.
pub fn secret(secret: &SecretData) -> String {
    let SecretData { type_, data, immutable } = secret;
    checksum(&Secret {
        metadata: Metadata {},
        immutable: *immutable,
        data: data.iter().map(|(key, value)| (key.as_str(), ByteString(value.expose().to_vec()))).collect(),
        // The API server's default.
        type_: if type_.is_empty() { "Opaque" } else { type_ },
    })
}

/// The checksum of all dependencies, given as `configmap:<name>:<checksum>` and `secret:<name>:<checksum>`.
pub fn dependencies(entries: &[String]) -> String {
    // A Go slice that nothing was appended to is nil, which is null in JSON.
    checksum(&Some(entries).filter(|entries| !entries.is_empty()))
}

fn checksum(value: &impl Serialize) -> String {
    // None of the types above can fail to serialise: their keys are strings.
    let json = serde_json::to_string(value).unwrap_or_default();
    let hash = Sha256::digest(html_escaped(&json));
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// JSON with the escapes that Go adds to strings for the sake of HTML and JavaScript. These characters occur
/// nowhere else in JSON; all other escapes of Go and serde_json are the same.
fn html_escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    /// What Go made of `object`, a ConfigMap, a Secret or a list of strings.
    #[derive(Deserialize)]
    #[serde(tag = "kind", content = "object")]
    enum Vector {
        ConfigMap(k8s_openapi::api::core::v1::ConfigMap),
        Secret(k8s_openapi::api::core::v1::Secret),
        List(Vec<String>),
    }

    #[derive(Deserialize)]
    struct Case {
        #[serde(flatten)]
        vector: Vector,
        checksum: String,
    }

    fn of(vector: Vector) -> String {
        let owned = |map: Option<BTreeMap<String, ByteString>>| map.unwrap_or_default().into_iter();
        match vector {
            Vector::ConfigMap(object) => config_map(&ConfigMapData {
                data: object.data.unwrap_or_default(),
                binary_data: owned(object.binary_data).map(|(key, value)| (key, value.0)).collect(),
                immutable: object.immutable,
            }),
            Vector::Secret(object) => secret(&SecretData {
                type_: object.type_.unwrap_or_default(),
                data: owned(object.data).map(|(key, value)| (key, value.0.into())).collect(),
                immutable: object.immutable,
            }),
            Vector::List(entries) => dependencies(&entries),
        }
    }

    #[test]
    fn checksums_are_those_of_go() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/data/checksums.json")).unwrap();
        assert!(cases.len() > 20);
        for (at, case) in cases.into_iter().enumerate() {
            assert_eq!(of(case.vector), case.checksum, "case {at}");
        }
    }

    #[test]
    fn a_secret_without_a_type_is_opaque() {
        let typed = SecretData { type_: "Opaque".to_owned(), ..SecretData::default() };
        assert_eq!(secret(&SecretData::default()), secret(&typed));
    }
}
