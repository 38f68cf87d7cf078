//! What Config says reaches the registry: one operator, one change after the other.

use super::support::{
    READY, condition, config, configure, has_environment, now, object, patch, registry, reports, shows, start, until,
};
use crate::cluster::Cluster;
use crate::cluster::operator::Options;
use crate::install::empty_dir;
use serde_json::{Value, json};

#[tokio::test]
async fn a_config_that_changes() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let _operator = start(&cluster, Options::default());
    reports(&cluster, &config(), &READY).await;
    http_secret(&cluster).await;
    pod_resources(&cluster).await;
    pod_tolerations(&cluster).await;
    pod_affinity(&cluster).await;
    rollout_strategy(&cluster).await;
    requests(&cluster).await;
    disable_redirect(&cluster).await;
    read_only(&cluster).await;
    unsupported_overrides(&cluster).await;
    scale_up(&cluster).await;
    scale_down(&cluster).await;
    wrong_values(&cluster).await;
    several_storages(&cluster).await;
}

async fn http_secret(cluster: &Cluster) {
    let secret = |config: &Value| config["spec"]["httpSecret"].as_str().unwrap_or_default().to_owned();
    let first = secret(&now(cluster, &config()).await);
    assert_eq!(first.len(), 128);
    patch(cluster, json!({"httpSecret": ""})).await;
    let found = until(cluster, &config(), "another secret", |found| {
        let found = secret(found);
        found.len() == 128 && found != first
    })
    .await;
    has_environment(cluster, &[("REGISTRY_HTTP_SECRET", json!(secret(&found)))]).await;
    patch(cluster, json!({"httpSecret": "of-the-user"})).await;
    has_environment(cluster, &[("REGISTRY_HTTP_SECRET", json!("of-the-user"))]).await;
}

async fn pod_resources(cluster: &Cluster) {
    let resources = json!({"limits": {"cpu": "100m", "memory": "512Mi"}, "requests": {"cpu": "50m"}});
    let selector = json!({"node-role.kubernetes.io/worker": ""});
    patch(cluster, json!({"resources": resources, "nodeSelector": selector})).await;
    let wanted = [
        ("/spec/template/spec/containers/0/resources", resources),
        (
            "/spec/template/spec/nodeSelector",
            json!({"kubernetes.io/os": "linux", "node-role.kubernetes.io/worker": ""}),
        ),
        ("/spec/template/spec/topologySpreadConstraints", Value::Null),
    ];
    shows(cluster, &registry(), &wanted).await;
    patch(cluster, json!({"resources": null, "nodeSelector": null})).await;
    let wanted = [
        ("/spec/template/spec/containers/0/resources", json!({"requests": {"cpu": "100m", "memory": "256Mi"}})),
        ("/spec/template/spec/nodeSelector", json!({"kubernetes.io/os": "linux"})),
    ];
    let found = shows(cluster, &registry(), &wanted).await;
    let spread = found["spec"]["template"]["spec"]["topologySpreadConstraints"].as_array().unwrap().len();
    assert_eq!(spread, 2);
}

async fn pod_tolerations(cluster: &Cluster) {
    let tolerations = json!([{"key": "mykey", "value": "myvalue", "effect": "NoSchedule", "operator": "Equal"}]);
    patch(cluster, json!({"tolerations": tolerations})).await;
    shows(cluster, &registry(), &[("/spec/template/spec/tolerations", tolerations)]).await;
}

async fn pod_affinity(cluster: &Cluster) {
    let term = json!({
        "topologyKey": "kubernetes.io/hostname",
        "labelSelector": {"matchLabels": {"docker-registry": "default"}},
        "namespaces": ["openshift-image-registry"],
    });
    let affinity = json!({"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": term}]}});
    patch(cluster, json!({"affinity": affinity})).await;
    shows(cluster, &registry(), &[("/spec/template/spec/affinity", affinity)]).await;
    patch(cluster, json!({"affinity": null})).await;
    shows(cluster, &registry(), &[("/spec/template/spec/affinity", Value::Null)]).await;
}

