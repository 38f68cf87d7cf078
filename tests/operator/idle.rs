//! Where there is nothing to do, the operator asks for nothing.

use crate::cluster::audit::{Request, writes};
use crate::cluster::credentials::OPERATOR;
use crate::cluster::operator::{Operator, Options};
use crate::cluster::{Cluster, eventually};
use crate::install::{empty_dir, ready};
use crate::owned::{owned, title};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn without_a_difference_nothing_is_asked_or_written() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let beginning = cluster.audit_mark().await;
    let turn = |seconds: &str| Options { arguments: vec!["--turn".into(), seconds.into()], ..Options::default() };
    let mut operator = Operator::start(&cluster, turn("1"));
    ready(&cluster).await;
    settle(&cluster).await;
    let before = versions(&cluster).await;

    // Each is news to the operator, and makes it look at everything again.
    let mark = cluster.audit_mark().await;
    for count in 0..PASSES {
        let metadata = json!({"name": "unrelated", "namespace": "openshift-image-registry"});
        let data = json!({"count": count.to_string()});
        cluster
            .apply(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}))
            .await
            .unwrap();
        tokio::time::sleep(APART).await;
    }
    assert_silent(&cluster.requests_since(mark, OPERATOR).await, "after changes that are none of its business");

    operator.terminate(SOON).await;
    let mark = cluster.audit_mark().await;
    let operator = Operator::start(&cluster, turn("30"));
    eventually(SOON, "the new operator has looked at everything", async || {
        let requests = cluster.requests_since(mark, OPERATOR).await;
        let open = requests.iter().filter(|request| request.verb == "watch").count();
        if open >= WATCHES { Ok(()) } else { Err(format!("{open} watches")) }
    })
    .await;
    settle(&cluster).await;
    let requests = cluster.requests_since(mark, OPERATOR).await;
    let written = writes(&requests);
    assert!(written.iter().all(|request| request.resource == "leases"), "written after a restart: {written:#?}");
    let watched = requests.iter().filter(|request| request.verb == "watch").count();
    assert!(watched <= WATCHES, "{watched} watches of the new operator");

    let mark = cluster.audit_mark().await;
    let worked = operator.cpu_time();
    let (idle, most) = idle();
    tokio::time::sleep(idle).await;
    let worked = operator.cpu_time() - worked;
    assert!(worked <= most, "{worked:?} of processor time in {idle:?}");
    assert_silent(&cluster.requests_since(mark, OPERATOR).await, "while nothing happens");

    assert_eq!(versions(&cluster).await, before, "something was written");
    for request in cluster.requests_since(beginning, OPERATOR).await {
        if request.verb == "watch" {
            let scopes = ["/namespaces/", "fieldSelector=metadata.name", "labelSelector="];
            assert!(scopes.iter().any(|scope| request.uri.contains(scope)), "not scoped: {}", request.uri);
        }
    }
}

/// How long nothing happens, and how much processor time that may take, which is counted in steps of 10 ms.
///
/// A release build, which `OPERATOR_PROGRAM` names, has a millisecond a second. In a build without optimisation one pass
/// is 8 ms, and a turn of the last watch may come; a loop that never rests needs a hundred times as much.
fn idle() -> (Duration, Duration) {
    if std::env::var_os("OPERATOR_PROGRAM").is_some() {
        (Duration::from_secs(30), Duration::from_millis(30))
    } else {
        (Duration::from_secs(6), Duration::from_millis(60))
    }
}

const PASSES: usize = 50;
/// Longer than the operator waits for more news.
const APART: Duration = Duration::from_millis(50);
/// The most watches at a time.
const WATCHES: usize = 15;

/// Renewals of the lease and the watches are all that is allowed.
pub fn assert_silent(requests: &[Request], when: &str) {
    let is_silent = |request: &&Request| request.verb == "watch" || request.resource == "leases";
    let heard: Vec<_> = requests.iter().filter(|request| !is_silent(request)).collect();
    assert!(heard.is_empty(), "{when}: {heard:#?}");
}

/// Waits until nothing has changed for a while.
pub async fn settle(cluster: &Cluster) {
    let (mut last, mut since) = (versions(cluster).await, Instant::now());
    eventually(Duration::from_secs(30), "nothing changes any more", async || {
        let now = versions(cluster).await;
        if now != last {
            (last, since) = (now, Instant::now());
        }
        if since.elapsed() > Duration::from_millis(1500) { Ok(()) } else { Err("something has changed".to_owned()) }
    })
    .await;
}

/// The versions of everything that the operator writes.
async fn versions(cluster: &Cluster) -> BTreeMap<String, Value> {
    let mut objects = owned(cluster).await;
    for (api_version, kind, name) in [
        ("imageregistry.operator.openshift.io/v1", "Config", "cluster"),
        ("imageregistry.operator.openshift.io/v1", "ImagePruner", "cluster"),
        ("config.openshift.io/v1", "ClusterOperator", "image-registry"),
        ("config.openshift.io/v1", "Image", "cluster"),
    ] {
        objects.extend(cluster.get(api_version, kind, "", name).await);
    }
    objects.iter().map(|object| (title(object), object["metadata"]["resourceVersion"].clone())).collect()
}
