//! `kubectl apply` of the manifests, as the README says, and the operator of its Deployment with the rights of its account.

use crate::cluster::audit::writes;
use crate::cluster::operator::{Operator, Options};
use crate::cluster::pod::Pod;
use crate::cluster::world::RELEASE_VERSION;
use crate::cluster::{Cluster, eventually};
use crate::install::{empty_dir, ready};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const NAMESPACE: &str = "openshift-image-registry";
const OPERATOR: &str = "cluster-image-registry-operator";
const SOON: Duration = Duration::from_secs(30);

/// A file with the manifests, with images and a version as a release has them.
fn release(cluster: &Cluster) -> PathBuf {
    let images = ["operator", "registry", "cli"].map(|name| format!("registry.example.com/{name}@sha256:aaaa"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/install.sh");
    let output = Command::new("bash").arg(script).args(images).arg(RELEASE_VERSION).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let file = cluster.directory().join("release.yaml");
    fs::write(&file, output.stdout).unwrap();
    file
}

/// A node of the control plane, which the operator runs on.
async fn control_plane_node(cluster: &Cluster) {
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}});
    cluster.merge(&node, json!({"metadata": {"labels": {"node-role.kubernetes.io/master": ""}}})).await.unwrap();
}

async fn deployment(cluster: &Cluster) -> Value {
    cluster.get("apps/v1", "Deployment", NAMESPACE, OPERATOR).await.unwrap()
}

/// The statuses of Available, Progressing and Degraded, and the version of the operator.
async fn cluster_operator(cluster: &Cluster) -> Value {
    let found =
        cluster.get("config.openshift.io/v1", "ClusterOperator", "", "image-registry").await.unwrap_or_default();
    let conditions = found["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let status = |wanted: &str| {
        let condition = conditions.iter().find(|condition| condition["type"] == wanted);
        condition.map_or(Value::Null, |condition| condition["status"].clone())
    };
    let versions = found["status"]["versions"].as_array().cloned().unwrap_or_default();
    let version =
        versions.iter().find(|version| version["name"] == "operator").map(|version| version["version"].clone());
    json!([status("Available"), status("Progressing"), status("Degraded"), version])
}

async fn reported(cluster: &Cluster) {
    eventually(SOON, "the ClusterOperator says that all is well", async || {
        let seen = cluster_operator(cluster).await;
        if seen == json!(["True", "False", "False", RELEASE_VERSION]) { Ok(()) } else { Err(seen.to_string()) }
    })
    .await;
}

#[tokio::test]
async fn the_manifests_bring_up_an_operator_that_needs_no_more_than_they_allow() {
    let cluster = Cluster::acquire().await;
    control_plane_node(&cluster).await;
    let manifests = release(&cluster);
    let manifests = manifests.to_str().unwrap();
    let applied = cluster.kubectl(&["apply", "-f", manifests]);
    assert!(applied.contains(&format!("deployment.apps/{OPERATOR} created")), "{applied}");

    let pod = Pod::of(&cluster, OPERATOR).await;
    let mark = cluster.audit_mark().await;
    let options = Options { arguments: pod.arguments, environment: pod.environment };
    let operator = Operator::start_with(&cluster, &pod.kubeconfig, options);
    reported(&cluster).await;
    cluster.apply(&empty_dir()).await.unwrap();
    // Available is what a registry is, too, that is Removed as on this platform at first.
    eventually(SOON, "the registry is ready", async || {
        let seen = cluster.config_condition("Available").await.unwrap_or_default();
        if seen["reason"] == "Ready" { Ok(()) } else { Err(seen.to_string()) }
    })
    .await;
    ready(&cluster).await;
    reported(&cluster).await;
    let requests = cluster.requests_since(mark, &pod.user).await;
    let refused: Vec<_> = requests.iter().filter(|request| request.code == 403).collect();
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(requests.len() > 50, "{} requests are not what it takes", requests.len());

    // Once more: nothing moves, neither through the installer nor through the operator.
    let before = deployment(&cluster).await;
    let mark = cluster.audit_mark().await;
    let applied = cluster.kubectl(&["apply", "-f", manifests]);
    let moved: Vec<&str> = applied.lines().filter(|line| !line.ends_with(" unchanged")).collect();
    assert!(moved.is_empty(), "{moved:#?}");
    assert_eq!(deployment(&cluster).await["metadata"]["generation"], before["metadata"]["generation"]);
    reported(&cluster).await;
    let requests = cluster.requests_since(mark, &pod.user).await;
    let mut writes = writes(&requests);
    writes.retain(|request| request.resource != "leases");
    assert!(writes.is_empty(), "{writes:#?}\n{}", operator.log_tail());
}
