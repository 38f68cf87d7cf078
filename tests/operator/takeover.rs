//! From the reference to this operator and back, on a running registry: no pod restarts, nothing stale stays.

use crate::cluster::credentials::OPERATOR;
use crate::cluster::operator::{Operator, Options};
use crate::cluster::{Cluster, eventually};
use crate::idle::{assert_silent, settle};
use crate::install::{empty_dir, ready};
use crate::owned::{fields, owned, title};
use cluster_image_registry_operator::execute::ownership::{extract, overlay};
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);
const REFERENCE: &str = "cluster-image-registry-operator";
const OBSERVER: &str = "ImageRegistryConfigObserver-ConfigObserver";
const NAMESPACE: &str = "openshift-image-registry";
const REGISTRY_V1: &str = "imageregistry.operator.openshift.io/v1";
/// Objects whose status is reported.
const REPORTED: [(&str, &str, &str); 4] = [
    (REGISTRY_V1, "Config", "cluster"),
    (REGISTRY_V1, "ImagePruner", "cluster"),
    ("config.openshift.io/v1", "ClusterOperator", "image-registry"),
    ("config.openshift.io/v1", "Image", "cluster"),
];
/// What goes with the registry.
const OF_REGISTRY: [&str; 11] = [
    "Deployment image-registry",
    "Service image-registry",
    "Route default-route",
    "PodDisruptionBudget image-registry",
    "NetworkPolicy image-registry-networkpolicy",
    "ServiceAccount registry",
    "ClusterRole system:registry",
    "ClusterRoleBinding registry-registry-role",
    "Secret installation-pull-secrets",
    "Secret image-registry-private-configuration",
    "PersistentVolumeClaim image-registry-storage",
];
/// What is there without it, too.
const ALWAYS: [&str; 9] = [
    "DaemonSet node-ca",
    "ConfigMap image-registry-certificates",
    "ConfigMap image-registry-ca",
    "ConfigMap serviceca",
    "CronJob image-pruner",
    "NetworkPolicy image-pruner-networkpolicy",
    "ServiceAccount pruner",
    "ClusterRole system:image-pruner",
    "ClusterRoleBinding openshift-image-registry-pruner",
];
const STALE: &str = "AzurePathFixProgressing";
const OBSERVED: &str = "ConfigObservationDegraded";

/// A Config with everything for which there are objects.
fn with_claim(management_state: &str) -> Value {
    let mut config = empty_dir();
    let spec = json!({"managementState": management_state, "defaultRoute": true, "storage": {"pvc": {"claim": ""}}});
    spec.as_object().unwrap().iter().for_each(|(name, value)| config["spec"][name] = value.clone());
    config
}

fn turn() -> Options {
    Options { arguments: vec!["--turn".to_owned(), "1".to_owned()], ..Options::default() }
}

#[tokio::test]
async fn the_reference_is_followed_and_followed_by_without_a_restart() {
    let cluster = Cluster::acquire().await;
    let left = as_rendered(&cluster, &with_claim("Managed")).await;
    assert_eq!(left.titles(), OF_REGISTRY.into_iter().chain(ALWAYS).map(str::to_owned).collect());
    let _operator = follow(&cluster, &left).await;

    // What the reference has observed does not stand in the way of what is observed now.
    let api_server =
        json!({"apiVersion": "config.openshift.io/v1", "kind": "APIServer", "metadata": {"name": "cluster"}});
    cluster
        .merge(&api_server, json!({"spec": {"tlsSecurityProfile": {"type": "Modern", "modern": {}}}}))
        .await
        .unwrap();
    eventually(SOON, "the TLS profile is observed", async || {
        let observed = current(&cluster, &empty_dir()).await["spec"]["observedConfig"]["servingInfo"].take();
        if observed["minTLSVersion"] == "VersionTLS13" { Ok(()) } else { Err(observed.to_string()) }
    })
    .await;
}

#[tokio::test]
async fn the_reference_is_followed_where_the_registry_is_removed() {
    let cluster = Cluster::acquire().await;
    let left = as_rendered(&cluster, &with_claim("Removed")).await;
    assert_eq!(left.titles(), ALWAYS.map(str::to_owned).into());
    follow(&cluster, &left).await;
}

