//! The objects of these tests, and waiting for what they show.

use crate::cluster::operator::{Operator, Options};
use crate::cluster::{Cluster, eventually};
use serde_json::{Value, json};
use std::time::Duration;

pub const NAMESPACE: &str = "openshift-image-registry";
/// The first deadline of the reference's tests is a minute; everything here takes seconds at most.
pub const SOON: Duration = Duration::from_secs(30);

/// An object's identity; a namespaced one is in the registry's namespace.
pub fn object(kind: &str, name: &str) -> Value {
    let api_version = match kind {
        "Config" | "ImagePruner" => "imageregistry.operator.openshift.io/v1",
        "Image" | "Proxy" | "APIServer" | "Infrastructure" | "ClusterOperator" => "config.openshift.io/v1",
        "Deployment" | "DaemonSet" => "apps/v1",
        "CronJob" | "Job" => "batch/v1",
        "NetworkPolicy" => "networking.k8s.io/v1",
        "PodDisruptionBudget" => "policy/v1",
        "ClusterRole" | "ClusterRoleBinding" => "rbac.authorization.k8s.io/v1",
        "Route" => "route.openshift.io/v1",
        "Lease" => "coordination.k8s.io/v1",
        _ => "v1",
    };
    let is_of_cluster = api_version.contains(".openshift.io") && kind != "Route"
        || kind.starts_with("ClusterRole")
        || kind == "Namespace";
    let namespace = if is_of_cluster { Value::Null } else { json!(NAMESPACE) };
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": namespace}})
}

/// Config/cluster.
pub fn config() -> Value {
    object("Config", "cluster")
}

/// The registry's Deployment.
pub fn registry() -> Value {
    object("Deployment", "image-registry")
}

/// A ConfigMap of namespace openshift-config.
pub fn user_map(name: &str, data: Value) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "openshift-config"},
        "data": data,
    })
}

/// Starts an operator that looks at rarely changing inputs every second.
pub fn start(cluster: &Cluster, options: Options) -> Operator {
    let arguments = ["--turn", "1"].map(str::to_owned).to_vec();
    Operator::start(cluster, Options { arguments, ..options })
}

/// The object now, or null; without the managers of its fields, which would fill the screen when a test fails.
pub async fn now(cluster: &Cluster, object: &Value) -> Value {
    let (api, name) = cluster.api_of(object);
    let Some(mut found) = api.get_opt(name).await.unwrap() else { return Value::Null };
    found.metadata.managed_fields = None;
    json!(found)
}

/// Waits until the object is as it should be; gives it.
pub async fn until(cluster: &Cluster, object: &Value, what: &str, is_right: impl Fn(&Value) -> bool) -> Value {
    let what = format!("{} {}: {what}", object["kind"], object["metadata"]["name"]);
    eventually(SOON, &what, async || {
        let found = now(cluster, object).await;
        if is_right(&found) { Ok(found) } else { Err(found.to_string()) }
    })
    .await
}

/// Waits until each JSON pointer into the object holds the value; null is nothing.
pub async fn shows(cluster: &Cluster, object: &Value, wanted: &[(&str, Value)]) -> Value {
    let what = wanted.iter().map(|(pointer, value)| format!("{pointer} is {value}")).collect::<Vec<_>>().join(", ");
    until(cluster, object, &what, |found| {
        let value = |pointer| found.pointer(pointer).unwrap_or(&Value::Null);
        !found.is_null() && wanted.iter().all(|(pointer, wanted)| value(pointer) == wanted)
    })
    .await
}

/// Waits until the object exists.
pub async fn exists(cluster: &Cluster, object: &Value) -> Value {
    until(cluster, object, "exists", |found| !found.is_null()).await
}

/// Waits until the object does not exist.
pub async fn is_gone(cluster: &Cluster, object: &Value) {
    until(cluster, object, "is gone", Value::is_null).await;
}

/// The condition of that type, or null.
pub fn condition<'a>(object: &'a Value, type_: &str) -> &'a Value {
    let conditions = object["status"]["conditions"].as_array();
    conditions.into_iter().flatten().find(|found| found["type"] == type_).unwrap_or(&Value::Null)
}

/// Waits until the object has each condition, as type, status and reason, for its newest generation.
pub async fn reports(cluster: &Cluster, object: &Value, wanted: &[[&str; 3]]) -> Value {
    until(cluster, object, &format!("{wanted:?}"), |found| {
        let is_current = ["Config", "ImagePruner"].iter().all(|kind| object["kind"] != *kind)
            || found["status"]["observedGeneration"] == found["metadata"]["generation"];
        let holds = |[type_, status, reason]: &[&str; 3]| {
            let condition = condition(found, type_);
            condition["status"] == *status && condition["reason"] == *reason
        };
        is_current && wanted.iter().all(holds)
    })
    .await
}

/// The conditions of a registry that is ready.
pub const READY: [[&str; 3]; 4] = [
    ["Available", "True", "Ready"],
    ["Progressing", "False", "Ready"],
    ["Degraded", "False", "AsExpected"],
    ["Removed", "False", "AsExpected"],
];

/// The conditions of a registry that is removed.
pub const REMOVED: [[&str; 3]; 4] = [
    ["Available", "True", "Removed"],
    ["Progressing", "False", "Removed"],
    ["Degraded", "False", "Removed"],
    ["Removed", "True", "Removed"],
];

/// Changes Config's spec, and waits until the registry is ready with that.
pub async fn configure(cluster: &Cluster, spec: Value) {
    patch(cluster, spec).await;
    reports(cluster, &config(), &READY).await;
}

/// Changes Config's spec.
pub async fn patch(cluster: &Cluster, spec: Value) {
    cluster.merge(&config(), json!({ "spec": spec })).await.unwrap();
}

/// The environment of the registry's container, in order; a secret's value is null.
pub fn environment(deployment: &Value) -> Vec<(String, Value)> {
    let variables = deployment["spec"]["template"]["spec"]["containers"][0]["env"].as_array();
    let pair = |variable: &Value| (variable["name"].as_str().unwrap().to_owned(), variable["value"].clone());
    variables.into_iter().flatten().map(pair).collect()
}

/// Waits until the registry's container has each variable; null is none.
pub async fn has_environment(cluster: &Cluster, wanted: &[(&str, Value)]) -> Value {
    until(cluster, &registry(), &format!("environment {wanted:?}"), |found| {
        let all = environment(found);
        let value = |name: &str| all.iter().find(|(found, _)| found == name).map_or(&Value::Null, |(_, value)| value);
        !all.is_empty() && wanted.iter().all(|(name, wanted)| value(name) == wanted)
    })
    .await
}
