//! News that come late: nothing is moved back, deleted or made twice, and what was missed is mended.

use super::proxy::Proxy;
use super::run::{Run, seen};
use crate::cluster::operator::Options;
use crate::cluster::{Cluster, eventually};
use crate::e2e::support::{READY, config, exists, object, registry, shows, until};
use crate::install::empty_dir;
use crate::support::internet::{Fault, When};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Writes that touch a Deployment, of a list of writes.
fn of_deployments(writes: &[String]) -> Vec<&String> {
    writes.iter().filter(|line| line.contains(" deployments")).collect()
}

#[tokio::test]
async fn stale_news_of_one_kind_move_nothing_back() {
    let cluster = Cluster::acquire().await;
    let (run, installed) = Run::installed(&cluster).await;

    let begin = Instant::now();
    run.proxy.watches().freeze("deployments");
    cluster.merge(&config(), json!({ "spec": { "replicas": 2 } })).await.unwrap();
    shows(&cluster, &registry(), &[("/spec/replicas", json!(2))]).await;
    // What somebody else does meanwhile cannot be seen, and what can be seen is repaired.
    cluster.merge(&registry(), json!({ "spec": { "replicas": 7 } })).await.unwrap();
    let policy = object("NetworkPolicy", "image-registry-networkpolicy");
    cluster.delete(&policy).await.unwrap();
    exists(&cluster, &policy).await;
    run.proxy.log().stir();
    run.rested().await;
    let writes = run.proxy.log().writes_since(begin);
    assert_eq!(of_deployments(&writes).len(), 1, "{writes:#?}");
    assert!(!writes.iter().any(|line| line.starts_with("DELETE")), "{writes:#?}");

    run.proxy.watches().thaw();
    shows(&cluster, &registry(), &[("/spec/replicas", json!(2))]).await;
    run.proxy.log().stir();
    cluster.merge(&config(), json!({ "spec": { "replicas": 1 } })).await.unwrap();
    run.converges("after the news have come", &installed).await;
    let writes = run.proxy.log().writes_since(begin);
    assert!(!writes.iter().any(|line| line.starts_with("DELETE")), "{writes:#?}");
}

/// The operator deletes and creates a DaemonSet, and is then told of a change of the one before.
#[tokio::test]
async fn late_news_of_an_earlier_object_cause_no_write() {
    let cluster = Cluster::acquire().await;
    let labels = json!({ "app": "of-somebody" });
    let daemons = object("DaemonSet", "node-ca");
    let mut foreign = daemons.clone();
    foreign["spec"] = json!({ "selector": { "matchLabels": labels }, "template": {
        "metadata": { "labels": labels },
        "spec": { "containers": [{ "name": "one", "image": "example.com/one" }] },
    } });
    let before = cluster.apply(&foreign).await.unwrap();
    cluster.apply(&empty_dir()).await.unwrap();
    let proxy = Proxy::before(&cluster);
    let (fault, hold) = Fault::hold(When::Before);
    proxy.fault(fault.method("DELETE").path("/daemonsets/node-ca"));
    let run = Run::behind(proxy, &cluster, &Options::default().environment);
    eventually(Duration::from_secs(30), "the DaemonSet is about to be deleted", async || {
        hold.first_within(Duration::ZERO).map(drop).ok_or_else(|| run.operator.log_tail())
    })
    .await;
    // Only this change is told, and only later.
    let uid = before["metadata"]["uid"].clone();
    run.proxy.watches().freeze("daemonsets");
    let is_one = |object: &Value| object["kind"] == "DaemonSet";
    run.proxy.watches().hide(move |type_, object| {
        is_one(object) && type_ != "BOOKMARK" && (type_ == "DELETED" || object["metadata"]["uid"] != uid)
    });
    cluster.merge(&daemons, json!({ "metadata": { "annotations": { "late": "news" } } })).await.unwrap();
    hold.release();
    until(&cluster, &daemons, "is another one", |found| found["spec"]["selector"]["matchLabels"] != labels).await;
    run.proxy.log().stir();
    run.rested().await;

    let begin = Instant::now();
    run.proxy.watches().thaw();
    seen(&run, "the news have come", |_| run.proxy.watches().hidden() >= 2).await;
    run.proxy.log().stir();
    run.rested().await;
    let writes = run.proxy.log().writes_since(begin);
    assert!(!writes.iter().any(|line| line.contains(" daemonsets/node-ca ")), "{writes:#?}");
    run.proxy.watches().show();
    run.proxy.watches().end();
    run.reports("after a watch that tells all", &READY).await;
}
