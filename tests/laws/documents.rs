//! Fixtures as documents.

use cluster_image_registry_operator::inputs::Environment;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Every scenario, by name.
pub fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut all: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    assert!(all.len() >= 40, "only {} fixtures", all.len());
    all
}

/// The documents of a file.
pub fn split(text: &str) -> Vec<String> {
    text.split("\n---\n").map(str::to_owned).collect()
}

/// Fisher and Yates's shuffle with a small generator: the seed makes a failure repeatable.
pub fn shuffle(documents: &mut [String], mut seed: u64) {
    for last in (1..documents.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let range = u64::try_from(last).unwrap() + 1;
        documents.swap(last, usize::try_from((seed >> 33) % range).unwrap());
    }
}

/// The documents of a cluster without Config and ImagePruner, with credentials for every backend.
pub fn base() -> String {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/aws-default/input.yaml");
    let documents = split(&fs::read_to_string(fixture).unwrap());
    let ours = "apiVersion: imageregistry.operator.openshift.io/v1";
    let others = documents.into_iter().filter(|document| !document.contains(ours));
    let credentials = |document: String| {
        let clouds =
            "Y2xvdWRzOiB7b3BlbnN0YWNrOiB7YXV0aDoge2F1dGhfdXJsOiAiaHR0cHM6Ly9rIiwgdXNlcm5hbWU6IHUsIHBhc3N3b3JkOiBwfX19";
        let more = format!(
            "  azure_client_id: Yw==\n  azure_federated_token_file: L3Q=\n  service_account.json: e30=\n  \
             ibmcloud_api_key: aw==\n  clouds.yaml: {clouds}\n"
        );
        if document.contains("name: installer-cloud-credentials") { document + "\n" + &more } else { document }
    };
    others.map(credentials).collect::<Vec<_>>().join("\n---\n")
}

/// The base with these specs.
pub fn with_specs(base: &str, config: &Value, pruner: &Value) -> String {
    let document = |kind: &str, spec: &Value| {
        serde_json::json!({
            "apiVersion": "imageregistry.operator.openshift.io/v1",
            "kind": kind,
            "metadata": { "name": "cluster" },
            "spec": spec,
        })
        .to_string()
    };
    format!("{base}\n---\n{}\n---\n{}\n", document("Config", config), document("ImagePruner", pruner))
}

/// The environment of every scenario.
pub fn environment() -> Environment {
    let image = || Some("registry.example.com/image@sha256:0".to_owned());
    Environment {
        image: image(),
        image_pruner: image(),
        operator_image: image(),
        release_version: Some("4.22.3".to_owned()),
        ..Environment::default()
    }
}

/// Merges maps; anything else is replaced.
pub fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}