async fn rollout_strategy(cluster: &Cluster) {
    patch(cluster, json!({"rolloutStrategy": "Recreate"})).await;
    shows(cluster, &registry(), &[("/spec/strategy", json!({"type": "Recreate"}))]).await;
    patch(cluster, json!({"rolloutStrategy": "RollingUpdate"})).await;
    let rolling = json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"}});
    shows(cluster, &registry(), &[("/spec/strategy", rolling)]).await;
}

async fn requests(cluster: &Cluster) {
    let limits = |running: i32, queued: i32, wait: &str| json!({"maxRunning": running, "maxInQueue": queued, "maxWaitInQueue": wait});
    patch(cluster, json!({"requests": {"read": limits(1, 2, "3s"), "write": limits(4, 5, "6h")}})).await;
    let wanted = [
        ("REGISTRY_OPENSHIFT_REQUESTS_READ_MAXRUNNING", json!("1")),
        ("REGISTRY_OPENSHIFT_REQUESTS_READ_MAXINQUEUE", json!("2")),
        ("REGISTRY_OPENSHIFT_REQUESTS_READ_MAXWAITINQUEUE", json!("3s")),
        ("REGISTRY_OPENSHIFT_REQUESTS_WRITE_MAXRUNNING", json!("4")),
        ("REGISTRY_OPENSHIFT_REQUESTS_WRITE_MAXINQUEUE", json!("5")),
        ("REGISTRY_OPENSHIFT_REQUESTS_WRITE_MAXWAITINQUEUE", json!("6h0m0s")),
    ];
    has_environment(cluster, &wanted).await;
    patch(cluster, json!({"requests": null})).await;
    has_environment(cluster, &wanted.map(|(name, _)| (name, Value::Null))).await;
}

async fn disable_redirect(cluster: &Cluster) {
    patch(cluster, json!({"disableRedirect": true})).await;
    has_environment(cluster, &[("REGISTRY_STORAGE_REDIRECT_DISABLE", json!("true"))]).await;
}

async fn read_only(cluster: &Cluster) {
    patch(cluster, json!({"readOnly": true, "disableRedirect": false})).await;
    let wanted = [
        ("REGISTRY_STORAGE_MAINTENANCE_READONLY", json!("{enabled: true}")),
        ("REGISTRY_STORAGE_REDIRECT_DISABLE", Value::Null),
    ];
    has_environment(cluster, &wanted).await;
    patch(cluster, json!({"readOnly": false})).await;
}

async fn unsupported_overrides(cluster: &Cluster) {
    let overrides = json!({"deployment": {"annotations": {"example.com/a": "b"}, "runtimeClassName": "kata"}});
    patch(cluster, json!({"unsupportedConfigOverrides": overrides})).await;
    let wanted = [
        ("/metadata/annotations/example.com~1a", json!("b")),
        ("/spec/template/metadata/annotations/example.com~1a", json!("b")),
        ("/spec/template/spec/runtimeClassName", json!("kata")),
    ];
    shows(cluster, &registry(), &wanted).await;
    patch(cluster, json!({"unsupportedConfigOverrides": null})).await;
    shows(cluster, &registry(), &wanted.map(|(pointer, _)| (pointer, Value::Null))).await;
}

/// With two replicas there is an anti-affinity, which has to go before more pods come.
async fn scale_up(cluster: &Cluster) {
    configure(cluster, json!({"replicas": 2})).await;
    let two = [
        ("/status/readyReplicas", json!(2)),
        ("/spec/strategy/rollingUpdate", json!({"maxUnavailable": 1, "maxSurge": 1})),
    ];
    let found = shows(cluster, &registry(), &two).await;
    let affinity = &found["spec"]["template"]["spec"]["affinity"]["podAntiAffinity"];
    let term = &affinity["requiredDuringSchedulingIgnoredDuringExecution"][0];
    assert_eq!(term["topologyKey"], "kubernetes.io/hostname", "{found}");
    let budget = object("PodDisruptionBudget", "image-registry");
    shows(cluster, &budget, &[("/spec/minAvailable", json!(1))]).await;

    configure(cluster, json!({"replicas": 4})).await;
    shows(cluster, &config(), &[("/status/readyReplicas", json!(4))]).await;
    let four = [
        ("/status/readyReplicas", json!(4)),
        ("/spec/template/spec/affinity", Value::Null),
        ("/spec/strategy/rollingUpdate", json!({"maxUnavailable": 3, "maxSurge": "25%"})),
    ];
    shows(cluster, &registry(), &four).await;
}

