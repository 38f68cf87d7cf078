//! Back to a cluster in which the operator has never run.

use super::objects::{Objects, unless_gone};
use super::wait::eventually;
use super::world::{NAMESPACES, World};
use futures::future::try_join_all;
use kube::Error;
use serde_json::{Value, json};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(30);

/// What is removed from the [`NAMESPACES`], and without a namespace everywhere.
const KINDS: [(&str, &str); 29] = [
    // These may keep others from being removed.
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
    ("imageregistry.operator.openshift.io/v1", "Config"),
    ("imageregistry.operator.openshift.io/v1", "ImagePruner"),
    ("config.openshift.io/v1", "ClusterOperator"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "ReplicaSet"),
    ("batch/v1", "CronJob"),
    ("batch/v1", "Job"),
    ("v1", "Pod"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("v1", "Secret"),
    ("v1", "ConfigMap"),
    ("v1", "PersistentVolumeClaim"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
    ("coordination.k8s.io/v1", "Lease"),
    ("route.openshift.io/v1", "Route"),
    ("v1", "Event"),
    ("cloudcredential.openshift.io/v1", "CredentialsRequest"),
    ("monitoring.coreos.com/v1", "PrometheusRule"),
    ("monitoring.coreos.com/v1", "ServiceMonitor"),
    ("v1", "Namespace"),
];

/// How the namespaces begin that the extension of openshift-tests makes.
const PROBES: &str = "image-registry-probe-";

/// Cluster-wide roles and bindings of ours; the API server has many of its own.
const OURS: [&str; 4] =
    ["system:registry", "system:image-pruner", "registry-registry-role", "openshift-image-registry-pruner"];

/// Objects that the control plane puts into every namespace.
const BUILT_IN: [(&str, &str); 2] = [("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")];

/// Removes what is not part of the world, and restores the world.
pub async fn reset(objects: &Objects, world: &World) {
    let mut empty = 0;
    eventually(DEADLINE, "the cluster is empty", async || {
        let found = leftovers(objects, world).await.map_err(|error| error.to_string())?;
        // Controllers may still be creating what they decided on a moment ago.
        empty = if found.is_empty() { empty + 1 } else { 0 };
        for object in &found {
            remove(objects, object).await.map_err(|error| error.to_string())?;
        }
        let name = |object: &Value| format!("{}/{}", object["kind"], object["metadata"]["name"]);
        if empty > 2 { Ok(()) } else { Err(found.iter().map(name).collect::<Vec<_>>().join(", ")) }
    })
    .await;
    eventually(DEADLINE, "the world is restored", async || {
        world.restore(objects).await.map_err(|error| error.to_string())
    })
    .await;
}

async fn leftovers(objects: &Objects, world: &World) -> Result<Vec<Value>, Error> {
    let lists = try_join_all(KINDS.map(|(api_version, kind)| objects.list(api_version, kind, ""))).await?;
    Ok(lists.into_iter().flatten().filter(|object| removable(object) && !world.contains(object)).collect())
}

fn removable(object: &Value) -> bool {
    let kind = object["kind"].as_str().unwrap_or_default();
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    match object["metadata"]["namespace"].as_str() {
        Some(namespace) => NAMESPACES.contains(&namespace) && !BUILT_IN.contains(&(kind, name)),
        None if kind == "Namespace" => name.starts_with(PROBES),
        None => !kind.starts_with("ClusterRole") || OURS.contains(&name),
    }
}

/// Deletes an object, and takes the finalizers from one that is being deleted already.
async fn remove(objects: &Objects, object: &Value) -> Result<(), Error> {
    let metadata = &object["metadata"];
    if metadata["deletionTimestamp"].is_null() {
        objects.delete(object).await?;
    } else if metadata["finalizers"].is_array() {
        let stripped = objects.merge(object, json!({"metadata": {"finalizers": null}})).await;
        stripped.map(drop).or_else(unless_gone)?;
    }
    Ok(())
}