#[tokio::test]
async fn what_the_reference_made_goes_with_the_registry() {
    let cluster = Cluster::acquire().await;
    let mut left = as_rendered(&cluster, &with_claim("Managed")).await;
    left.reported[0].0["spec"]["managementState"] = "Removed".into();
    left.seed(&cluster).await;
    let _operator = Operator::start(&cluster, turn());
    ready(&cluster).await;
    for object in left.objects.iter().chain(&left.claim) {
        let name = title(object);
        let (api, _) = cluster.api_of(object);
        eventually(SOON, &format!("{name} goes or stays"), async || {
            let is_there = api.get_opt(object["metadata"]["name"].as_str().unwrap()).await.unwrap().is_some();
            if is_there == ALWAYS.contains(&name.as_str()) { Ok(()) } else { Err(is_there.to_string()) }
        })
        .await;
    }
    left.objects.retain(|object| ALWAYS.contains(&title(object).as_str()));
    eventually(SOON, "the rest is taken over", async || leftovers(&cluster, &left.objects).await).await;
}

/// Takes over what the reference left, gives it back, and takes it over again. The operator goes on.
async fn follow(cluster: &Cluster, left: &Left) -> Operator {
    left.seed(cluster).await;
    let Left { objects, reported, claim, certificate: _ } = left;
    let claims = async || match claim {
        Some(claim) => current(cluster, claim).await["metadata"]["uid"].clone(),
        None => Value::Null,
    };
    let claimed = claims().await;
    let running = running(cluster, objects).await;
    let users = json!({"metadata": {"labels": {"users": "stays"}, "annotations": {"users": "stays"}}});
    for object in objects {
        cluster.merge(object, users.clone()).await.unwrap();
    }
    let config = reported[0].0.clone();

    let mut operator = Operator::start(cluster, turn());
    let taken_over = async || {
        eventually(SOON, "everything is taken over", async || leftovers(cluster, objects).await).await;
        ready(cluster).await;
        settle(cluster).await;
        let mark = cluster.audit_mark().await;
        let again = json!({"metadata": {"annotations": {"users": "stays", "wakes": "the operator"}}});
        cluster.merge(objects.last().unwrap(), again).await.unwrap();
        settle(cluster).await;
        assert_silent(&cluster.requests_since(mark, OPERATOR).await, "after everything is taken over");
        let now = current(cluster, &config).await;
        assert_eq!(now["spec"], config["spec"], "Config is as the reference and the user left it");
        assert_eq!(workloads(cluster).await, running, "something was rolled out");
        assert_eq!(claims().await, claimed, "there is another claim");
        for object in objects {
            let metadata = &current(cluster, object).await["metadata"];
            assert_eq!(metadata["labels"]["users"], "stays", "{}", title(object));
            assert_eq!(metadata["annotations"]["users"], "stays", "{}", title(object));
        }
    };
    taken_over().await;

    operator.terminate(SOON).await;
    for object in objects {
        replace(cluster, &with_extras(object)).await;
    }
    for (object, status) in reported {
        write_status(cluster, object, status).await;
    }
    settle(cluster).await;
    assert_eq!(workloads(cluster).await, running, "the reference rolls something out after us");
    let operator = Operator::start(cluster, turn());
    taken_over().await;
    operator
}

/// What the reference leaves in a cluster.
struct Left {
    /// Every object that it wrote.
    objects: Vec<Value>,
    /// What it reported in, with the status.
    reported: Vec<(Value, Value)>,
    claim: Option<Value>,
    /// What service-ca has made for the pods.
    certificate: Option<Value>,
}

impl Left {
    fn titles(&self) -> BTreeSet<String> {
        self.objects.iter().chain(&self.claim).map(title).collect()
    }

    async fn seed(&self, cluster: &Cluster) {
        if let Some(object) = &self.certificate {
            cluster.apply(object).await.unwrap();
        }
        for (object, status) in &self.reported {
            // Image is somebody else's, too, and there before.
            if object["kind"] != "Image" {
                create(cluster, object).await;
            }
            write_status(cluster, object, status).await;
        }
        if let Some(object) = &self.claim {
            create(cluster, object).await;
        }
        for object in &self.objects {
            create(cluster, &with_extras(object)).await;
        }
    }
}

