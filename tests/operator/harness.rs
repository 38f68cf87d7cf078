//! The stand-ins, the audit log and the reset do what the other tests rely on.

use crate::cluster::audit::{reads, watches, writes};
use crate::cluster::credentials::{STAND_INS, TESTS};
use crate::cluster::operator::{Operator, Options};
use crate::cluster::stand_ins::StandIn;
use crate::cluster::{Cluster, Objects, eventually};
use futures::StreamExt;
use kube::api::WatchParams;

use serde_json::{Value, json};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const NAMESPACE: &str = "openshift-image-registry";
const SOON: Duration = Duration::from_secs(10);
const REGISTRY_V1: &str = "imageregistry.operator.openshift.io/v1";

fn object(api_version: &str, kind: &str, name: &str, rest: Value) -> Value {
    let mut object = json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
    });
    for (key, value) in rest.as_object().unwrap() {
        match value {
            Value::Object(more) if key == "metadata" => object[key].as_object_mut().unwrap().extend(more.clone()),
            _ => object[key] = value.clone(),
        }
    }
    object
}

fn pod_template(restart: &str) -> Value {
    json!({
        "metadata": {"labels": {"app": "test"}},
        "spec": {"containers": [{"name": "test", "image": "example.com/test"}], "restartPolicy": restart},
    })
}

/// Waits until a JSON pointer of the object holds the value.
async fn until(objects: &Objects, object: &Value, pointer: &str, wanted: Value) -> Value {
    let (api, name) = objects.api_of(object);
    let what = format!("{} {name}: {pointer} is {wanted}", object["kind"]);
    eventually(SOON, &what, async || {
        let found = json!(api.get_opt(name).await.map_err(|error| error.to_string())?);
        match found.pointer(pointer) {
            Some(value) if *value == wanted => Ok(found),
            _ => Err(found["status"].to_string()),
        }
    })
    .await
}

#[tokio::test]
async fn workloads_run() {
    let cluster = Cluster::acquire().await;
    let selector = json!({"matchLabels": {"app": "test"}});
    let deployment = object(
        "apps/v1",
        "Deployment",
        "web",
        json!({"spec": {"replicas": 2, "selector": selector, "template": pod_template("Always")}}),
    );
    let daemons = object(
        "apps/v1",
        "DaemonSet",
        "daemon",
        json!({"spec": {"selector": selector, "template": pod_template("Always")}}),
    );
    let job = |name: &str| {
        object("batch/v1", "Job", name, json!({"spec": {"backoffLimit": 0, "template": pod_template("Never")}}))
    };
    for workload in [&deployment, &daemons, &job("good")] {
        cluster.apply(workload).await.unwrap();
    }
    until(&cluster, &deployment, "/status/availableReplicas", json!(2)).await;
    until(&cluster, &daemons, "/status/numberAvailable", json!(3)).await;
    until(&cluster, &job("good"), "/status/succeeded", json!(1)).await;

    cluster.stand_ins().jobs_fail(true);
    cluster.apply(&job("bad")).await.unwrap();
    until(&cluster, &job("bad"), "/status/failed", json!(1)).await;
}

