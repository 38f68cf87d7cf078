//! When the operator has done all there is to do.

use super::state::{State, config};
use crate::cluster::Cluster;
use crate::cluster::audit::{Mark, Request, watches, writes};
use crate::cluster::credentials::OPERATOR;
use crate::e2e::support::condition;
use crate::owned::owned;
use serde_json::Value;
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(60);
/// Two reports are a second apart; what comes later follows from something else.
const QUIET: Duration = Duration::from_millis(1400);
/// While pods do not come up or the API server refuses something, there are longer pauses.
const QUIET_WHILE_WAITING: Duration = Duration::from_secs(3);
const AGAIN: Duration = Duration::from_millis(150);
const ALL_WATCHES: usize = 15;

/// Waits until the newest Config and ImagePruner are reported on, and nothing has been written for a while.
///
/// # Errors
/// What was written last, if that does not come.
pub async fn at_rest(cluster: &Cluster) -> Result<(), String> {
    let (begin, mut since) = (Instant::now(), Instant::now());
    let mut mark = cluster.audit_mark().await;
    let mut last = Vec::new();
    loop {
        let next = cluster.audit_mark().await;
        let written = written_since(cluster, mark).await;
        mark = next;
        if !written.is_empty() {
            since = Instant::now();
            last = written.iter().map(|request| format!("{} {} {}", request.verb, request.uri, request.code)).collect();
        }
        let config = config(cluster).await;
        let is_waiting = condition(&config, "Progressing")["status"] != "False";
        let quiet = if is_waiting { QUIET_WHILE_WAITING } else { QUIET };
        let pruner = cluster.get("imageregistry.operator.openshift.io/v1", "ImagePruner", "", "cluster").await;
        let all = [Some(config), pruner];
        let is_reported = |object: &Value| object["status"]["observedGeneration"] == object["metadata"]["generation"];
        if since.elapsed() > quiet && all.iter().flatten().all(is_reported) {
            // Routes go when the garbage collector has looked for what depends on them.
            let goes = |object: &Value| object["metadata"]["deletionTimestamp"].is_string();
            if !owned(cluster).await.iter().any(goes) {
                return Ok(());
            }
        }
        if begin.elapsed() > DEADLINE {
            return Err(format!("the operator is not at rest after {DEADLINE:?}: {last:#?}"));
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Waits until an operator that was started then looks at everything.
///
/// # Errors
/// How far it has come.
pub async fn opened_watches(cluster: &Cluster, mark: Mark) -> Result<(), String> {
    let begin = Instant::now();
    loop {
        let requests = cluster.requests_since(mark, OPERATOR).await;
        match watches(&requests).len() {
            ALL_WATCHES.. => return Ok(()),
            open if begin.elapsed() > DEADLINE => return Err(format!("{open} watches are open after {DEADLINE:?}")),
            _ => tokio::time::sleep(AGAIN).await,
        }
    }
}

/// What the operator has written since then, without its lease and events.
pub async fn written_since(cluster: &Cluster, mark: Mark) -> Vec<Request> {
    let requests = cluster.requests_since(mark, OPERATOR).await;
    let written =
        writes(&requests).into_iter().filter(|request| !["leases", "events"].contains(&request.resource.as_str()));
    written.cloned().collect()
}

/// Takes from a state what is reported.
pub fn without_reports(state: &mut State) {
    for object in state.values_mut().filter_map(Value::as_object_mut) {
        object.remove("status");
        object
            .get_mut("owned")
            .and_then(Value::as_object_mut)
            .into_iter()
            .for_each(|owned| owned.retain(|name, _| !name.contains("status")));
    }
}
