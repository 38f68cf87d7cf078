//! What is there in every state, and comes back when somebody changes it: node CA and network policies.

use super::support::{READY, REMOVED, config, exists, now, object, patch, reports, shows, start, until};
use crate::cluster::Cluster;
use crate::cluster::operator::Options;
use crate::install::empty_dir;
use serde_json::{Value, json};

#[tokio::test]
async fn drift_is_repaired() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let _operator = start(&cluster, Options::default());
    reports(&cluster, &config(), &READY).await;
    network_policies(&cluster).await;
    other_objects(&cluster).await;
    patch(&cluster, json!({"managementState": "Removed"})).await;
    reports(&cluster, &config(), &REMOVED).await;
    node_ca(&cluster).await;
}

/// Both policies have their rules, and are restored after deletion and change.
async fn network_policies(cluster: &Cluster) {
    let registry = exists(cluster, &object("NetworkPolicy", "image-registry-networkpolicy")).await;
    assert_eq!(registry["spec"]["podSelector"]["matchLabels"], json!({"docker-registry": "default"}));
    assert_eq!(registry["spec"]["policyTypes"], json!(["Ingress", "Egress"]));
    let text = registry["spec"].to_string();
    for part in ["5000", "8443", "5353", "443", "policy-group.network.openshift.io/ingress"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let pruner = exists(cluster, &object("NetworkPolicy", "image-pruner-networkpolicy")).await;
    assert_eq!(pruner["spec"]["podSelector"]["matchLabels"], json!({"app": "image-pruner"}));
    assert_eq!(pruner["spec"]["policyTypes"], json!(["Egress"]));
    for policy in [registry, pruner] {
        cluster.delete(&policy).await.unwrap();
        let uid = &policy["metadata"]["uid"];
        let is_another = |found: &Value| found["metadata"]["uid"].is_string() && found["metadata"]["uid"] != *uid;
        let found = until(cluster, &policy, "is another one", is_another).await;
        assert_eq!(found["spec"], policy["spec"]);
        cluster
            .merge(&policy, json!({"spec": {"egress": [], "podSelector": {"matchLabels": {"added": "label"}}}}))
            .await
            .unwrap();
        shows(cluster, &policy, &[("/spec", policy["spec"].clone())]).await;
    }
}

/// Every other object of the operator's is restored as well, unlike in the reference.
async fn other_objects(cluster: &Cluster) {
    let changes = [
        (
            object("Service", "image-registry"),
            "/spec/ports/0/targetPort",
            json!({"spec": {"ports": [
                {"name": "5000-tcp", "port": 5000, "targetPort": 1, "protocol": "TCP"},
            ]}}),
        ),
        (object("PodDisruptionBudget", "image-registry"), "/spec/minAvailable", json!({"spec": {"minAvailable": 9}})),
        (object("ClusterRole", "system:registry"), "/rules", json!({"rules": []})),
        (
            object("ConfigMap", "image-registry-certificates"),
            "/data",
            json!({"data": {
                "image-registry.openshift-image-registry.svc..5000": "wrong",
            }}),
        ),
        (object("Secret", "installation-pull-secrets"), "/data", json!({"data": {".dockerconfigjson": "e30="}})),
    ];
    for (changed, pointer, change) in changes {
        let before = now(cluster, &changed).await.pointer(pointer).cloned().unwrap();
        cluster.merge(&changed, change).await.unwrap();
        shows(cluster, &changed, &[(pointer, before)]).await;
        let uid = now(cluster, &changed).await["metadata"]["uid"].clone();
        cluster.delete(&changed).await.unwrap();
        let is_another = |found: &Value| found["metadata"]["uid"].is_string() && found["metadata"]["uid"] != uid;
        until(cluster, &changed, "is another one", is_another).await;
    }
}

/// It is there without a registry; what somebody took away comes back.
async fn node_ca(cluster: &Cluster) {
    let daemon = object("DaemonSet", "node-ca");
    let before = shows(cluster, &daemon, &[("/status/numberAvailable", json!(3))]).await;
    let tolerations = "/spec/template/spec/tolerations";
    assert_eq!(before.pointer(tolerations), Some(&json!([{"operator": "Exists"}])));
    cluster.merge(&daemon, json!({"spec": {"template": {"spec": {"tolerations": null}}}})).await.unwrap();
    shows(cluster, &daemon, &[("/spec", before["spec"].clone())]).await;
    cluster.delete(&daemon).await.unwrap();
    let uid = before["metadata"]["uid"].clone();
    let is_another = |found: &Value| found["metadata"]["uid"].is_string() && found["metadata"]["uid"] != uid;
    until(cluster, &daemon, "is another one", is_another).await;
    shows(cluster, &daemon, &[("/status/numberAvailable", json!(3))]).await;
    let wanted = [
        ["NodeCADaemonAvailable", "True", "AsExpected"],
        ["NodeCADaemonProgressing", "False", "AsExpected"],
        ["NodeCADaemonControllerDegraded", "False", "AsExpected"],
    ];
    reports(cluster, &config(), &wanted).await;
}