async fn scale_down(cluster: &Cluster) {
    configure(cluster, json!({"replicas": 1})).await;
    shows(cluster, &config(), &[("/status/readyReplicas", json!(1))]).await;
    shows(cluster, &registry(), &[("/status/readyReplicas", json!(1)), ("/spec/replicas", json!(1))]).await;
    shows(cluster, &object("PodDisruptionBudget", "image-registry"), &[("/spec/minAvailable", json!(0))]).await;
    configure_none(cluster).await;
}

/// No replicas at all are what was asked for, and yet nobody can pull.
async fn configure_none(cluster: &Cluster) {
    patch(cluster, json!({"replicas": 0})).await;
    let none = [["Available", "False", "NoReplicasAvailable"], ["Degraded", "False", "AsExpected"]];
    reports(cluster, &config(), &none).await;
    shows(cluster, &registry(), &[("/spec/replicas", json!(0))]).await;
    configure(cluster, json!({"replicas": 1})).await;
}

/// Values that the API lets pass are told, and what runs stays as it is.
async fn wrong_values(cluster: &Cluster) {
    let before = now(cluster, &registry()).await["metadata"]["generation"].clone();
    let wrong = [
        (
            json!({"requests": {"read": {"maxRunning": -1}}}),
            json!({"requests": null}),
            "VerificationFailed",
            "spec.requests.read.maxRunning",
        ),
        (
            json!({"routes": [{"name": "default-route"}]}),
            json!({"routes": null}),
            "VerificationFailed",
            "duplication of names has been detected in the additional routes",
        ),
        (
            json!({"unsupportedConfigOverrides": {"deployment": {"annotations": 1}}}),
            json!({"unsupportedConfigOverrides": null}),
            "OverridesInvalid",
            "unsupportedConfigOverrides",
        ),
    ];
    for (spec, undo, reason, message) in wrong {
        patch(cluster, spec).await;
        is_degraded(cluster, reason, message).await;
        configure(cluster, undo).await;
    }
    assert_eq!(now(cluster, &registry()).await["metadata"]["generation"], before);
}

async fn is_degraded(cluster: &Cluster, reason: &str, message: &str) {
    let wanted = [["Degraded", "True", reason], ["Progressing", "False", "Error"], ["Available", "True", "Ready"]];
    let found = reports(cluster, &config(), &wanted).await;
    let told = condition(&found, "Degraded")["message"].to_string();
    assert!(told.contains(message), "{told}");
}

async fn several_storages(cluster: &Cluster) {
    patch(cluster, json!({"storage": {"pvc": {"claim": ""}}})).await;
    let message = "exactly one storage type should be configured at the same time, got 2: emptyDir, pvc";
    is_degraded(cluster, "TooManyStorages", message).await;
    configure(cluster, json!({"storage": {"pvc": null}})).await;
}

/// From the start: nothing is created, and the reason is told.
#[tokio::test]
async fn a_negative_number_of_replicas() {
    let cluster = Cluster::acquire().await;
    let mut wrong = empty_dir();
    wrong["spec"]["replicas"] = json!(-1);
    cluster.apply(&wrong).await.unwrap();
    let _operator = start(&cluster, Options::default());
    let wanted = [
        ["Degraded", "True", "VerificationFailed"],
        ["Available", "False", "VerificationFailed"],
        ["Progressing", "False", "Error"],
        ["Removed", "False", "AsExpected"],
    ];
    let found = reports(&cluster, &config(), &wanted).await;
    let message = condition(&found, "Degraded")["message"].to_string();
    assert!(message.contains("replicas must be greater than or equal to 0"), "{message}");
    assert_eq!(now(&cluster, &registry()).await, Value::Null);
    // The reasons of all conditions are gathered where people look first.
    let operator = object("ClusterOperator", "image-registry");
    let found = reports(&cluster, &operator, &[["Degraded", "True", "VerificationFailed"]]).await;
    let message = condition(&found, "Degraded")["message"].to_string();
    assert!(message.contains("Degraded: Error: ") && message.contains("greater than or equal to 0"), "{message}");
    assert_eq!(found["status"]["versions"], Value::Null);
    configure(&cluster, json!({"replicas": 1})).await;
}
