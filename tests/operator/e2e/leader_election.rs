//! Of several operators one acts, and another takes over.

use super::support::{READY, SOON, config, now, object, registry, reports, shows};
use crate::cluster::operator::{Operator, Options};
use crate::cluster::{Cluster, eventually};
use crate::install::empty_dir;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn lease() -> Value {
    object("Lease", "openshift-master-controllers")
}

fn leads(operator: &Operator) -> bool {
    operator.log().contains("leading;")
}

#[tokio::test]
async fn one_of_three_leads() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let mut operators: Vec<Operator> = (0..3).map(|_| Operator::start(&cluster, Options::default())).collect();
    reports(&cluster, &config(), &READY).await;
    eventually(SOON, "the others wait", async || {
        let waiting = operators.iter().filter(|operator| operator.log().contains("waiting for the lease")).count();
        if waiting == 2 { Ok(()) } else { Err(format!("{waiting} wait")) }
    })
    .await;
    let leader = operators.iter().position(leads).unwrap();
    assert_eq!(operators.iter().filter(|operator| leads(operator)).count(), 1);
    let before = now(&cluster, &lease()).await["spec"]["holderIdentity"].clone();

    let mut first = operators.remove(leader);
    let start = Instant::now();
    assert!(first.terminate(SOON).await.success());
    eventually(SOON, "another one leads", async || {
        let leading = operators.iter().filter(|operator| leads(operator)).count();
        if leading == 1 { Ok(()) } else { Err(format!("{leading} lead")) }
    })
    .await;
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let after = now(&cluster, &lease()).await["spec"].clone();
    assert_ne!(after["holderIdentity"], before);
    assert_eq!(after["leaseTransitions"], 1, "{after}");
    // The new one acts.
    cluster.merge(&registry(), json!({"spec": {"replicas": 3}})).await.unwrap();
    shows(&cluster, &registry(), &[("/spec/replicas", json!(1))]).await;
    assert_eq!(operators.iter().filter(|operator| leads(operator)).count(), 1);
}
