//! An operator that is kept busy with nothing.

use super::gauge::{Gauge, Sample};
use super::noise::Noise;
use super::report::assert_unwritten;
use crate::cluster::audit::{Mark, Request};
use crate::cluster::credentials::OPERATOR;
use crate::cluster::operator::{Operator, Options};
use crate::cluster::{Cluster, eventually};
use crate::diagnostics::{is_resting, list};
use crate::idle::{assert_silent, settle};
use crate::install::ready;
use crate::metrics::Scraper;
use cluster_image_registry_operator::operator::diagnostics;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// With pauses between attempts, and the turns of the last watch.
const SOON: Duration = Duration::from_secs(60);

/// The operator, what is done around it, and what was seen.
pub struct Running<'a> {
    cluster: &'a Cluster,
    kubeconfig: &'a Path,
    arguments: Vec<String>,
    operator: Operator,
    scraper: &'a Scraper,
    noise: Noise,
    mark: Mark,
    begin: Instant,
    pub gauge: Gauge,
    /// Passes that were made when it began, and that were asked for since.
    before: u64,
    pub news: u64,
    pub scrapes: u64,
    /// By verb, and whether it is about the Lease.
    pub asked: BTreeMap<(String, bool), usize>,
}

impl<'a> Running<'a> {
    /// Starts it where everything is as it should be, and waits until it rests.
    pub async fn start(cluster: &'a Cluster, scraper: &'a Scraper, kubeconfig: &'a Path, more: &[&str]) -> Self {
        let more = more.iter().map(|argument| (*argument).to_owned());
        let arguments: Vec<String> = more.chain(scraper.arguments()).collect();
        // The one that installs needs more memory than it ever does again; what leaks would find room there.
        let mut first = start(cluster, kubeconfig, &arguments);
        ready(cluster).await;
        let noise = Noise::begin(cluster).await;
        settle(cluster).await;
        assert_eq!(first.terminate(SOON).await.code(), Some(0), "{}", first.log_tail());
        let mark = cluster.audit_mark().await;
        let operator = start(cluster, kubeconfig, &arguments);
        let mut running = Running {
            cluster,
            kubeconfig,
            arguments,
            operator,
            scraper,
            noise,
            mark,
            begin: Instant::now(),
            gauge: Gauge::default(),
            before: 0,
            news: 0,
            scrapes: 0,
            asked: BTreeMap::new(),
        };
        eventually(SOON, "it listens", async || {
            if running.operator.socket().exists() { Ok(()) } else { Err(running.operator.log_tail()) }
        })
        .await;
        running.before = passes(&running.rests().await.0);
        assert_unwritten(&running.heard().await, "after a start");
        running
    }

    /// Makes it make passes, one after the other.
    pub async fn passes(&mut self, count: usize) {
        let mut done = 0;
        // What is there for a moment is gone in the end.
        while done < count || !self.noise.is_even() {
            let before = passes(&self.document().await.0);
            self.noise.seen(self.cluster).await;
            let end = Instant::now() + SOON;
            // There are thousands: looking more often than `eventually` does takes half the time.
            while passes(&self.document().await.0) == before {
                assert!(Instant::now() < end, "no pass within {SOON:?}: {}", self.operator.log_tail());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            done += 1;
        }
        self.news += done as u64;
        self.noise.elsewhere(self.cluster).await;
    }

    /// Asks for metrics as often.
    pub async fn scrapes(&mut self, count: usize) {
        for _ in 0..count {
            let text = self.scraper.scrape().await.unwrap();
            assert!(text.contains("image_registry_operator_passes_total{"), "{text}");
        }
        self.scrapes += count as u64;
    }

    /// Waits until all watches have been opened, and told everything, since then; and whatever takes turns can be looked at.
    pub async fn watches_since(&self, moment: Timestamp) {
        let moment = format!("{moment:.3}");
        eventually(SOON, "everything is watched", async || {
            let (document, _) = self.document().await;
            let targets = list(&document, "targets");
            let is_new = |target: &&Value| target["complete"].as_str().is_some_and(|at| *at > *moment);
            let new = targets.iter().filter(|target| target["by"] == "watch").filter(is_new).count();
            let is_well = targets.iter().all(|target| target["trouble"].is_null());
            if new == WATCHES && is_well { Ok(()) } else { Err(format!("{new} watches: {document:#}")) }
        })
        .await;
    }

    /// Waits until it rests with all watches open.
    async fn rests(&self) -> (Value, usize) {
        eventually(SOON, "the operator rests", async || {
            let (document, length) = self.document().await;
            let is_idle = is_resting(&document) && list(&document["requests"], "underWay").is_empty();
            let has_passed = document["lastPass"].is_object() && document["waiting"]["news"] == 0;
            let is_done = is_idle && has_passed && open(&document) == WATCHES;
            if is_done { Ok((document, length)) } else { Err(format!("{document:#}")) }
        })
        .await
    }

    /// Looks at what it takes up at rest.
    pub async fn sample(&mut self) {
        let (document, length) = self.rests().await;
        let numbers = [passes(&document) - self.before, open(&document) as u64, length as u64];
        let sample = Sample::of(self.operator.pid(), self.begin.elapsed(), numbers).await;
        self.gauge.0.push(sample);
    }

    /// What it has asked the API server for since the last time, which is to be nothing.
    pub async fn silent(&mut self, when: &str) {
        let requests = self.heard().await;
        assert_silent(&requests, when);
    }

    /// What it has asked the API server for since the last time.
    pub async fn heard(&mut self) -> Vec<Request> {
        let next = self.cluster.audit_mark().await;
        let requests = self.cluster.requests_between(self.mark, next, OPERATOR);
        self.mark = next;
        for request in &requests {
            *self.asked.entry((request.verb.clone(), request.resource == "leases")).or_default() += 1;
        }
        requests
    }

    /// Another one waits for the lease; then this one ends, or is killed.
    pub async fn hand_over(&mut self, is_killed: bool) {
        let heir = start(self.cluster, self.kubeconfig, &self.arguments);
        eventually(SOON, "another one waits", async || {
            if heir.log().contains("waiting for the lease") { Ok(()) } else { Err(heir.log_tail()) }
        })
        .await;
        if is_killed {
            self.operator.kill();
        } else {
            assert_eq!(self.operator.terminate(SOON).await.code(), Some(0), "{}", self.operator.log_tail());
        }
        self.operator = heir;
    }

    /// What it says of itself, and how long that is.
    async fn document(&self) -> (Value, usize) {
        let text = diagnostics::ask(self.operator.socket()).await.unwrap();
        (serde_json::from_str(&text).unwrap(), text.len())
    }
}

fn start(cluster: &Cluster, kubeconfig: &Path, arguments: &[String]) -> Operator {
    Operator::start_with(cluster, kubeconfig, Options { arguments: arguments.to_vec(), ..Options::default() })
}

/// Watches at rest.
pub const WATCHES: usize = 15;

fn passes(document: &Value) -> u64 {
    document["lastPass"]["number"].as_u64().unwrap_or_default()
}

/// Watches that are open, be they of targets that take turns.
fn open(document: &Value) -> usize {
    list(document, "targets").iter().filter(|target| target["open"].is_string()).count()
}