/// What this operator writes for a Config, as somebody else would write it. Nothing of it is left in the cluster.
async fn as_rendered(cluster: &Cluster, config: &Value) -> Left {
    cluster.apply(config).await.unwrap();
    let mut operator = Operator::start(cluster, turn());
    ready(cluster).await;
    settle(cluster).await;
    operator.terminate(SOON).await;
    let rendered = |object: Value| {
        let mut rendered = extract(fields(&object).unwrap(), &object).unwrap();
        overlay(&mut rendered, &identity(&object));
        rendered
    };
    let with = |object: Value, fields: &[&str]| {
        let mut kept = identity(&object);
        fields.iter().for_each(|field| kept[*field] = object[*field].clone());
        kept
    };
    let certificate = cluster.get("v1", "Secret", NAMESPACE, "image-registry-tls").await;
    let certificate = certificate.map(|object| with(object, &["type", "data"]));
    let claim = cluster.get("v1", "PersistentVolumeClaim", NAMESPACE, "image-registry-storage").await;
    let claim = claim.map(|object| {
        let annotations = object["metadata"]["annotations"].clone();
        let mut kept = with(object, &["spec"]);
        kept["spec"].as_object_mut().unwrap().remove("volumeName");
        kept["metadata"]["annotations"] = annotations;
        kept
    });
    let objects = owned(cluster).await.into_iter().map(rendered).collect();
    let mut reported = Vec::new();
    for (api_version, kind, name) in REPORTED {
        let live = cluster.get(api_version, kind, "", name).await.unwrap();
        let status = live["status"].clone();
        let finalizers = live["metadata"]["finalizers"].clone();
        let mut object = with(live, &["spec"]);
        if kind == "Config" {
            object["metadata"]["finalizers"] = finalizers;
            let is_derived = object["spec"]["observedConfig"].is_object() && object["spec"]["httpSecret"].is_string();
            assert!(is_derived || config["spec"]["managementState"] == "Removed", "{object}");
        }
        reported.push((object, status));
    }
    cluster.reset().await;
    Left { objects, reported, claim, certificate }
}

fn identity(object: &Value) -> Value {
    let mut identity = json!({
        "apiVersion": object["apiVersion"],
        "kind": object["kind"],
        "metadata": {"name": object["metadata"]["name"]},
    });
    if object["metadata"]["namespace"].is_string() {
        identity["metadata"]["namespace"] = object["metadata"]["namespace"].clone();
    }
    identity
}

/// With what the reference writes and this operator does not.
fn with_extras(object: &Value) -> Value {
    let mut object = object.clone();
    let annotations = json!({
        "imageregistry.operator.openshift.io/checksum": "sha256:00",
        "operator.openshift.io/spec-hash": "00",
    });
    overlay(&mut object["metadata"], &json!({"annotations": annotations, "labels": {"reference": "stale"}}));
    match object["kind"].as_str().unwrap() {
        "Secret" if object["type"] == "Opaque" => overlay(&mut object, &json!({"data": {"stale": "c3RhbGU="}})),
        "Service" => overlay(&mut object, &json!({"spec": {"sessionAffinity": "ClientIP"}})),
        _ => {}
    }
    object
}

async fn create(cluster: &Cluster, object: &Value) {
    let (api, _) = cluster.api_of(object);
    let params = PostParams { field_manager: Some(REFERENCE.to_owned()), ..PostParams::default() };
    let created = api.create(&params, &typed(object)).await;
    created.unwrap_or_else(|error| panic!("{}: {error}", title(object)));
}

/// As the reference does it: what it wants over what is there, users' labels and annotations with it.
async fn replace(cluster: &Cluster, object: &Value) {
    let (api, name) = cluster.api_of(object);
    let live = current(cluster, object).await;
    let mut wanted = json!({"metadata": {}});
    for field in ["labels", "annotations", "resourceVersion"] {
        wanted["metadata"][field] = live["metadata"][field].clone();
    }
    overlay(&mut wanted, object);
    let params = PostParams { field_manager: Some(REFERENCE.to_owned()), ..PostParams::default() };
    let replaced = api.replace(name, &params, &typed(&wanted)).await;
    replaced.unwrap_or_else(|error| panic!("{}: {error}", title(object)));
}

