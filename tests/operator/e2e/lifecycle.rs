//! From bootstrap over Unmanaged and Removed to deletion, and what is repaired meanwhile.

use super::support::{
    NAMESPACE, READY, REMOVED, SOON, condition, config, configure, environment, exists, is_gone, now, object, patch,
    registry, reports, shows, start, until,
};
use crate::cluster::audit::writes;
use crate::cluster::credentials::OPERATOR;
use crate::cluster::operator::Options;
use crate::cluster::{Cluster, eventually};
use crate::install::empty_dir;
use serde_json::{Value, json};
use std::time::Duration;

const UNMANAGED: [[&str; 3]; 4] = [
    ["Available", "True", "Unmanaged"],
    ["Progressing", "False", "Unmanaged"],
    ["Degraded", "False", "Unmanaged"],
    ["Removed", "False", "AsExpected"],
];

#[tokio::test]
async fn from_managed_to_deleted() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let _operator = start(&cluster, Options::default());
    reports(&cluster, &config(), &READY).await;
    basic_empty_dir(&cluster).await;
    no_hot_loop(&cluster).await;
    recreate_deployment(&cluster).await;
    restore_deployment(&cluster).await;
    unmanaged(&cluster).await;
    removed(&cluster).await;
    no_hot_loop(&cluster).await;
    managed_again(&cluster).await;
    deleted(&cluster).await;
}

/// Registry, node CA, Image and ClusterOperator are what they should be.
async fn basic_empty_dir(cluster: &Cluster) {
    let wanted = [
        ("/status/storage/emptyDir", json!({})),
        ("/status/readyReplicas", json!(1)),
        ("/metadata/finalizers", json!(["imageregistry.operator.openshift.io/finalizer"])),
    ];
    shows(cluster, &config(), &wanted).await;
    let volume = ("/spec/template/spec/volumes/0", json!({"name": "registry-storage", "emptyDir": {}}));
    shows(cluster, &registry(), &[volume]).await;
    let host = ("/status/internalRegistryHostname", json!("image-registry.openshift-image-registry.svc:5000"));
    shows(cluster, &object("Image", "cluster"), &[host]).await;
    let found = exists(cluster, &object("ConfigMap", "serviceca")).await;
    assert!(found["data"]["service-ca.crt"].is_string(), "{found}");
    shows(cluster, &object("DaemonSet", "node-ca"), &[("/status/numberAvailable", json!(3))]).await;
    let wanted =
        [["Available", "True", "Ready"], ["Progressing", "False", "Ready"], ["Degraded", "False", "AsExpected"]];
    let found = reports(cluster, &object("ClusterOperator", "image-registry"), &wanted[..2]).await;
    let message = condition(&found, "Available")["message"].as_str().unwrap();
    for part in ["Available: The registry is ready", "NodeCADaemonAvailable: The daemon set node-ca has available"] {
        assert!(message.contains(part), "{message}");
    }
    prune_registry(cluster, "true").await;
}

/// Nothing is written for a while, sooner or later.
async fn no_hot_loop(cluster: &Cluster) {
    eventually(SOON, "silence", async || {
        let mark = cluster.audit_mark().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let requests = cluster.requests_since(mark, OPERATOR).await;
        let found: Vec<String> = writes(&requests).iter().map(|request| request.uri.clone()).collect();
        if found.is_empty() { Ok(()) } else { Err(found.join(", ")) }
    })
    .await;
}

async fn prune_registry(cluster: &Cluster, wanted: &str) {
    until(cluster, &object("CronJob", "image-pruner"), &format!("prunes the registry: {wanted}"), |found| {
        let arguments = &found["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"];
        arguments.as_array().is_some_and(|all| all.contains(&json!(format!("--prune-registry={wanted}"))))
    })
    .await;
}

async fn recreate_deployment(cluster: &Cluster) {
    let before = now(cluster, &registry()).await["metadata"]["uid"].clone();
    cluster.delete(&registry()).await.unwrap();
    until(cluster, &registry(), "is another one", |found| {
        found["metadata"]["uid"].is_string() && found["metadata"]["uid"] != before
    })
    .await;
    reports(cluster, &config(), &READY).await;
}