#[tokio::test]
async fn routes_certificates_and_claims_are_served() {
    let cluster = Cluster::acquire().await;
    let route = object(
        "route.openshift.io/v1",
        "Route",
        "public",
        json!({"spec": {"to": {"kind": "Service", "name": "web", "weight": 100}}}),
    );
    let map = object(
        "v1",
        "ConfigMap",
        "ca",
        json!({"metadata": {"annotations": {"service.beta.openshift.io/inject-cabundle": "true"}}}),
    );
    let service = object(
        "v1",
        "Service",
        "web",
        json!({
            "metadata": {"annotations": {"service.alpha.openshift.io/serving-cert-secret-name": "web-tls"}},
            "spec": {"ports": [{"port": 5000}]},
        }),
    );
    let claim = object(
        "v1",
        "PersistentVolumeClaim",
        "data",
        json!({"spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}}}),
    );
    cluster.stand_ins().pause(StandIn::Router);
    for wanted in [&route, &map, &service, &claim] {
        cluster.apply(wanted).await.unwrap();
    }
    until(&cluster, &claim, "/status/phase", json!("Bound")).await;
    until(&cluster, &object("v1", "Secret", "web-tls", json!({})), "/type", json!("kubernetes.io/tls")).await;
    eventually(SOON, "the CA is injected", async || {
        let found = cluster.get("v1", "ConfigMap", NAMESPACE, "ca").await.unwrap();
        let pem = found["data"]["service-ca.crt"].as_str().unwrap_or_default();
        if pem.starts_with("-----BEGIN CERTIFICATE-----") { Ok(()) } else { Err(found.to_string()) }
    })
    .await;

    let unseen = cluster.get("route.openshift.io/v1", "Route", NAMESPACE, "public").await.unwrap();
    assert_eq!(unseen["status"]["ingress"], Value::Null, "a paused router admits nothing");
    cluster.stand_ins().resume(StandIn::Router);
    let host = json!(format!("public-{NAMESPACE}.apps.example.com"));
    let admitted = until(&cluster, &route, "/status/ingress/0/host", host).await;
    assert_eq!(admitted["status"]["ingress"][0]["conditions"][0]["type"], "Admitted");
}

#[tokio::test]
async fn the_audit_log_tells_who_did_what() {
    let cluster = Cluster::acquire().await;
    let map = object("v1", "ConfigMap", "audited", json!({"data": {"key": "value"}}));
    let mark = cluster.audit_mark().await;
    cluster.apply(&map).await.unwrap();
    cluster.get("v1", "ConfigMap", NAMESPACE, "audited").await.unwrap();
    let one_second = WatchParams::streaming_lists().timeout(1);
    let watch = cluster.api("v1", "ConfigMap", NAMESPACE).watch(&one_second, "").await.unwrap();
    // Its end is in the log as well, under the same id.
    assert!(watch.count().await > 0);

    let requests = cluster.requests_since(mark, TESTS).await;
    let [write] = writes(&requests)[..] else { panic!("{requests:#?}") };
    assert_eq!((write.verb.as_str(), write.resource.as_str(), write.name.as_str()), ("patch", "configmaps", "audited"));
    assert_eq!((write.namespace.as_str(), write.subresource.as_str(), write.code), (NAMESPACE, "", 201));
    assert!(write.uri.contains("fieldManager=tests"), "{}", write.uri);
    assert!(!write.timestamp.is_empty() && write.user_agent.len() < 100, "{write:?}");
    assert_eq!(reads(&requests).len(), 1, "{requests:#?}");
    let [watch] = watches(&requests)[..] else { panic!("{requests:#?}") };
    assert_eq!(watch.stage, "ResponseStarted");
    assert!(
        writes(&cluster.requests_since(mark, STAND_INS).await).is_empty(),
        "nobody asked the stand-ins for anything"
    );
}

#[tokio::test]
async fn a_reset_leaves_nothing_behind() {
    let cluster = Cluster::acquire().await;
    let cluster_wide = |api_version: &str, kind: &str, name: &str, rest: Value| {
        let mut object = object(api_version, kind, name, rest);
        object["metadata"].as_object_mut().unwrap().remove("namespace");
        object
    };
    let condition = json!([{"type": "Available", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]);
    let config = cluster_wide(
        REGISTRY_V1,
        "Config",
        "cluster",
        json!({
            "metadata": {"finalizers": ["imageregistry.operator.openshift.io/finalizer"]},
            "spec": {"managementState": "Managed", "replicas": 1},
            "status": {
                "conditions": condition,
                "observedGeneration": 1,
                "readyReplicas": 0,
                "storage": {},
                "storageManaged": false,
            },
        }),
    );
    let role = cluster_wide("rbac.authorization.k8s.io/v1", "ClusterRole", "system:registry", json!({"rules": []}));
    let lease = object("coordination.k8s.io/v1", "Lease", "openshift-master-controllers", json!({"spec": {}}));
    for object in [&config, &role, &lease] {
        cluster.apply(object).await.unwrap();
    }
    assert_eq!(cluster.config_condition("Available").await.unwrap()["status"], "True");
    cluster.set_platform(json!({"type": "AWS", "aws": {"region": "us-east-1"}})).await;
    let node = cluster_wide("v1", "Node", "node-1", json!({}));
    cluster.merge(&node, json!({"metadata": {"labels": {"extra": "label"}}})).await.unwrap();
    cluster.delete(&object("v1", "ServiceAccount", "node-ca", json!({}))).await.unwrap();

    cluster.reset().await;
    for object in [&config, &role, &lease] {
        let (api, name) = cluster.api_of(object);
        assert!(api.get_opt(name).await.unwrap().is_none(), "{} {name} is still there", object["kind"]);
    }
    let infrastructure = cluster.get("config.openshift.io/v1", "Infrastructure", "", "cluster").await.unwrap();
    assert_eq!(infrastructure["status"]["platformStatus"], json!({"type": "None"}));
    let node = cluster.get("v1", "Node", "", "node-1").await.unwrap();
    assert_eq!(node["metadata"]["labels"]["extra"], Value::Null);
    assert_eq!(node["status"]["conditions"][0]["type"], "Ready");
    assert!(cluster.get("v1", "ServiceAccount", NAMESPACE, "node-ca").await.is_some());
}

#[tokio::test]
async fn operators_are_processes_with_a_log() {
    let cluster = Cluster::acquire().await;
    let pipe = cluster.directory().join("never-written-to");
    if !pipe.exists() {
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    }
    let spawn = |arguments: &[&str]| {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Operator::spawn(&cluster, Options { arguments, ..Options::default().with("IMAGE", "example.com/other") })
    };
    let mut version = spawn(&["--version"]);
    assert!(version.wait(SOON).await.success(), "{}", version.log_tail());
    assert!(version.log().contains(env!("CARGO_PKG_VERSION")), "{}", version.log_tail());

    let waiting = ["render", "-f", pipe.to_str().unwrap()];
    let unknown = Options { arguments: vec!["--no-such-option".to_owned()], ..Options::default() };
    let mut refused = Operator::start(&cluster, unknown);
    assert_eq!(refused.wait(SOON).await.code(), Some(2), "{}", refused.log_tail());

    let mut terminated = spawn(&waiting);
    eventually(SOON, "the program is loaded", async || {
        let bytes = terminated.rss_bytes();
        if bytes > 1_000_000 { Ok(()) } else { Err(format!("{bytes} bytes")) }
    })
    .await;
    assert!(terminated.cpu_time() < Duration::from_secs(1));
    assert_eq!(terminated.terminate(SOON).await.signal(), Some(15), "{}", terminated.log_tail());

    let mut killed = spawn(&waiting);
    let process = Path::new("/proc").join(killed.pid().to_string());
    assert!(process.exists());
    killed.kill();
    assert!(!process.exists());
}
