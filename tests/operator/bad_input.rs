//! What people get wrong harms nothing that runs, is named together with what to do, and heals once it is corrected.

use crate::cluster::audit::writes;
use crate::cluster::credentials::{LIMITED, OPERATOR, STRANGER, kubeconfig};
use crate::cluster::operator::{Operator, Options};
use crate::cluster::{Cluster, eventually};
use crate::install::{empty_dir, ready};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

const NAMESPACE: &str = "openshift-image-registry";
const SOON: Duration = Duration::from_secs(10);

/// What the operator renders.
const OPERANDS: [(&str, &str); 12] = [
    ("apps/v1", "Deployment"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "CronJob"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("v1", "Secret"),
    ("v1", "ConfigMap"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
    ("route.openshift.io/v1", "Route"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
];

/// The resourceVersions of all operands.
async fn versions(cluster: &Cluster) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (api_version, kind) in OPERANDS {
        let namespace = if kind.starts_with("Cluster") { "" } else { NAMESPACE };
        for object in cluster.list(api_version, kind, namespace).await.unwrap() {
            let metadata = &object["metadata"];
            found.insert(format!("{kind} {}", metadata["name"]), metadata["resourceVersion"].to_string());
        }
    }
    found
}

/// Waits until a condition holds and its message has these parts.
async fn says(cluster: &Cluster, object: &Value, type_: &str, parts: &[&str], deadline: Duration) -> Duration {
    let begin = Instant::now();
    let (api, name) = cluster.api_of(object);
    eventually(deadline, &format!("{type_} says {parts:?}"), async || {
        let found = json!(api.get(name).await.unwrap());
        let conditions = found["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let condition = conditions.iter().find(|condition| condition["type"] == type_).cloned().unwrap_or_default();
        let message = condition["message"].as_str().unwrap_or_default();
        if condition["status"] == "True" && parts.iter().all(|part| message.contains(part)) {
            Ok(())
        } else {
            Err(json!(conditions).to_string())
        }
    })
    .await;
    begin.elapsed()
}

async fn logged(operator: &Operator, parts: &[&str], deadline: Duration) {
    eventually(deadline, &format!("{parts:?} is logged"), async || {
        let log = operator.log();
        if log.lines().any(|line| parts.iter().all(|part| line.contains(part))) { Ok(()) } else { Err(log) }
    })
    .await;
}

#[tokio::test]
async fn invalid_configuration_changes_nothing_and_is_named() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let _operator = Operator::start(&cluster, Options::default());
    ready(&cluster).await;
    let before = versions(&cluster).await;
    let pruner = json!({
        "apiVersion": "imageregistry.operator.openshift.io/v1",
        "kind": "ImagePruner",
        "metadata": {"name": "cluster"},
    });
    let config = empty_dir();
    let missing = "Secret/openshift-image-registry/no-such-secret";
    let route = json!([{"name": "public", "secretName": "no-such-secret"}]);
    for (object, field, wrong, right, parts) in [
        (&config, "replicas", json!(-1), json!(1), ["Config/cluster: spec.replicas", "set it to 0 or more"]),
        (&config, "storage", json!({"pvc": {}}), json!({"pvc": null}), ["Config/cluster: spec.storage", "keep"]),
        (&config, "managementState", json!("Force"), json!("Managed"), ["spec.managementState", "Managed"]),
        (&config, "routes", route, Value::Null, [missing, "create it"]),
        (&pruner, "schedule", json!("every day"), json!(""), ["ImagePruner/cluster: spec.schedule", "*"]),
    ] {
        cluster.merge(object, json!({"spec": {field: wrong}})).await.unwrap();
        let took = says(&cluster, object, "Degraded", &parts, SOON).await;
        assert!(took < Duration::from_secs(3), "{field}: {took:?}");
        assert_eq!(versions(&cluster).await, before, "{field}");
        cluster.merge(object, json!({"spec": {field: right}})).await.unwrap();
        ready(&cluster).await;
    }
    assert_eq!(versions(&cluster).await, before);
}

#[tokio::test]
async fn kinds_that_are_not_served_are_done_without() {
    let cluster = Cluster::acquire().await;
    cluster
        .remove_kinds(&[
            "routes.route.openshift.io",
            "clusteroperators.config.openshift.io",
            "images.config.openshift.io",
            "featuregates.config.openshift.io",
        ])
        .await;
    cluster.apply(&empty_dir()).await.unwrap();
    let mut operator = Operator::start(&cluster, Options::default());
    ready(&cluster).await;
    for kind in ["Route", "ClusterOperator", "Image", "FeatureGate"] {
        logged(&operator, &[&format!("the cluster does not serve {kind};")], SOON).await;
    }
    let mark = cluster.audit_mark().await;
    let begin = Instant::now();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let requests = cluster.requests_since(mark, OPERATOR).await;
    assert!(requests.len() <= 3, "{} requests in {:?}: {requests:#?}", requests.len(), begin.elapsed());
    assert_eq!(operator.terminate(SOON).await.code(), Some(0), "{}", operator.log_tail());
}

/// A ClusterRole for [`LIMITED`], bound: everything, without these verbs on these resources.
pub async fn allow_all_but(cluster: &Cluster, without: &[(&str, &[&str])]) {
    const VERBS: [&str; 7] = ["get", "list", "watch", "create", "update", "patch", "delete"];
    const RESOURCES: [&str; 28] = [
        "configs",
        "configs/status",
        "imagepruners",
        "imagepruners/status",
        "images",
        "images/status",
        "clusteroperators",
        "clusteroperators/status",
        "infrastructures",
        "proxies",
        "apiservers",
        "featuregates",
        "clusterversions",
        "deployments",
        "daemonsets",
        "cronjobs",
        "jobs",
        "services",
        "serviceaccounts",
        "secrets",
        "configmaps",
        "networkpolicies",
        "poddisruptionbudgets",
        "routes",
        "routes/custom-host",
        "leases",
        "events",
        "namespaces",
    ];
    let rule = |resource: &str| {
        let lacks = |verb: &&str| !without.iter().any(|(of, verbs)| *of == resource && verbs.contains(verb));
        let verbs: Vec<&str> = VERBS.into_iter().filter(lacks).collect();
        json!({"apiGroups": ["*"], "resources": [resource], "verbs": verbs})
    };
    let mut rules: Vec<Value> = RESOURCES.into_iter().map(rule).collect();
    // Roles are granted by those who have the rights in them, or by those who may escalate.
    rules.push(json!({
        "apiGroups": ["rbac.authorization.k8s.io"],
        "resources": ["clusterroles", "clusterrolebindings"],
        "verbs": ["*"],
    }));
    rules.push(json!({"apiGroups": [""], "resources": ["nodes", "persistentvolumeclaims", "pods"], "verbs": ["get", "list", "watch"]}));
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "tests-limited"},
        "rules": rules,
    });
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "tests-limited"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "tests-limited"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": LIMITED}],
    });
    cluster.apply(&role).await.unwrap();
    cluster.apply(&binding).await.unwrap();
}