/// A variable and a port that somebody has added vanish; so do changes of what the operator sets.
async fn restore_deployment(cluster: &Cluster) {
    let before = now(cluster, &registry()).await["spec"].clone();
    let mut containers = before["template"]["spec"]["containers"].clone();
    containers[0]["image"] = json!("example.com/other");
    containers[0]["env"].as_array_mut().unwrap().push(json!({"name": "ADDED", "value": "1"}));
    containers[0]["ports"].as_array_mut().unwrap().push(json!({"containerPort": 1234, "protocol": "TCP"}));
    let change = json!({"spec": {"replicas": 3, "template": {"spec": {"containers": containers}}}});
    cluster.merge(&registry(), change).await.unwrap();
    shows(cluster, &registry(), &[("/spec", before)]).await;
    reports(cluster, &config(), &READY).await;
}

/// All objects are left alone; what was asked for meanwhile is done later.
async fn unmanaged(cluster: &Cluster) {
    patch(cluster, json!({"managementState": "Unmanaged"})).await;
    reports(cluster, &config(), &UNMANAGED).await;
    let report = object("ClusterOperator", "image-registry");
    let union = [["Available", "True", "Unmanaged"], ["Progressing", "False", "Unmanaged"]];
    reports(cluster, &report, &union).await;
    cluster.merge(&registry(), json!({"spec": {"replicas": 2}})).await.unwrap();
    patch(cluster, json!({"logLevel": "Debug"})).await;
    reports(cluster, &config(), &UNMANAGED).await;
    no_hot_loop(cluster).await;
    let found = now(cluster, &registry()).await;
    assert_eq!(found["spec"]["replicas"], 2);
    assert!(environment(&found).contains(&("REGISTRY_LOG_LEVEL".to_owned(), json!("info"))));
    let wanted = [("/status/storage/emptyDir", json!({}))];
    shows(cluster, &config(), &wanted).await;
    configure(cluster, json!({"managementState": "Managed"})).await;
    let found = shows(cluster, &registry(), &[("/spec/replicas", json!(1))]).await;
    assert!(environment(&found).contains(&("REGISTRY_LOG_LEVEL".to_owned(), json!("debug"))));
}

/// The registry's objects.
fn objects() -> Vec<Value> {
    [
        ("ClusterRole", "system:registry"),
        ("ClusterRoleBinding", "registry-registry-role"),
        ("ServiceAccount", "registry"),
        ("Secret", "installation-pull-secrets"),
        ("Secret", "image-registry-private-configuration"),
        ("Service", "image-registry"),
        ("Deployment", "image-registry"),
        ("PodDisruptionBudget", "image-registry"),
        ("NetworkPolicy", "image-registry-networkpolicy"),
        ("Route", "default-route"),
    ]
    .map(|(kind, name)| object(kind, name))
    .to_vec()
}

/// Whatever is not the registry's stays.
fn others() -> Vec<Value> {
    [
        ("DaemonSet", "node-ca"),
        ("CronJob", "image-pruner"),
        ("ConfigMap", "image-registry-certificates"),
        ("ConfigMap", "serviceca"),
        ("ServiceAccount", "pruner"),
        ("NetworkPolicy", "image-pruner-networkpolicy"),
        ("ClusterRole", "system:image-pruner"),
        ("ClusterOperator", "image-registry"),
    ]
    .map(|(kind, name)| object(kind, name))
    .to_vec()
}

async fn removed(cluster: &Cluster) {
    configure(cluster, json!({"defaultRoute": true})).await;
    let before = now(cluster, &config()).await["spec"]["httpSecret"].clone();
    patch(cluster, json!({"managementState": "Removed"})).await;
    reports(cluster, &config(), &REMOVED).await;
    for gone in objects() {
        is_gone(cluster, &gone).await;
    }
    for other in others() {
        exists(cluster, &other).await;
    }
    let wanted = [("/status/storage", json!({})), ("/status/readyReplicas", json!(0)), ("/spec/httpSecret", before)];
    shows(cluster, &config(), &wanted).await;
    let no_hosts = |found: &Value| {
        let status = &found["status"];
        status["internalRegistryHostname"].as_str().unwrap_or_default().is_empty()
            && status["externalRegistryHostnames"].is_null()
    };
    until(cluster, &object("Image", "cluster"), "no host names", no_hosts).await;
    prune_registry(cluster, "false").await;
    let certificates = object("ConfigMap", "image-registry-certificates");
    let empty = |found: &Value| found["data"].as_object().is_none_or(serde_json::Map::is_empty);
    until(cluster, &certificates, "no CA of a host that nobody serves", empty).await;
    let node_ca = [["NodeCADaemonAvailable", "True", "AsExpected"], ["NodeCADaemonProgressing", "False", "AsExpected"]];
    reports(cluster, &config(), &node_ca).await;
    let union =
        [["Available", "True", "Removed"], ["Progressing", "False", "Removed"], ["Degraded", "False", "Removed"]];
    reports(cluster, &object("ClusterOperator", "image-registry"), &union).await;
}

