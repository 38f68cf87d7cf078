//! Claims: the operator's and the user's, and from a claim to emptyDir.

use super::support::{
    NAMESPACE, READY, REMOVED, condition, config, configure, exists, is_gone, object, patch, registry, reports, shows,
    start,
};
use crate::cluster::Cluster;
use crate::cluster::operator::Options;
use crate::install::empty_dir;
use serde_json::{Value, json};

const CLAIM: &str = "/spec/template/spec/volumes/0/persistentVolumeClaim/claimName";

fn with_claim(claim: &str) -> Value {
    let mut config = empty_dir();
    config["spec"]["storage"] = json!({"pvc": {"claim": claim}});
    config
}

fn claim(name: &str) -> Value {
    object("PersistentVolumeClaim", name)
}

#[tokio::test]
async fn a_claim_of_the_operator() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&with_claim("")).await.unwrap();
    let _operator = start(&cluster, Options::default());
    reports(&cluster, &config(), &READY).await;
    default_pvc(&cluster).await;
    management_state(&cluster).await;
    removed_and_managed(&cluster).await;
    swap_storage(&cluster).await;
}

async fn default_pvc(cluster: &Cluster) {
    let wanted = [
        ("/spec/accessModes", json!(["ReadWriteMany"])),
        ("/spec/resources/requests/storage", json!("100Gi")),
        ("/metadata/annotations/imageregistry.openshift.io", json!("true")),
        ("/status/phase", json!("Bound")),
    ];
    shows(cluster, &claim("image-registry-storage"), &wanted).await;
    let found = shows(cluster, &registry(), &[(CLAIM, json!("image-registry-storage"))]).await;
    let mount = &found["spec"]["template"]["spec"]["containers"][0]["volumeMounts"][0];
    assert_eq!(mount["mountPath"], "/registry", "{found}");
    let wanted = [
        ("/spec/storage", json!({"managementState": "Managed", "pvc": {"claim": "image-registry-storage"}})),
        ("/status/storage", json!({"managementState": "Managed", "pvc": {"claim": "image-registry-storage"}})),
        ("/status/storageManaged", json!(true)),
    ];
    shows(cluster, &config(), &wanted).await;
}

/// Managed by default; the user's choice wins and is reported.
async fn management_state(cluster: &Cluster) {
    let reported = |state: &str| {
        [
            ("/spec/storage/managementState", json!(state)),
            ("/status/storage/managementState", json!(state)),
            ("/status/storageManaged", json!(state == "Managed")),
        ]
    };
    for state in ["Unmanaged", "Managed"] {
        patch(cluster, json!({"storage": {"managementState": state}})).await;
        shows(cluster, &config(), &reported(state)).await;
    }
}

/// The operator's claim goes with the registry, and comes again with it.
async fn removed_and_managed(cluster: &Cluster) {
    let before = exists(cluster, &claim("image-registry-storage")).await;
    patch(cluster, json!({"managementState": "Removed"})).await;
    is_gone(cluster, &claim("image-registry-storage")).await;
    reports(cluster, &config(), &REMOVED).await;
    shows(cluster, &config(), &[("/status/storage", json!({}))]).await;
    configure(cluster, json!({"managementState": "Managed"})).await;
    let after = exists(cluster, &claim("image-registry-storage")).await;
    assert_ne!(after["metadata"]["uid"], before["metadata"]["uid"]);
}

/// What was stored before stays, since it is the user's to delete.
async fn swap_storage(cluster: &Cluster) {
    configure(cluster, json!({"storage": {"pvc": null, "emptyDir": {}}})).await;
    let wanted =
        [(CLAIM, Value::Null), ("/spec/template/spec/volumes/0", json!({"name": "registry-storage", "emptyDir": {}}))];
    shows(cluster, &registry(), &wanted).await;
    shows(cluster, &config(), &[("/status/storage/emptyDir", json!({})), ("/status/storage/pvc", Value::Null)]).await;
    shows(cluster, &config(), &[("/status/storage/managementState", json!("Managed"))]).await;
    exists(cluster, &claim("image-registry-storage")).await;
}

#[tokio::test]
async fn claims_of_the_user() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&with_claim("shared")).await.unwrap();
    let _operator = start(&cluster, Options::default());
    missing_claim(&cluster).await;
    custom_rwx(&cluster).await;
    custom_rwo(&cluster).await;
}

fn of_user(name: &str, mode: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"accessModes": [mode], "resources": {"requests": {"storage": "1Gi"}}},
    })
}

/// A claim that the user names is the user's to create.
async fn missing_claim(cluster: &Cluster) {
    let found = reports(cluster, &config(), &[["Degraded", "True", "ObjectMissing"]]).await;
    let message = condition(&found, "Degraded")["message"].to_string();
    assert!(message.contains("PersistentVolumeClaim/openshift-image-registry/shared"), "{message}");
}

async fn custom_rwx(cluster: &Cluster) {
    cluster.apply(&of_user("shared", "ReadWriteMany")).await.unwrap();
    reports(cluster, &config(), &READY).await;
    shows(cluster, &registry(), &[(CLAIM, json!("shared"))]).await;
    configure(cluster, json!({"replicas": 2})).await;
    let wanted = [
        ("/status/storage/pvc/claim", json!("shared")),
        ("/status/storageManaged", json!(false)),
        ("/status/storage/managementState", json!("Unmanaged")),
        ("/spec/storage/managementState", json!("Unmanaged")),
    ];
    shows(cluster, &config(), &wanted).await;
}

/// One that can be mounted once needs one replica and Recreate; it is told what is wrong, and outlives the registry.
async fn custom_rwo(cluster: &Cluster) {
    cluster.apply(&of_user("single", "ReadWriteOnce")).await.unwrap();
    patch(cluster, json!({"storage": {"pvc": {"claim": "single"}}})).await;
    let found = reports(cluster, &config(), &[["Degraded", "True", "WrongAccessMode"], READY[0]]).await;
    let message = condition(&found, "Degraded")["message"].to_string();
    assert!(message.contains("more than one replica") && message.contains("RollingUpdate"), "{message}");
    configure(cluster, json!({"replicas": 1, "rolloutStrategy": "Recreate"})).await;
    shows(cluster, &registry(), &[(CLAIM, json!("single")), ("/spec/strategy/type", json!("Recreate"))]).await;
    patch(cluster, json!({"managementState": "Removed"})).await;
    reports(cluster, &config(), &REMOVED).await;
    for name in ["single", "shared"] {
        let kept = exists(cluster, &claim(name)).await;
        assert_eq!(kept["metadata"]["deletionTimestamp"], Value::Null);
    }
}
