//! Somebody who takes a field of the operator's again and again.

use super::run::Run;
use crate::cluster::Cluster;
use crate::e2e::support::registry;
use serde_json::json;
use std::time::{Duration, Instant};

const TIMES: usize = 30;
const APART: Duration = Duration::from_millis(100);

#[tokio::test]
async fn a_storm_of_conflicts_is_answered_no_faster_than_it_comes_and_ends_repaired() {
    let cluster = Cluster::acquire().await;
    let (run, installed) = Run::installed(&cluster).await;
    let begin = Instant::now();
    for time in 0..TIMES {
        cluster.merge(&registry(), json!({ "spec": { "replicas": 2 + time % 2 } })).await.unwrap();
        tokio::time::sleep(APART).await;
    }
    run.proxy.log().stir();
    run.converges("after the storm", &installed).await;
    let writes = run.proxy.log().writes_since(begin);
    let repairs = writes.iter().filter(|line| line.contains(" deployments/")).count();
    assert!((1..=TIMES + 1).contains(&repairs), "{repairs} repairs: {writes:#?}");
    // Reports come once a second at most, of three objects.
    let others = writes.len() - repairs;
    assert!(others <= 40, "{others} other writes: {writes:#?}");
}