async fn managed_again(cluster: &Cluster) {
    configure(cluster, json!({"managementState": "Managed"})).await;
    for wanted in objects() {
        exists(cluster, &wanted).await;
    }
    prune_registry(cluster, "true").await;
}

/// Everything of the registry goes, the finalizer is given up, and the platform's default comes.
async fn deleted(cluster: &Cluster) {
    let before = now(cluster, &config()).await["metadata"]["uid"].clone();
    cluster.delete(&config()).await.unwrap();
    until(cluster, &config(), "is another one", |found| {
        found["metadata"]["uid"].is_string() && found["metadata"]["uid"] != before
    })
    .await;
    // Platform None has no storage to offer.
    reports(cluster, &config(), &REMOVED).await;
    for gone in objects() {
        is_gone(cluster, &gone).await;
    }
    for other in others() {
        exists(cluster, &other).await;
    }
}

/// Without storage the registry is Removed from the start; otherwise it runs. Nothing fails on the way.
#[tokio::test]
async fn bootstrap_by_platform() {
    let cluster = Cluster::acquire().await;
    let claim = json!({"pvc": {"claim": "image-registry-storage"}, "managementState": "Unmanaged"});
    let expected = [
        ("BareMetal", json!({}), "Removed", "RollingUpdate"),
        ("VSphere", json!({}), "Removed", "RollingUpdate"),
        ("Libvirt", json!({"emptyDir": {}}), "Managed", "RollingUpdate"),
        ("oVirt", claim, "Managed", "Recreate"),
    ];
    for (platform, storage, state, strategy) in expected {
        cluster.set_platform(json!({"type": platform})).await;
        let mut operator = start(&cluster, Options::default());
        reports(&cluster, &config(), if state == "Removed" { &REMOVED } else { &READY }).await;
        let wanted = [
            ("/spec/managementState", json!(state)),
            ("/spec/storage", storage),
            ("/spec/replicas", json!(1)),
            ("/spec/rolloutStrategy", json!(strategy)),
            ("/spec/logLevel", json!("Normal")),
            ("/spec/operatorLogLevel", json!("Normal")),
            ("/spec/observedConfig/servingInfo/minTLSVersion", json!("VersionTLS12")),
            ("/metadata/finalizers", json!(["imageregistry.operator.openshift.io/finalizer"])),
        ];
        shows(&cluster, &config(), &wanted).await;
        operator.terminate(Duration::from_secs(10)).await;
        let log = operator.log();
        assert!(!log.contains("ERROR") && !log.contains("others have set"), "{platform}:\n{log}");
        cluster.merge(&config(), json!({"metadata": {"finalizers": null}})).await.unwrap();
        cluster.delete(&config()).await.unwrap();
    }
    let claim = object("PersistentVolumeClaim", "image-registry-storage");
    let wanted = [
        ("/spec/accessModes", json!(["ReadWriteOnce"])),
        ("/spec/storageClassName", json!("ovirt-csi-sc")),
        ("/spec/resources/requests/storage", json!("100Gi")),
    ];
    shows(&cluster, &claim, &wanted).await;
}

/// What the namespace lacks is named by a condition, and mended without a restart.
#[tokio::test]
async fn namespace_without_its_annotation() {
    let cluster = Cluster::acquire().await;
    let namespace = object("Namespace", NAMESPACE);
    let groups = "openshift.io/sa.scc.supplemental-groups";
    let before = now(&cluster, &namespace).await["metadata"]["annotations"][groups].clone();
    cluster.merge(&namespace, json!({"metadata": {"annotations": {groups: null}}})).await.unwrap();
    cluster.apply(&empty_dir()).await.unwrap();
    let _operator = start(&cluster, Options::default());
    let wanted = [
        ["Available", "False", "NamespaceNotReady"],
        ["Progressing", "True", "NamespaceNotReady"],
        ["Degraded", "False", "AsExpected"],
    ];
    let found = reports(&cluster, &config(), &wanted).await;
    let message = condition(&found, "Available")["message"].to_string();
    assert!(message.contains(groups), "{message}");
    assert_eq!(now(&cluster, &registry()).await, Value::Null);
    cluster.merge(&namespace, json!({"metadata": {"annotations": {groups: before}}})).await.unwrap();
    reports(&cluster, &config(), &READY).await;
    shows(&cluster, &registry(), &[("/spec/template/spec/securityContext/fsGroup", json!(1_000_330_000))]).await;
}