/// The status by PUT, with a condition that nobody reports any more, and another by the observer's apply.
async fn write_status(cluster: &Cluster, object: &Value, status: &Value) {
    let (api, name) = cluster.api_of(object);
    let mut wanted = current(cluster, object).await;
    wanted["status"] = status.clone();
    let condition = |name: &str| {
        json!({"type": name, "status": "False", "reason": "AsExpected", "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z"})
    };
    if object["kind"] == "Config" {
        wanted["status"]["conditions"].as_array_mut().unwrap().push(condition(STALE));
    }
    let params = PostParams { field_manager: Some(REFERENCE.to_owned()), ..PostParams::default() };
    api.replace_status(name, &params, &typed(&wanted)).await.unwrap();
    if object["kind"] == "Config" {
        let mut applied = identity(object);
        applied["status"] = json!({"conditions": [condition(OBSERVED)]});
        api.patch_status(name, &PatchParams::apply(OBSERVER).force(), &Patch::Apply(applied)).await.unwrap();
    }
}

fn typed(object: &Value) -> DynamicObject {
    serde_json::from_value(object.clone()).unwrap()
}

async fn current(cluster: &Cluster, object: &Value) -> Value {
    let (api, name) = cluster.api_of(object);
    json!(api.get(name).await.unwrap())
}

/// Waits until the workloads run; what they are then.
async fn running(cluster: &Cluster, objects: &[Value]) -> Vec<String> {
    let all = [("Deployment", "availableReplicas"), ("DaemonSet", "numberAvailable")];
    for (kind, field) in all.into_iter().filter(|(kind, _)| objects.iter().any(|object| object["kind"] == *kind)) {
        eventually(SOON, &format!("the {kind} runs"), async || {
            let objects = cluster.list("apps/v1", kind, NAMESPACE).await.unwrap();
            let runs = objects.iter().all(|object| object["status"][field].as_u64() > Some(0));
            if runs && !objects.is_empty() { Ok(()) } else { Err(format!("{objects:?}")) }
        })
        .await;
    }
    settle(cluster).await;
    workloads(cluster).await
}

/// Everything that is different after a roll-out: ReplicaSets, revisions and pods, by uid.
async fn workloads(cluster: &Cluster) -> Vec<String> {
    let mut found = Vec::new();
    for (api_version, kind) in [("apps/v1", "ReplicaSet"), ("apps/v1", "ControllerRevision"), ("v1", "Pod")] {
        let objects = cluster.list(api_version, kind, NAMESPACE).await.unwrap();
        found.extend(objects.iter().map(|object| format!("{} {}", title(object), object["metadata"]["uid"])));
    }
    found
}

/// What is left of the reference.
async fn leftovers(cluster: &Cluster, objects: &[Value]) -> Result<(), String> {
    let mut found = Vec::new();
    for object in objects {
        let live = current(cluster, object).await;
        let (metadata, name) = (&live["metadata"], title(object));
        for manager in metadata["managedFields"].as_array().unwrap() {
            if manager["manager"] == REFERENCE {
                found.push(format!("{name}: managed by the reference: {}", manager["fieldsV1"]));
            }
        }
        for pointer in [
            "/metadata/annotations/imageregistry.operator.openshift.io~1checksum",
            "/metadata/annotations/operator.openshift.io~1spec-hash",
            "/metadata/labels/reference",
            "/data/stale",
        ] {
            found.extend(live.pointer(pointer).map(|value| format!("{name}: {pointer} is still {value}")));
        }
        if live["spec"]["sessionAffinity"] == "ClientIP" {
            found.push(format!("{name}: sessionAffinity is still the reference's"));
        }
    }
    for (api_version, kind, name) in REPORTED {
        let live = cluster.get(api_version, kind, "", name).await.unwrap();
        let entries = live["metadata"]["managedFields"].as_array().unwrap();
        let of_status = |entry: &&Value| {
            entry["subresource"] == "status" && [REFERENCE, OBSERVER].iter().any(|name| entry["manager"] == *name)
        };
        found.extend(entries.iter().find(of_status).map(|entry| format!("status of {kind}: {entry}")));
        let mut conditions = live["status"]["conditions"].as_array().into_iter().flatten();
        let stale = conditions.find(|condition| condition["type"] == STALE);
        found.extend(stale.map(|_| format!("status of {kind}: {STALE} is still there")));
    }
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}