#[tokio::test]
async fn missing_rights_are_named_and_heal_when_granted() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    // Without the right to read Config there is nowhere to report but the log.
    allow_all_but(&cluster, &[("configs", &["get", "list", "watch"])]).await;
    let operator = Operator::start_as(&cluster, LIMITED, Options::default());
    logged(&operator, &["Config cannot be watched", "cannot watch resource \"configs\"", "ClusterRole"], SOON).await;
    drop(operator);
    cluster.delete(&lease()).await.unwrap();

    allow_all_but(&cluster, &[("services", &["patch", "create"]), ("secrets", &["watch"])]).await;
    let mark = cluster.audit_mark().await;
    let begin = Instant::now();
    let operator = Operator::start_as(&cluster, LIMITED, Options::default());
    let object = empty_dir();
    let remedy = "allow it in the ClusterRole or Role that is bound to the operator's account";
    let parts = ["cannot patch resource \"services\"", "cannot watch resource \"secrets\"", remedy];
    says(&cluster, &object, "Progressing", &parts, SOON).await;
    logged(&operator, &["cannot watch resource \"secrets\"", remedy], SOON).await;
    // The first attempts follow each other quickly.
    tokio::time::sleep(Duration::from_secs(10).saturating_sub(begin.elapsed())).await;
    let requests = cluster.requests_since(mark, LIMITED).await;
    let refused = requests.iter().filter(|request| request.code == 403).count();
    assert!((2..=20).contains(&refused), "{refused} refusals in {:?}\n{}", begin.elapsed(), operator.log());
    assert!(writes(&requests).len() < 60, "{:#?}", writes(&requests));

    allow_all_but(&cluster, &[]).await;
    let granted = Instant::now();
    eventually(Duration::from_secs(75), "it heals", async || {
        let wanted = [("Available", "True"), ("Progressing", "False"), ("Degraded", "False")];
        for (type_, status) in wanted {
            let condition = cluster.config_condition(type_).await.unwrap_or_default();
            if condition["status"] != status {
                return Err(condition.to_string());
            }
        }
        Ok(())
    })
    .await;
    println!("healed after {:?}; {refused} refusals in the first 10 s", granted.elapsed());
}

