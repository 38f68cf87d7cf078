//! Everything that the operator has a hand in, without what differs from run to run.

use crate::cluster::Cluster;
use futures::future::try_join_all;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NAMESPACE: &str = "openshift-image-registry";

/// The kinds, and where. Pods come and go with names that are drawn.
const PLACES: [(&str, &str, &str); 20] = [
    ("apps/v1", "Deployment", NAMESPACE),
    ("apps/v1", "DaemonSet", NAMESPACE),
    ("batch/v1", "CronJob", NAMESPACE),
    ("v1", "Service", NAMESPACE),
    ("v1", "ServiceAccount", NAMESPACE),
    ("v1", "Secret", NAMESPACE),
    ("v1", "ConfigMap", NAMESPACE),
    ("v1", "PersistentVolumeClaim", NAMESPACE),
    ("v1", "ConfigMap", "openshift-config-managed"),
    ("networking.k8s.io/v1", "NetworkPolicy", NAMESPACE),
    ("policy/v1", "PodDisruptionBudget", NAMESPACE),
    ("route.openshift.io/v1", "Route", NAMESPACE),
    ("rbac.authorization.k8s.io/v1", "Role", NAMESPACE),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", NAMESPACE),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", ""),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", ""),
    ("imageregistry.operator.openshift.io/v1", "Config", ""),
    ("imageregistry.operator.openshift.io/v1", "ImagePruner", ""),
    ("config.openshift.io/v1", "ClusterOperator", ""),
    ("config.openshift.io/v1", "Image", ""),
];

/// Roles and bindings of the cluster that are the operator's begin like this.
const OURS: [&str; 4] =
    ["system:registry", "system:image-pruner", "registry-registry-role", "openshift-image-registry-pruner"];

/// Given by the API server, by controllers, or by the clock.
const DRAWN: [&str; 18] = [
    "uid",
    "resourceVersion",
    "generation",
    "observedGeneration",
    "lastGeneration",
    "creationTimestamp",
    "time",
    "lastTransitionTime",
    "lastUpdateTime",
    "lastScheduleTime",
    "lastSuccessfulTime",
    "clusterIP",
    "clusterIPs",
    "terminatingReplicas",
    "collisionCount",
    "unavailableReplicas",
    "disruptionsAllowed",
    // A CA that comes after the first pod has begun is one more.
    "deployment.kubernetes.io/revision",
];

/// Objects by kind and name.
pub type Dump = BTreeMap<String, Value>;

/// The objects as they are now.
pub async fn dump(cluster: &Cluster) -> Dump {
    let lists = PLACES.map(|(api_version, kind, namespace)| cluster.list(api_version, kind, namespace));
    let found = try_join_all(lists).await.unwrap_or_else(|error| panic!("{error}"));
    let mut dump = Dump::new();
    for mut object in found.into_iter().flatten() {
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let kind = object["kind"].as_str().unwrap_or_default().to_owned();
        if !kind.starts_with("ClusterRole") || OURS.contains(&name.as_str()) {
            normalise(&mut object);
            dump.insert(format!("{kind} {name}"), object);
        }
    }
    dump
}

fn normalise(object: &mut Value) {
    strip(object);
    mask(object);
    // Others' parts may be split between their managers in many ways; ours may not.
    if let Some(entries) = object["metadata"]["managedFields"].as_array_mut() {
        entries
            .retain(|entry| entry["manager"].as_str().is_some_and(|name| name.starts_with("image-registry-operator")));
        entries.sort_by_key(Value::to_string);
    }
    // Of what is minted it matters that it is there.
    let minted = [
        "/spec/httpSecret",
        "/metadata/annotations/imageregistry.operator.openshift.io~1dependencies-checksum",
        "/spec/template/metadata/annotations/imageregistry.operator.openshift.io~1dependencies-checksum",
    ];
    for pointer in minted {
        object.pointer_mut(pointer).into_iter().for_each(present);
    }
    if object["kind"] == "Secret" {
        object["data"].as_object_mut().into_iter().flat_map(|data| data.values_mut()).for_each(present);
    }
}

/// A variable of a container that is minted, or a text with the name of a ReplicaSet.
fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) if fields.get("name").is_some_and(|name| name == "REGISTRY_HTTP_SECRET") => {
            fields.get_mut("value").into_iter().for_each(present);
        }
        Value::Object(fields) => {
            // Whoever has made a medium says so, and whoever finds it again says that.
            if fields.get("type").is_some_and(|type_| type_ == "StorageExists") {
                fields.retain(|name, _| matches!(name.as_str(), "type" | "status"));
            }
            fields.values_mut().for_each(mask);
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::String(text) if text.starts_with("ReplicaSet \"") => {
            let words: Vec<&str> = text.split(' ').filter(|word| !word.starts_with('"')).collect();
            *text = words.join(" ");
        }
        _ => {}
    }
}

fn present(value: &mut Value) {
    *value = json!(if value.as_str() == Some("") { "empty" } else { "present" });
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| !DRAWN.contains(&name.as_str()) || value.is_object());
            fields.values_mut().for_each(strip);
        }
        Value::Array(items) => {
            items.iter_mut().for_each(strip);
            // Controllers list conditions in any order.
            if items.iter().all(|item| item["type"].is_string()) {
                items.sort_by_key(|item| item["type"].to_string());
            }
        }
        _ => {}
    }
}

/// In what the second differs from the first, a line each.
pub fn differences(expected: &Dump, found: &Dump) -> Vec<String> {
    let mut lines = Vec::new();
    for title in expected.keys().chain(found.keys().filter(|title| !expected.contains_key(*title))) {
        match (expected.get(title), found.get(title)) {
            (Some(expected), Some(found)) => differ(title, expected, found, &mut lines),
            (Some(_), None) => lines.push(format!("{title} is missing")),
            (None, _) => lines.push(format!("{title} is one too many")),
        }
    }
    lines
}

fn differ(at: &str, expected: &Value, found: &Value, lines: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for name in expected.keys().chain(found.keys().filter(|name| !expected.contains_key(*name))) {
                let value = |of: &serde_json::Map<String, Value>| of.get(name).cloned().unwrap_or_default();
                differ(&format!("{at}/{name}"), &value(expected), &value(found), lines);
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                differ(&format!("{at}/{index}"), expected, found, lines);
            }
        }
        _ if expected == found => {}
        _ => lines.push(format!("{at} is {found} instead of {expected}")),
    }
}
