//! Answers that are none: all is tried again, not too often, and what passes is not Degraded.

use super::log::{Asked, is_write};
use super::run::{Run, all, seen};
use super::script::answer;
use crate::cluster::Cluster;
use crate::e2e::support::{condition, config, now, object, registry};
use crate::support::internet::{Fault, Request, When};
use serde_json::json;
use std::time::{Duration, Instant};

/// How long the API server answers like that, or until something was tried again.
const WHILE: Duration = Duration::from_secs(4);
/// Attempts of all concerns in every such time, with pauses of 1, 2, 4 seconds.
const WRITES: usize = 16;
/// Fifteen watches with such pauses, and a turn every other second.
const READS: usize = 80;

/// Objects to mend; their reports go through.
fn mends(request: &Request) -> bool {
    is_write(request) && !request.path.ends_with("/status") && !request.path.ends_with("/events")
}

/// Reads, the Lease's aside.
fn reads(request: &Request) -> bool {
    request.method == "GET" && Asked::of(request).resource != "leases"
}

/// Waits until a request was answered with the code, tried again and answered so again; then it was not tried too often.
async fn is_tried_again(run: &Run<'_>, what: &str, code: u16, since: Instant, most: usize) {
    let refused = |asked: &[Asked]| -> Vec<String> {
        let refused = asked.iter().filter(|asked| asked.at >= since && asked.status == Some(code));
        refused.map(|asked| asked.line.clone()).collect()
    };
    seen(run, &format!("{what} and tried again"), |asked| {
        let mut lines = refused(asked);
        let all = lines.len();
        lines.sort_unstable();
        lines.dedup();
        lines.len() < all && since.elapsed() >= WHILE
    })
    .await;
    let lines = refused(&run.proxy.log().asked());
    let most = (most as f64 * since.elapsed().div_duration_f64(WHILE)).ceil() as usize;
    assert!(lines.len() <= most, "{what}: {} times, {most} at most: {lines:#?}", lines.len());
}

/// Nothing but a blip: neither Config nor ClusterOperator say that somebody has to do something.
async fn is_not_degraded(run: &Run<'_>, what: &str) {
    for object in [config(), object("ClusterOperator", "image-registry")] {
        let found = now(run.cluster, &object).await;
        let conditions = found["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let degraded: Vec<_> = conditions
            .iter()
            .filter(|found| found["type"].as_str().is_some_and(|type_| type_.ends_with("Degraded")))
            .filter(|found| found["status"] == "True")
            .collect();
        assert!(degraded.is_empty(), "{what}: {degraded:#?}\n{}", run.operator.log_tail());
    }
    assert_eq!(condition(&now(run.cluster, &config()).await, "Available")["status"], "True", "{what}");
}

#[tokio::test]
async fn refusals_are_tried_again_with_pauses_and_are_not_degraded_at_once() {
    let cluster = Cluster::acquire().await;
    let (run, installed) = Run::installed(&cluster).await;
    let codes: &[u16] = if all() { &[409, 410, 429, 500, 503] } else { &[409, 429, 500] };
    for code in codes {
        let what = format!("writes are answered {code}");
        let begin = Instant::now();
        run.proxy.fault(answer(*code).matching(mends));
        cluster.delete(&object("ConfigMap", "image-registry-certificates")).await.unwrap();
        cluster.delete(&object("CronJob", "image-pruner")).await.unwrap();
        cluster.merge(&registry(), json!({ "spec": { "replicas": 3 } })).await.unwrap();
        is_tried_again(&run, &what, *code, begin, WRITES).await;
        is_not_degraded(&run, &what).await;
        run.proxy.clear_faults();
        run.proxy.log().stir();
        run.converges(&what, &installed).await;
    }
    let codes: &[u16] = if all() { &[403, 410, 429, 500, 503] } else { &[410, 503] };
    for code in codes {
        let what = format!("reads are answered {code}");
        let begin = Instant::now();
        run.proxy.fault(answer(*code).matching(reads));
        run.proxy.watches().expire();
        cluster.delete(&object("ConfigMap", "image-registry-certificates")).await.unwrap();
        is_tried_again(&run, &what, *code, begin, READS).await;
        is_not_degraded(&run, &what).await;
        run.proxy.clear_faults();
        run.proxy.log().stir();
        run.converges(&what, &installed).await;
    }
}

/// Connections that are accepted and never answered: the loop is held up by one for 30 seconds, not for ever.
#[tokio::test]
async fn a_write_that_is_never_answered_is_given_up() {
    let cluster = Cluster::acquire().await;
    let (run, installed) = Run::installed(&cluster).await;
    run.proxy.fault(Fault::freeze(When::Before).matching(mends).first(1));
    cluster.delete(&object("ConfigMap", "image-registry-certificates")).await.unwrap();
    run.proxy.log().stir();
    run.converges("a write is never answered", &installed).await;
    is_not_degraded(&run, "a write is never answered").await;
}
