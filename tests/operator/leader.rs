//! Of several operators one acts, and hands over in time.

use crate::cluster::audit::{Request, writes};
use crate::cluster::credentials::OPERATOR;
use crate::cluster::operator::{Operator, Options};
use crate::cluster::{Cluster, eventually};
use crate::faults::proxy::Proxy;
use crate::install::{empty_dir, ready};
use crate::support::internet::{Fault, When};
use serde_json::json;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

const NAMESPACE: &str = "openshift-image-registry";
const LEASE: &str = "openshift-master-controllers";
const SOON: Duration = Duration::from_secs(10);
/// In seconds, instead of 137. Two of them pass in the longest of these tests.
const LEASE_LASTS: u64 = 4;

/// An operator with a short lease, and what tells its requests from those of others.
fn start(cluster: &Cluster, more: &[&str]) -> Operator {
    Operator::start(cluster, options(more))
}

fn options(more: &[&str]) -> Options {
    let lasts = LEASE_LASTS.to_string();
    let arguments = ["--lease-duration", &lasts].iter().chain(more).map(|argument| (*argument).to_owned()).collect();
    Options { arguments, ..Options::default() }
}

/// Who holds the lease; empty if nobody does.
async fn holder(cluster: &Cluster) -> String {
    let lease = cluster.get("coordination.k8s.io/v1", "Lease", NAMESPACE, LEASE).await.unwrap_or_default();
    lease["spec"]["holderIdentity"].as_str().unwrap_or_default().to_owned()
}

/// Waits until somebody else than `before` holds the lease.
async fn other_holder(cluster: &Cluster, before: &str, deadline: Duration) -> String {
    eventually(deadline, "somebody else leads", async || {
        let now = holder(cluster).await;
        if now.is_empty() || now == before { Err(now) } else { Ok(now) }
    })
    .await
}

async fn logged(operator: &Operator, what: &str) {
    eventually(SOON, what, async || if operator.log().contains(what) { Ok(()) } else { Err(operator.log_tail()) })
        .await;
}

/// Waits until the last reports are written: for two seconds there is nothing but the lease.
async fn at_rest(cluster: &Cluster) {
    eventually(SOON, "the leader is at rest", async || {
        let mark = cluster.audit_mark().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let requests = cluster.requests_since(mark, OPERATOR).await;
        if writes(&requests).len() == lease_writes(&requests) { Ok(()) } else { Err(format!("{requests:?}")) }
    })
    .await;
}

/// How often the lease was taken, renewed or released.
fn lease_writes(requests: &[Request]) -> usize {
    writes(requests).iter().filter(|request| request.resource == "leases").count()
}

#[tokio::test]
async fn the_lease_is_handed_over_at_once() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let watched = cluster.directory().join("watched-by-the-leader");
    fs::write(&watched, "before").unwrap();
    let mut first = start(&cluster, &["--files", watched.to_str().unwrap()]);
    ready(&cluster).await;
    let first_identity = holder(&cluster).await;
    at_rest(&cluster).await;

    let mark = cluster.audit_mark().await;
    let mut second = start(&cluster, &[]);
    logged(&second, &format!("which {first_identity} holds")).await;
    // Long enough for a candidate to try more than once.
    renewed(&cluster, 2).await;
    let requests = cluster.requests_since(mark, OPERATOR).await;
    let others: Vec<_> = writes(&requests).into_iter().filter(|request| request.resource != "leases").collect();
    assert!(others.is_empty(), "a standby and a leader at rest write nothing: {others:#?}");
    assert_eq!(holder(&cluster).await, first_identity);

    let begin = Instant::now();
    let status = first.terminate(Duration::from_secs(2)).await;
    assert_eq!(status.code(), Some(0), "{}", first.log_tail());
    let second_identity = other_holder(&cluster, &first_identity, Duration::from_secs(2)).await;
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
    logged(&second, "leading;").await;

    // Nobody stands by: the lease says so.
    let status = second.terminate(Duration::from_secs(2)).await;
    assert_eq!(status.code(), Some(0), "{}", second.log_tail());
    assert_eq!(holder(&cluster).await, "");

    let mut third = start(&cluster, &["--files", watched.to_str().unwrap()]);
    other_holder(&cluster, &second_identity, SOON).await;
    logged(&third, "leading;").await;
    fs::write(&watched, "after").unwrap();
    assert_eq!(third.wait(SOON).await.code(), Some(0), "{}", third.log_tail());
    assert!(third.log().contains("restart triggered because of"), "{}", third.log_tail());
    assert_eq!(holder(&cluster).await, "");
}

/// Waits until the lease was renewed so often.
async fn renewed(cluster: &Cluster, times: usize) {
    let mark = cluster.audit_mark().await;
    eventually(SOON, "the lease is renewed", async || {
        let requests = cluster.requests_since(mark, OPERATOR).await;
        let seen = lease_writes(&requests);
        if seen >= times { Ok(()) } else { Err(seen.to_string()) }
    })
    .await;
}

#[tokio::test]
async fn a_leader_that_stood_still_writes_nothing_any_more() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let proxy = Proxy::before(&cluster);
    let mut first = Operator::start_with(&cluster, proxy.kubeconfig(), options(&[]));
    // In the middle of its first pass, with most of the writes still to come.
    eventually(SOON, "the first has begun", async || {
        cluster.get("v1", "ServiceAccount", NAMESPACE, "registry").await.map(drop).ok_or_else(String::new)
    })
    .await;
    first.signal("STOP");
    let first_identity = holder(&cluster).await;
    assert!(cluster.get("apps/v1", "Deployment", NAMESPACE, "image-registry").await.is_none(), "{}", first.log());
    let second = start(&cluster, &[]);
    logged(&second, "waiting for the lease").await;
    let second_identity = other_holder(&cluster, &first_identity, Duration::from_secs(4 * LEASE_LASTS)).await;
    logged(&second, "leading;").await;
    ready(&cluster).await;
    renewed(&cluster, 1).await;

    // What the first would do is there to be done: the second cannot, for it stands still, too.
    let mark = cluster.audit_mark().await;
    second.signal("STOP");
    cluster.merge(&empty_dir(), json!({"spec": {"replicas": 3}})).await.unwrap();
    // Nobody tells it that it has lost the lease: it has to know by its clock.
    proxy.fault(Fault::freeze(When::Before).path("/leases"));
    first.signal("CONT");
    assert_eq!(first.wait(SOON).await.code(), Some(0), "{}", first.log_tail());
    let requests = cluster.requests_since(mark, OPERATOR).await;
    // The second may have renewed its lease before it stood still; the first did not take it, as is seen below. One
    // write may have been on its way from the clock to the wire when the first was stopped.
    let late = writes(&requests).len() - lease_writes(&requests);
    assert!(late <= 1, "{:#?}\n{}", writes(&requests), first.log());
    assert!(first.log().contains("leader election lost"), "{}", first.log_tail());
    assert_eq!(holder(&cluster).await, second_identity);
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let cluster = Cluster::acquire().await;
    let mut operator = start(&cluster, &[]);
    logged(&operator, "leading;").await;
    // Its requests hang, and so does the pass under way.
    cluster.pause_api_server();
    operator.signal("TERM");
    logged(&operator, "shutting down").await;
    let begin = Instant::now();
    operator.signal("TERM");
    let status = operator.wait(Duration::from_secs(1)).await;
    cluster.resume_api_server();
    assert_eq!((status.code(), status.signal()), (Some(1), None), "{}", operator.log_tail());
    assert!(begin.elapsed() < Duration::from_secs(1));
}
