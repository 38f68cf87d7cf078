//! An operator behind a proxy, from its start until nothing is left to do.

use super::dump::{Dump, differences, dump};
use super::proxy::Proxy;
use crate::cluster::operator::{Operator, Options};
use crate::cluster::{Cluster, eventually};
use crate::e2e::support::{READY, condition, object};
use crate::install::empty_dir;
use crate::support::internet::Hold;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Longer than the operator waits between two reports.
const QUIET: Duration = Duration::from_millis(1300);
/// Until everything is as it should be: longer than the longest pause of a watch between two attempts (64 s).
pub const PATIENCE: Duration = Duration::from_secs(90);

/// What is asked for beyond what there is time for in every run: all, or one case by its name.
pub fn asked() -> Option<String> {
    std::env::var("FAULTS").ok()
}

/// Everything that a sweep leaves out, unless `FAULTS=all`.
pub fn all() -> bool {
    asked().is_some_and(|value| value == "all")
}

/// The operator and its proxy.
pub struct Run<'a> {
    pub cluster: &'a Cluster,
    pub proxy: Proxy,
    pub operator: Operator,
    environment: BTreeMap<String, String>,
}

impl<'a> Run<'a> {
    /// Starts a proxy and an operator behind it.
    pub fn start(cluster: &'a Cluster, environment: &BTreeMap<String, String>) -> Self {
        Self::behind(Proxy::before(cluster), cluster, environment)
    }

    /// Waits until a registry on the pods' own disks is installed behind a proxy; gives how that is.
    pub async fn installed(cluster: &'a Cluster) -> (Self, Dump) {
        cluster.apply(&empty_dir()).await.unwrap();
        let run = Self::start(cluster, &Options::default().environment);
        let installed = run.reports("installed", &READY).await;
        (run, installed)
    }

    /// Starts an operator behind a proxy.
    pub fn behind(proxy: Proxy, cluster: &'a Cluster, environment: &BTreeMap<String, String>) -> Self {
        let operator = start(cluster, &proxy, environment);
        Run { cluster, proxy, operator, environment: environment.clone() }
    }

    /// Starts it again. It finds no lease: waiting until one has run out is another test's.
    pub async fn again(&mut self) {
        self.operator.kill();
        self.cluster.delete(&object("Lease", "openshift-master-controllers")).await.unwrap();
        self.operator = start(self.cluster, &self.proxy, &self.environment);
    }

    /// Waits until the operator watches everything and has written nothing for a while; false once the deadline is over.
    pub async fn rests(&self, deadline: Instant) -> bool {
        while self.proxy.log().quiet_for() < QUIET {
            if Instant::now() > deadline {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        true
    }

    /// Waits until it rests.
    pub async fn rested(&self) {
        assert!(self.rests(Instant::now() + Duration::from_secs(30)).await, "{}", self.operator.log_tail());
    }

    /// Waits until it rests with everything as it should be; gives that.
    pub async fn settled(&self, what: &str, is_right: impl Fn(&Dump) -> Vec<String>) -> Dump {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let rested = self.rests(deadline).await;
            let found = dump(self.cluster).await;
            let wrong = is_right(&found);
            // What was written meanwhile may be in one half of the dump.
            if rested && wrong.is_empty() && self.proxy.log().quiet_for() >= QUIET {
                return found;
            }
            let tail = self.operator.log_tail();
            if Instant::now() > deadline {
                panic!("{what}: rests: {rested}; {wrong:#?}\n{tail}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until it rests with everything as in that dump.
    pub async fn converges(&self, what: &str, expected: &Dump) {
        self.settled(what, |found| differences(expected, found)).await;
    }

    /// Waits until a condition of Config has a status and reason, and nothing is written any more.
    pub async fn reports(&self, what: &str, conditions: &[[&str; 3]]) -> Dump {
        self.settled(what, |found| {
            let config = found.get("Config cluster").cloned().unwrap_or_default();
            let holds = |[type_, status, reason]: &&[&str; 3]| {
                let found = condition(&config, type_);
                found["status"] != *status || found["reason"] != *reason
            };
            conditions
                .iter()
                .filter(holds)
                .map(|wanted| format!("{wanted:?}: {}", condition(&config, wanted[0])))
                .collect()
        })
        .await
    }
}

fn start(cluster: &Cluster, proxy: &Proxy, environment: &BTreeMap<String, String>) -> Operator {
    proxy.log().mark();
    let arguments = ["--turn", "2"].map(str::to_owned).to_vec();
    Operator::start_with(cluster, proxy.kubeconfig(), Options { arguments, environment: environment.clone() })
}

/// Waits until a call is held; false if the operator rests without.
pub async fn held(run: &Run<'_>, holds: &[Hold]) -> bool {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if holds.iter().any(|hold| hold.first_within(Duration::ZERO).is_some()) {
            return true;
        }
        if run.proxy.log().quiet_for() >= QUIET || Instant::now() > deadline {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until the proxy's log shows it.
pub async fn seen(run: &Run<'_>, what: &str, holds: impl Fn(&[super::log::Asked]) -> bool) {
    eventually(Duration::from_secs(30), what, async || {
        let asked = run.proxy.log().asked();
        if holds(&asked) { Ok(()) } else { Err(run.operator.log_tail()) }
    })
    .await;
}
