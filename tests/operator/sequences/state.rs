//! The state of everything that the operator writes, so that two of them can be compared.

use crate::cluster::Cluster;
use crate::owned::{MANAGER, owned, title};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The operator's field manager for what it derives in Config.
const DEFAULTS: &str = "image-registry-operator-defaults";

/// What the API server and controllers add, and what says how an object came about.
const ADDED: [&str; 5] = ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"];
/// Annotations of controllers, and a hash over a certificate that every cluster draws anew.
const COUNTED: [&str; 3] = [
    "deployment.kubernetes.io/revision",
    "deprecated.daemonset.template.generation",
    "imageregistry.operator.openshift.io/dependencies-checksum",
];

/// Objects by kind and name, without what differs between two clusters of the same state.
pub type State = BTreeMap<String, Value>;

/// Config/cluster.
pub async fn config(cluster: &Cluster) -> Value {
    cluster.get("imageregistry.operator.openshift.io/v1", "Config", "", "cluster").await.unwrap()
}

/// The state now. Of a secret that the operator has drawn, only that it is there.
pub async fn state(cluster: &Cluster, asked: &Value) -> State {
    let mut objects = owned(cluster).await;
    for (api_version, kind, name) in [
        ("imageregistry.operator.openshift.io/v1", "ImagePruner", "cluster"),
        ("config.openshift.io/v1", "ClusterOperator", "image-registry"),
        ("config.openshift.io/v1", "Image", "cluster"),
    ] {
        objects.extend(cluster.get(api_version, kind, "", name).await);
    }
    let config = config(cluster).await;
    if let Some(claim) = config["spec"]["storage"]["pvc"]["claim"].as_str() {
        objects.extend(cluster.get("v1", "PersistentVolumeClaim", "openshift-image-registry", claim).await);
    }
    let is_minted = asked["httpSecret"].as_str().is_none_or(str::is_empty);
    let minted = config["spec"]["httpSecret"].as_str().filter(|_| is_minted).map(str::to_owned);
    objects.push(config);
    let mut state: State = objects.iter().map(|object| (title(object), essence(object, minted.as_deref()))).collect();
    // What the operator had derived and the user has set since to the same value is owned by both.
    if let Some(state) = asked["storage"]["managementState"].as_str().and(state.get_mut("Config cluster")) {
        let derived = format!("/owned/{DEFAULTS} Apply/f:spec/f:storage");
        let is_hollow = state.pointer_mut(&derived).and_then(Value::as_object_mut).is_some_and(|fields| {
            fields.remove("f:managementState");
            fields.is_empty()
        });
        if is_hollow {
            let parent = state.pointer_mut(derived.trim_end_matches("/f:storage")).and_then(Value::as_object_mut);
            parent.map(|fields| fields.remove("f:storage"));
        }
    }
    if let (Some("Removed"), Some(state)) = (asked["managementState"].as_str(), state.get_mut("Config cluster")) {
        without_derived(state);
    }
    state
}

/// What was derived for a registry stays when that is removed, since the next one goes on with it; a Config that never
/// had one lacks it.
fn without_derived(config: &mut Value) {
    let derived = format!("{DEFAULTS} Apply");
    for (parent, name) in
        [("/metadata", "finalizers"), ("/spec", "httpSecret"), ("/spec", "observedConfig"), ("/owned", &derived)]
    {
        config.pointer_mut(parent).and_then(Value::as_object_mut).map(|fields| fields.remove(name));
    }
}

/// What counts of an object: what was written, and who owns what of it.
fn essence(object: &Value, minted: Option<&str>) -> Value {
    let mut object = object.clone();
    let ours: Map<String, Value> = object["metadata"]["managedFields"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|entry| entry["manager"] == MANAGER || entry["manager"] == DEFAULTS)
        .map(|entry| {
            let text = |field: &str| entry[field].as_str().unwrap_or_default();
            let name = format!("{} {} {}", text("manager"), text("operation"), text("subresource"));
            (name.trim_end().to_owned(), entry["fieldsV1"].clone())
        })
        .collect();
    let metadata = object["metadata"].as_object_mut().unwrap();
    metadata.retain(|name, _| !ADDED.contains(&name.as_str()));
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations
            .iter_mut()
            .filter(|(name, _)| COUNTED.contains(&name.as_str()))
            .for_each(|(_, value)| *value = json!("…"));
    }
    match object["kind"].as_str().unwrap() {
        "Config" => {
            let status = object["status"].as_object_mut().unwrap();
            status.retain(|name, _| !["generations", "observedGeneration"].contains(&name.as_str()));
        }
        "ImagePruner" => drop(object["status"].as_object_mut().unwrap().remove("observedGeneration")),
        "ClusterOperator" | "Image" => {}
        "Service" => {
            object["spec"].as_object_mut().unwrap().retain(|name, _| !name.starts_with("clusterIP"));
            drop(object.as_object_mut().unwrap().remove("status"));
        }
        "PersistentVolumeClaim" => {
            let metadata = &object["metadata"];
            object = json!({"metadata": {"annotations": metadata["annotations"]}, "spec": object["spec"]});
            object["spec"].as_object_mut().unwrap().remove("volumeName");
        }
        _ => drop(object.as_object_mut().unwrap().remove("status")),
    }
    object["owned"] = Value::Object(ours);
    without_times(&mut object, minted);
    object
}

fn without_times(value: &mut Value, minted: Option<&str>) {
    match value {
        Value::Object(map) => {
            map.retain(|name, _| name != "lastTransitionTime");
            map.iter_mut()
                .filter(|(name, _)| COUNTED.contains(&name.as_str()))
                .for_each(|(_, value)| *value = json!("…"));
            map.values_mut().for_each(|value| without_times(value, minted));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| without_times(item, minted)),
        Value::String(text) if minted == Some(text) => *text = "<minted>".to_owned(),
        _ => {}
    }
}

/// Whether Config reports that all pods are as they should be.
pub fn is_rolled_out(state: &State) -> bool {
    let conditions = state["Config cluster"]["status"]["conditions"].as_array().into_iter().flatten();
    let is = |type_: &str, status: &str| {
        conditions.clone().any(|condition| condition["type"] == type_ && condition["status"] == status)
    };
    is("Available", "True") && is("Progressing", "False") && is("Degraded", "False")
}

/// Whether it is a map or a list with nothing in it.
pub fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

/// Every difference, with its path.
pub fn differences(one: &State, other: &State) -> Vec<String> {
    let mut found = Vec::new();
    let names: std::collections::BTreeSet<_> = one.keys().chain(other.keys()).collect();
    for name in names {
        compare(name, one.get(name), other.get(name), &mut found);
    }
    found
}

fn compare(path: &str, one: Option<&Value>, other: Option<&Value>, found: &mut Vec<String>) {
    match (one, other) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let names: std::collections::BTreeSet<_> = one.keys().chain(other.keys()).collect();
            for name in names {
                compare(&format!("{path} / {name}"), one.get(name), other.get(name), found);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                compare(&format!("{path} / {index}"), Some(one), Some(other), found);
            }
        }
        (one, other) if one == other => {}
        // What was applied empty over more is not there.
        (Some(one), None) | (None, Some(one)) if is_empty(one) => {}
        (one, other) => {
            let show = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
            found.push(format!("{path}: {} instead of {}", show(one), show(other)));
        }
    }
}
