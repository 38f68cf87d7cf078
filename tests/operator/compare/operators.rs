//! Operators, from their start to rest: this one, and any other program that takes its place.

use super::rows::Row;
use super::{NAMESPACE, SOON, drift, stands, with_route, without_route};
use crate::cluster::audit::{Mark, Request};
use crate::cluster::credentials::{OPERATOR, OTHER};
use crate::cluster::operator::{Operator, Options};
use crate::cluster::process::{Process, rss_bytes};
use crate::cluster::{Cluster, eventually};
use crate::idle::settle;
use crate::install::ready;
use serde_json::json;
use std::ffi::OsStr;
use std::process::Command;
use std::time::{Duration, Instant};

/// Rest that is measured: many operators look at everything once a minute.
const REST: Duration = Duration::from_secs(65);

/// A running one.
pub struct Running {
    name: &'static str,
    /// As whom it talks to the API server.
    user: &'static str,
    pid: u32,
    begun: Instant,
    mark: Mark,
    _process: Box<dyn Send>,
}

impl Running {
    /// The one of these tests.
    pub async fn this(cluster: &Cluster) -> Self {
        cluster.apply(&with_route()).await.unwrap();
        let (mark, begun) = (cluster.audit_mark().await, Instant::now());
        let operator = Operator::start(cluster, Options::default());
        let pid = operator.pid();
        Running { name: "operator", user: OPERATOR, pid, begun, mark, _process: Box::new(operator) }
    }

    /// Another program, which may do everything; it takes the same environment and `--kubeconfig`.
    pub async fn other(cluster: &Cluster, program: &OsStr) -> Self {
        cluster.apply(&with_route()).await.unwrap();
        let (mark, begun) = (cluster.audit_mark().await, Instant::now());
        let mut command = Command::new(program);
        command.arg("--kubeconfig").arg(cluster.kubeconfig(OTHER));
        command.env_clear().envs(Options::default().environment);
        let log = cluster.directory().join("the-other-operator.log");
        let process = Process::start("the other operator", &mut command, log, None).unwrap();
        let pid = process.id();
        Running { name: "the other operator", user: OTHER, pid, begun, mark, _process: Box::new(process) }
    }

    /// Requests since then, once nothing changes any more. How it looks at things and stays the leader is left out.
    async fn counted(&self, cluster: &Cluster, mark: Mark) -> Vec<Request> {
        settle(cluster).await;
        let mut requests = cluster.requests_since(mark, self.user).await;
        requests.retain(|request| request.verb != "watch" && request.resource != "leases");
        requests
    }

    /// All phases. Where a Service that somebody has changed stays so for [`SOON`], that is told instead of a number.
    pub async fn measure(self, cluster: &Cluster) -> Vec<Row> {
        let Running { name, user, pid, begun, mark, .. } = &self;
        ready(cluster).await;
        let until_ready = begun.elapsed();
        // Watches are how it looks at things.
        let mut rows = vec![Row::of(name, "first", &cluster.requests_since(*mark, user).await)];
        settle(cluster).await;

        let mark = cluster.audit_mark().await;
        let metadata = json!({"name": "unrelated", "namespace": NAMESPACE});
        let unrelated = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "b"}});
        cluster.apply(&unrelated).await.unwrap();
        rows.push(Row::of(name, "no-op", &self.counted(cluster, mark).await));

        let mark = cluster.audit_mark().await;
        drift(cluster).await;
        let is_repaired = repaired(cluster).await;
        if is_repaired {
            rows.push(Row::of(name, "drifted", &self.counted(cluster, mark).await));
        } else {
            println!("{name}: the Service is not repaired within {SOON:?}");
        }

        let mark = cluster.audit_mark().await;
        without_route(cluster).await;
        eventually(SOON, "the Route is gone", async || {
            let (_, has_route) = stands(cluster).await;
            if has_route { Err("there".to_owned()) } else { Ok(()) }
        })
        .await;
        rows.push(Row::of(name, "prune", &self.counted(cluster, mark).await));
        if std::env::var_os("FIGURES_DIR").is_some() {
            let mark = cluster.audit_mark().await;
            tokio::time::sleep(REST).await;
            let rest = cluster.requests_since(mark, user).await;
            let is_lease = |request: &&Request| request.resource == "leases";
            let (leases, watches) =
                (rest.iter().filter(is_lease).count(), rest.iter().filter(|request| request.verb == "watch").count());
            println!(
                "| {name} | {} KiB resident | ready after {until_ready:.1?} | {} requests in {REST:?} at rest: \
                 {leases} for the Lease, {watches} watches, {} others |",
                rss_bytes(*pid) / 1024,
                rest.len(),
                rest.len() - leases - watches,
            );
        }
        rows
    }
}

/// Whether the Service becomes what it should be in time.
async fn repaired(cluster: &Cluster) -> bool {
    let end = Instant::now() + SOON;
    while Instant::now() < end {
        if stands(cluster).await.0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}
