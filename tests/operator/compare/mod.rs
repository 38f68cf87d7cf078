//! Requests that each way to apply the same objects costs: the first time, when nothing differs, when one object has
//! drifted, and when one is not wanted any more. They are counted in the audit log of the API server.
//!
//! The operator and `apply` are measured, with ceilings, in every run. `FIGURES_DIR` names a directory: then kubectl and
//! Flux's library apply the same objects, too, and `requests.csv` is written there. `OTHER_OPERATOR` names a program that
//! is measured in the operator's place, as OpenShift's own.

mod operators;
mod others;
mod rows;

use crate::cluster::Cluster;
use crate::cluster::credentials::{OPERATOR, TESTS};
use crate::cluster::operator::Options;
use crate::idle::settle;
use crate::install::empty_dir;
use crate::owned::owned;
use crate::verbs::{command, end};
use cluster_image_registry_operator::execute::Api;
use cluster_image_registry_operator::inputs::Environment;
use cluster_image_registry_operator::operator::once::Once;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use operators::Running;
use rows::{Row, Rows};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const NAMESPACE: &str = "openshift-image-registry";
const SOON: Duration = Duration::from_secs(30);

/// Four measurements in this order.
const PHASES: [&str; 4] = ["first", "no-op", "drifted", "prune"];

/// A Config whose Route is what is not wanted in the end.
fn with_route() -> Value {
    let mut config = empty_dir();
    config["spec"]["defaultRoute"] = true.into();
    config
}

/// Somebody points the Service elsewhere.
async fn drift(cluster: &Cluster) {
    let service =
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "image-registry", "namespace": NAMESPACE}});
    cluster.merge(&service, json!({"spec": {"selector": {"docker-registry": "tampered"}}})).await.unwrap();
}

/// Whether the Service is as it should be, and whether the Route is there.
async fn stands(cluster: &Cluster) -> (bool, bool) {
    let service = cluster.get("v1", "Service", NAMESPACE, "image-registry").await.unwrap();
    let route = cluster.get("route.openshift.io/v1", "Route", NAMESPACE, "default-route").await;
    (service["spec"]["selector"]["docker-registry"] == "default", route.is_some())
}

async fn without_route(cluster: &Cluster) {
    cluster.merge(&empty_dir(), json!({"spec": {"defaultRoute": false}})).await.unwrap();
}

/// What is rendered for the cluster as it is.
async fn rendered(cluster: &Cluster) -> Vec<Value> {
    let kubeconfig = Kubeconfig::read_from(cluster.kubeconfig(TESTS)).unwrap();
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
    let environment = Environment::from_variables(&Options::default().environment).0;
    let once = Once::new(Api::new(Client::try_from(config).unwrap()), Some(environment), Vec::new()).unwrap();
    once.look().await.unwrap().plan.manifests().map(|manifest| manifest.body().clone()).collect()
}

fn names<'a>(objects: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    let text = |object: &Value, pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or("").to_owned();
    let name =
        |object| ["/kind", "/metadata/namespace", "/metadata/name"].map(|pointer| text(object, pointer)).join("/");
    objects.into_iter().map(name).collect()
}

/// What `apply` costs; and the objects that it has applied, with and without the Route.
async fn of_apply(cluster: &Cluster) -> (Vec<Row>, [Vec<Value>; 2]) {
    cluster.apply(&with_route()).await.unwrap();
    let run = async |arguments: &str| {
        let mark = cluster.audit_mark().await;
        end(command(cluster, arguments, Options::default().environment)).await.with(0);
        cluster.requests_since(mark, OPERATOR).await
    };
    let mut rows = vec![Row::of("apply", "first", &run("apply").await)];
    // The rollout is not what is measured.
    run("apply --wait --timeout 60").await;
    settle(cluster).await;
    let full = rendered(cluster).await;
    assert_eq!(names(&full), names(&owned(cluster).await), "what is rendered is what was applied");
    rows.push(Row::of("apply", "no-op", &run("apply").await));
    drift(cluster).await;
    rows.push(Row::of("apply", "drifted", &run("apply").await));
    assert_eq!(stands(cluster).await, (true, true));
    without_route(cluster).await;
    let fewer = rendered(cluster).await;
    assert_eq!(full.len(), fewer.len() + 1);
    rows.push(Row::of("apply", "prune", &run("apply").await));
    assert_eq!(stands(cluster).await, (true, false));
    (rows, [full, fewer])
}

#[tokio::test]
async fn few_requests_are_needed() {
    let cluster = Cluster::acquire().await;
    let mut rows = Rows(Running::this(&cluster).await.measure(&cluster).await);
    cluster.reset().await;
    if let Some(program) = std::env::var_os("OTHER_OPERATOR") {
        rows.0.extend(Running::other(&cluster, &program).await.measure(&cluster).await);
        cluster.reset().await;
    }
    let (of_apply, objects) = of_apply(&cluster).await;
    rows.0.extend(of_apply);
    let directory = std::env::var_os("FIGURES_DIR").map(std::path::PathBuf::from);
    if let Some(directory) = &directory {
        for contender in others::all(&cluster, &objects) {
            cluster.reset().await;
            rows.0.extend(others::measure(&cluster, &contender).await);
        }
        rows.write(&directory.join("requests.csv"));
    }
    println!("{} objects\n\n{}", objects[0].len(), rows.table());
    // The Route is one object more than in the budget (`install.rs`), and statuses may take another write.
    rows.assert_within("operator", [(64, 38), (0, 0), (4, 4), (6, 5)]);
    // One look is at most 28 lists and objects; values that are written back cost another.
    rows.assert_within("apply", [(28 + 28 + 34, 34), (28, 0), (30, 2), (34, 4)]);
}
