//! Events that never come are made up for when watches are opened again.

use super::run::{Run, seen};
use crate::cluster::Cluster;
use crate::e2e::support::{config, now, object, registry};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// The kinds of which nothing is told.
const UNSEEN: [&str; 4] = ["PodDisruptionBudget", "Deployment", "NetworkPolicy", "Config"];

#[tokio::test]
async fn lost_events_are_made_up_for_in_the_next_round() {
    let cluster = Cluster::acquire().await;
    let labels = json!({ "matchLabels": { "app": "of-somebody" } });
    let others = [("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")].map(|(kind, selector)| {
        let mut other = object(kind, "of-somebody");
        other["spec"] = json!({ selector: labels });
        other
    });
    for other in &others {
        cluster.apply(other).await.unwrap();
    }
    let (run, installed) = Run::installed(&cluster).await;

    for expires in [false, true] {
        let told = Arc::new(AtomicUsize::new(0));
        let tells = Arc::clone(&told);
        run.proxy.watches().hide(move |type_, object| {
            let is_other = object["metadata"]["name"] == "of-somebody";
            tells.fetch_add(usize::from(is_other), Ordering::SeqCst);
            type_ != "BOOKMARK" && !is_other && UNSEEN.iter().any(|kind| object["kind"] == *kind)
        });
        let begin = Instant::now();
        let budget = object("PodDisruptionBudget", "image-registry");
        let policy = object("NetworkPolicy", "image-registry-networkpolicy");
        for gone in [&budget, &policy] {
            assert!(!now(&cluster, gone).await.is_null(), "{gone}");
            cluster.delete(gone).await.unwrap();
        }
        cluster.merge(&registry(), json!({ "spec": { "replicas": 3 } })).await.unwrap();
        cluster.merge(&config(), json!({ "spec": { "logLevel": "Debug" } })).await.unwrap();
        cluster.merge(&config(), json!({ "spec": { "logLevel": "Normal" } })).await.unwrap();
        seen(&run, "five events are lost", |_| run.proxy.watches().hidden() >= 5).await;
        // What is told after what is lost: a watch that goes on from there never hears of it.
        for other in &others {
            for value in [json!("one"), Value::Null] {
                cluster.merge(other, json!({ "metadata": { "annotations": { "touched": value } } })).await.unwrap();
            }
        }
        seen(&run, "four events are told", |_| told.load(Ordering::SeqCst) >= 4).await;
        run.proxy.log().stir();
        run.rested().await;
        let writes = run.proxy.log().writes_since(begin);
        assert!(writes.is_empty(), "of what it did not see: {writes:#?}");

        run.proxy.watches().show();
        let watched = || run.proxy.log().asked().iter().filter(|asked| asked.is_watch).count();
        let before = watched();
        if expires {
            run.proxy.watches().expire();
        } else {
            run.proxy.watches().end();
        }
        run.proxy.log().stir();
        run.converges(&format!("after the next round, expires: {expires}"), &installed).await;
        // Every watch once, and the turns of some seconds.
        let watched = watched() - before;
        assert!((15..40).contains(&watched), "{watched} watches");
    }
}
