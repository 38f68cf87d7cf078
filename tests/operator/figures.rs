//! What the operator takes: memory, whatever else is in the cluster, and time between an edit and what follows from it.
//!
//! By default 2,000 Secrets, ConfigMaps and ClusterRoles each are elsewhere; `FIGURES_OBJECTS` says another number. The
//! bounds that matter are those of a release build, which `OPERATOR_PROGRAM` names; a debug build takes more of all:
//!
//! ```text
//! OPERATOR_PROGRAM=$(image/build.sh) FIGURES_OBJECTS=10000 \
//!     cargo test --test operator figures -- --nocapture
//! ```

use crate::cluster::credentials::OPERATOR;
use crate::cluster::operator::{Operator, Options};
use crate::cluster::{Cluster, eventually};
use crate::e2e::support::{READY, config, reports};
use crate::install::{empty_dir, ready};
use crate::storage::Aws;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use kube::api::{DeleteParams, ListParams};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const NAMESPACE: &str = "openshift-image-registry";
const ELSEWHERE: &str = "elsewhere";
const SOON: Duration = Duration::from_secs(10);
const MIB: u64 = 1024 * 1024;
const EDITS: usize = 100;

/// Resident memory at most: code of a debug build is large, and what of it is used is resident.
fn most_memory() -> u64 {
    if is_debug_build() { 40 * MIB } else { 20 * MIB }
}

/// Between an edit and the first PATCH, in the middle: a debug build renders slowly.
fn most_latency() -> Duration {
    Duration::from_millis(if is_debug_build() { 250 } else { 50 })
}

fn is_debug_build() -> bool {
    cfg!(debug_assertions) && std::env::var_os("OPERATOR_PROGRAM").is_none()
}

/// Resident memory once it has not changed for a while.
async fn at_rest(operator: &Operator) -> u64 {
    let mut seen = (0, Instant::now());
    eventually(Duration::from_secs(30), "memory is at rest", async || {
        let now = operator.rss_bytes();
        if now != seen.0 {
            seen = (now, Instant::now());
        }
        if seen.1.elapsed() > Duration::from_secs(2) { Ok(now) } else { Err(now.to_string()) }
    })
    .await
}

/// Objects of the kinds that every cluster is full of.
async fn fill(cluster: &Cluster, count: usize) {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ELSEWHERE}});
    cluster.apply(&namespace).await.unwrap();
    let text = "x".repeat(500);
    let objects = (0..count).flat_map(|number| {
        let metadata = json!({"name": format!("filling-{number}"), "namespace": ELSEWHERE, "labels": {"filling": "true"}});
        let mut role = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": metadata,
            "rules": [{"apiGroups": [""], "resources": ["pods", "services", "secrets"], "verbs": ["get", "list", "watch"]}],
        });
        role["metadata"].as_object_mut().unwrap().remove("namespace");
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"key": text}});
        [secret, json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"key": text}}), role]
    });
    let create = async |object: Value| cluster.apply(&object).await.map(drop);
    stream::iter(objects).map(create).buffer_unordered(16).try_collect::<()>().await.unwrap();
}

async fn empty(cluster: &Cluster) {
    let filling = ListParams::default().labels("filling=true");
    for (api_version, kind, namespace) in [
        ("v1", "Secret", ELSEWHERE),
        ("v1", "ConfigMap", ELSEWHERE),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", ""),
    ] {
        let api = cluster.api(api_version, kind, namespace);
        api.delete_collection(&DeleteParams::background(), &filling).await.unwrap();
    }
}

#[tokio::test]
async fn memory_does_not_depend_on_what_is_elsewhere() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let count = std::env::var("FIGURES_OBJECTS").map_or(2_000, |count| count.parse().unwrap());
    let measured = async || {
        let operator = Operator::start(&cluster, Options::default());
        ready(&cluster).await;
        at_rest(&operator).await
    };
    let alone = measured().await;
    cluster.reset().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let begin = Instant::now();
    fill(&cluster, count).await;
    println!("{count} of each took {:?}", begin.elapsed());
    let crowded = measured().await;
    empty(&cluster).await;
    let figures = format!("{} KiB alone, {} KiB among {count} objects of each kind", alone / 1024, crowded / 1024);
    println!("{figures}");
    assert!(alone <= most_memory(), "{figures}");
    assert!(crowded <= alone + 2 * MIB, "{figures}");
}

/// The same after a bucket was created and set up.
#[tokio::test]
async fn memory_with_a_bucket() {
    let cluster = Cluster::acquire().await;
    let aws = Aws::around(&cluster).await;
    let operator = aws.operator(&cluster, &[]);
    reports(&cluster, &config(), &READY).await;
    let resident = at_rest(&operator).await;
    println!("{} KiB with a bucket", resident / 1024);
    assert!(resident <= most_memory(), "{} KiB", resident / 1024);
}

/// The middle one, and the one that 99 of 100 are not above.
fn percentiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

#[tokio::test]
async fn edits_are_followed_at_once() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let _operator = Operator::start(&cluster, Options::default());
    ready(&cluster).await;

    let mark = cluster.audit_mark().await;
    let mut moments = Vec::new();
    for number in 0..EDITS {
        let cpu = format!("{}m", 200 + number);
        let begin = Timestamp::now();
        cluster.merge(&empty_dir(), json!({"spec": {"resources": {"requests": {"cpu": cpu}}}})).await.unwrap();
        moments.push((begin, Timestamp::now()));
        eventually(SOON, "the edit is carried out", async || {
            let deployment = cluster.get("apps/v1", "Deployment", NAMESPACE, "image-registry").await.unwrap();
            let found = &deployment["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"];
            if *found == cpu { Ok(()) } else { Err(found.to_string()) }
        })
        .await;
    }
    let requests = cluster.requests_since(mark, OPERATOR).await;
    let patches = requests.iter().filter(|request| request.verb == "patch" && request.resource == "deployments");
    let mut received: Vec<Timestamp> = patches.map(|patch| patch.timestamp.parse().unwrap()).collect();
    received.sort();
    let first = |(begin, answered): (Timestamp, Timestamp)| {
        let first = received.iter().find(|received| **received >= begin).unwrap();
        // The operator may have heard of it before the answer was read.
        Duration::try_from(first.duration_since(answered)).unwrap_or_default()
    };
    let edits = moments.into_iter().map(first).collect();
    let (median, slow) = percentiles(edits);
    println!("from an edit to the first PATCH: median {median:?}, p99 {slow:?}");
    assert!(median < most_latency(), "{median:?}");

    let mut repairs = Vec::new();
    let service =
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "image-registry", "namespace": NAMESPACE}});
    for _ in 0..EDITS {
        let begin = Instant::now();
        cluster
            .merge(
                &service,
                json!({"spec": {"sessionAffinity": "ClientIP", "selector": {"docker-registry": "tampered"}}}),
            )
            .await
            .unwrap();
        eventually(SOON, "the Service is repaired", async || {
            let found = cluster.get("v1", "Service", NAMESPACE, "image-registry").await.unwrap();
            let selector = &found["spec"]["selector"]["docker-registry"];
            if selector == "default" { Ok(()) } else { Err(selector.to_string()) }
        })
        .await;
        repairs.push(begin.elapsed());
    }
    let (median, slow) = percentiles(repairs);
    println!("from tampering to repair, seen within 20 ms: median {median:?}, p99 {slow:?}");
    assert!(slow < Duration::from_secs(2), "{slow:?}");
}