fn lease() -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "openshift-master-controllers", "namespace": NAMESPACE},
    })
}

#[tokio::test]
async fn an_api_server_that_refuses_or_is_gone_is_tried_again() {
    let cluster = Cluster::acquire().await;
    let stranger = Operator::start_as(&cluster, STRANGER, Options::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("https://{}", listener.local_addr().unwrap());
    let file = cluster.directory().join("nowhere.kubeconfig");
    fs::write(&file, kubeconfig(cluster.directory(), &server, OPERATOR)).unwrap();
    let mut lost = Operator::start_with(&cluster, &file, Options::default());
    let end = tokio::time::Instant::now() + Duration::from_secs(5);
    let mut attempts = 0;
    while let Ok(accepted) = tokio::time::timeout_at(end, listener.accept()).await {
        drop(accepted);
        attempts += 1;
    }
    drop(listener);
    assert!((2..=10).contains(&attempts), "{attempts} attempts in 5 s\n{}", lost.log());
    logged(&lost, &["the API server cannot be reached", "check the network"], SOON).await;
    assert_eq!(lost.terminate(Duration::from_secs(1)).await.code(), Some(0), "{}", lost.log_tail());

    let expired = "the API server does not accept the operator's credentials; check that the token is not expired";
    logged(&stranger, &[expired], SOON).await;
    let mut stranger = stranger;
    let lines = stranger.log().lines().filter(|line| line.contains(expired)).count();
    assert!(lines <= 3, "said once for each request: {}", stranger.log());
    assert!(stranger.cpu_time() < Duration::from_secs(1));
    assert_eq!(stranger.terminate(Duration::from_secs(1)).await.code(), Some(0), "{}", stranger.log_tail());
}

#[tokio::test]
async fn a_restart_of_the_api_server_is_survived() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let operator = Operator::start(&cluster, Options::default());
    ready(&cluster).await;
    let pods = async || {
        let pods = cluster.list("v1", "Pod", NAMESPACE).await.unwrap();
        pods.iter().map(|pod| pod["metadata"]["uid"].to_string()).collect::<std::collections::BTreeSet<_>>()
    };
    let before = pods().await;
    cluster.restart_api_server().await;
    assert_eq!(pods().await, before);
    // Something to repair that nobody could see meanwhile, and something to do.
    let service = cluster.get("v1", "Service", NAMESPACE, "image-registry").await.unwrap();
    cluster.delete(&service).await.unwrap();
    cluster.merge(&empty_dir(), json!({"spec": {"replicas": 2}})).await.unwrap();
    eventually(Duration::from_secs(20), "the operator goes on", async || {
        let deployment = cluster.get("apps/v1", "Deployment", NAMESPACE, "image-registry").await.unwrap();
        let service = cluster.get("v1", "Service", NAMESPACE, "image-registry").await;
        let replicas = &deployment["spec"]["replicas"];
        if *replicas == 2 && service.is_some() { Ok(()) } else { Err(format!("{replicas}\n{}", operator.log())) }
    })
    .await;
    ready(&cluster).await;
}
