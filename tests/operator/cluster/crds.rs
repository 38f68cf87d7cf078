//! CustomResourceDefinitions: our own, and those of OpenShift.

use super::objects::Objects;
use super::wait::eventually;
use futures::future::join_all;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::Duration;

const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/manifests");
const MINIMAL: &str = include_str!("crds.yaml");
/// Kinds that are only installed, for other components.
const OTHERS: &str = include_str!("other_crds.yaml");
const OWN_GROUP: &str = "imageregistry.operator.openshift.io";

/// Installs everything and waits until it is served. OpenShift's CRDs come from the directory in `REAL_CRDS`, else
/// from `crds.yaml` beside this file.
///
/// # Errors
/// A file that cannot be read, or the API server's answer.
pub async fn install(objects: &Objects) -> Result<(), String> {
    let mut crds = directory(Path::new(OWN))?;
    crds.retain(|object| object["kind"] == "CustomResourceDefinition");
    crds.extend(documents("other_crds.yaml", OTHERS)?);
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
    join_all(crds.iter().map(|crd| served(objects, crd))).await;
    Ok(())
}

/// Removes kinds, by `plural.group`, and waits until they are not served any more.
pub async fn remove(objects: &Objects, names: &[&str]) {
    for name in names {
        let crd = objects.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", name).await.unwrap();
        objects.delete(&crd).await.unwrap();
        let (api_version, kind) = version_and_kind(&crd);
        eventually(Duration::from_secs(20), &format!("{kind} is not served"), async || {
            match objects.list(&api_version, &kind, "").await {
                Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
                other => Err(format!("{:?}", other.map(|list| list.len()))),
            }
        })
        .await;
    }
}

fn version_and_kind(crd: &Value) -> (String, String) {
    let text = |path: &str| crd.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let api_version = format!("{}/{}", text("/spec/group"), text("/spec/versions/0/name"));
    (api_version, text("/spec/names/kind"))
}

/// Waits until a kind can be listed: its CRD is established before its storage is ready.
async fn served(objects: &Objects, crd: &Value) {
    let (api_version, kind) = version_and_kind(crd);
    eventually(Duration::from_secs(20), &format!("{kind} is served"), async || {
        objects.list(&api_version, &kind, "").await.map_err(|error| error.to_string())
    })
    .await;
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
