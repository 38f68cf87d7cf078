//! CustomResourceDefinitions: our own, and those of OpenShift.

use super::objects::Objects;
use super::wait::eventually;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::Duration;

const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/manifests");
const MINIMAL: &str = include_str!("crds.yaml");
const API_VERSION: &str = "apiextensions.k8s.io/v1";
const KIND: &str = "CustomResourceDefinition";
const OWN_GROUP: &str = "imageregistry.operator.openshift.io";

/// Installs everything and waits until it is served. OpenShift's CRDs come from the directory in `REAL_CRDS`, else
/// from `crds.yaml` beside this file.
///
/// # Errors
/// A file that cannot be read, or the API server's answer.
pub async fn install(objects: &Objects) -> Result<(), String> {
    let mut crds = directory(Path::new(OWN))?;
    match std::env::var_os("REAL_CRDS") {
        // The published ones of our group are what tests/schema.rs compares ours with.
        Some(real) => {
            crds.extend(directory(Path::new(&real))?.into_iter().filter(|crd| crd["spec"]["group"] != OWN_GROUP))
        }
        None => crds.extend(documents("crds.yaml", MINIMAL)?),
    }
    for crd in &crds {
        let explain = |error| format!("CustomResourceDefinition {}: {error}", crd["metadata"]["name"]);
        objects.apply(crd).await.map_err(explain)?;
    }
    for crd in &crds {
        let name = crd["metadata"]["name"].as_str().unwrap_or_default();
        eventually(Duration::from_secs(20), &format!("{name} is established"), async || {
            let found = objects.get(API_VERSION, KIND, "", name).await.unwrap_or_default();
            let conditions = found["status"]["conditions"].as_array().cloned().unwrap_or_default();
            let established = conditions.iter().any(|c| c["type"] == "Established" && c["status"] == "True");
            if established { Ok(()) } else { Err(Value::from(conditions).to_string()) }
        })
        .await;
    }
    Ok(())
}

fn directory(path: &Path) -> Result<Vec<Value>, String> {
    let explain = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(explain)? {
        let file = entry.map_err(explain)?.path();
        if file.extension().is_some_and(|extension| extension == "yaml") {
            found.extend(documents(&file.display().to_string(), &fs::read_to_string(&file).map_err(explain)?)?);
        }
    }
    Ok(found)
}

/// The documents of a YAML text.
///
/// # Errors
/// What is not YAML.
pub fn documents(name: &str, text: &str) -> Result<Vec<Value>, String> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| format!("{name}: {error}"))?;
    Ok(documents.into_iter().filter(|document| !document.is_null()).collect())
}
