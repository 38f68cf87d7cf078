//! Two days of an operator that has nothing to do, pressed together: as many passes, watches and scrapes as two days
//! have; and then memory, file descriptors and threads are what they were, and nothing was written but the Lease.
//!
//! Every run of the tests has a part of it, `SOAK=1` has all (`just soak`).

mod gauge;
mod noise;
mod report;
mod running;

use crate::cluster::Cluster;
use crate::cluster::credentials::OPERATOR;
use crate::faults::proxy::Proxy;
use crate::idle::settle;
use crate::install::empty_dir;
use crate::metrics::Scraper;
use jiff::Timestamp;
use report::assert_unwritten;
use running::{Running, WATCHES};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const SECONDS: usize = 2 * 24 * 60 * 60;
/// Seconds of a turn of the last watch (`run --turn`).
const TURN: usize = 45;
/// Seconds that any other watch is kept (`operator/watch.rs`).
const KEPT: usize = 40 * 60;
/// Seconds between two scrapes (`manifests/`).
const SCRAPE: usize = 60;
/// Watches that two days open: 14 every forty minutes, and for each of 3,840 turns the look and the way back.
const OPENED: usize = (WATCHES - 1) * SECONDS / KEPT + 2 * SECONDS / TURN;

/// Passes in a round, where there are few rounds.
const PASSES: usize = 28;
/// Passes for each turn of the last watch, in the whole. A quiet cluster has news a few times an hour.
const OF_A_TURN: usize = 3;
/// KiB that memory may grow by: a heap that is used by turns is never quite the same. Of 11,600 passes in the whole, a leak
/// of 30 bytes each is 140 by the measure of [`gauge::Gauge::growth`].
const GROWTH: i64 = 128;
/// The same of 392 passes in the part: 84 were seen without a leak, 220 with one of a KiB each.
const GROWTH_OF_PART: i64 = 176;
/// The same over restarts of the API server, of which there are few samples, from before everything has its size.
const GROWTH_RESTARTED: i64 = 512;

/// How much of it.
struct Scale {
    /// All watches are opened again in each.
    rounds: usize,
    /// Passes, and scrapes, in each.
    passes: usize,
    scrapes: usize,
    /// Rounds from one sample to the next.
    sampled: usize,
}

fn is_whole() -> bool {
    std::env::var_os("SOAK").is_some()
}

impl Scale {
    fn asked() -> Self {
        if is_whole() {
            let rounds = OPENED.div_ceil(WATCHES);
            let passes = (OF_A_TURN * SECONDS / TURN).div_ceil(rounds);
            Scale { rounds, passes, scrapes: (SECONDS / SCRAPE).div_ceil(rounds), sampled: 10 }
        } else {
            Scale { rounds: 14, passes: PASSES, scrapes: 3, sampled: 1 }
        }
    }
}

#[tokio::test]
async fn two_days_leave_nothing_behind() {
    let scale = Scale::asked();
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let (proxy, scraper) = (Proxy::before(&cluster), Scraper::new(&cluster));
    let arguments = ["--turn", "1", "--lease-duration", "10"];
    let mut running = Running::start(&cluster, &scraper, proxy.kubeconfig(), &arguments).await;
    for round in 0..scale.rounds {
        running.passes(scale.passes).await;
        running.scrapes(scale.scrapes).await;
        if round % 8 == 3 {
            scraper.renew();
        }
        // After one that fails comes one that does not: otherwise the pauses would grow, as they should.
        let begin = Timestamp::now();
        match round % 6 {
            2 => proxy.watches().expire(),
            4 => proxy.watches().break_off(),
            _ => proxy.watches().end(),
        }
        running.watches_since(begin).await;
        if round % scale.sampled == 0 {
            running.silent(&format!("round {round}")).await;
            running.sample().await;
        }
    }
    running.sample().await;
    running.silent("in the end").await;
    running.print("two days");
    if let Some(directory) = std::env::var_os("FIGURES_DIR") {
        running.gauge.write(&Path::new(&directory).join("soak.csv"));
    }
    // Of what is changed elsewhere, one object is looked at in turns.
    let growth = if is_whole() { GROWTH } else { GROWTH_OF_PART };
    running.assert_flat(growth, scale.rounds as u64 + 5);
}

/// Over TLS, with tokens that are renewed, until the connections are reset and the API server is gone for seconds; then
/// others take over.
#[tokio::test]
async fn restarts_leave_nothing_behind() {
    let (restarts, heirs) = if is_whole() { (8, 4) } else { (2, 1) };
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let (account, scraper) = (Account::new(&cluster), Scraper::new(&cluster));
    // It outlasts a restart.
    let arguments = ["--turn", "1", "--lease-duration", "40"];
    let mut running = Running::start(&cluster, &scraper, &account.kubeconfig, &arguments).await;
    running.passes(PASSES).await;
    running.silent("before").await;
    running.sample().await;
    for restart in 0..restarts {
        let begin = Timestamp::now();
        account.renew(&cluster);
        cluster.restart_api_server().await;
        running.watches_since(begin).await;
        settle(&cluster).await;
        assert_unwritten(&running.heard().await, &format!("restart {restart} of the API server"));
        running.passes(PASSES).await;
        running.scrapes(3).await;
        running.silent(&format!("after restart {restart} of the API server")).await;
        running.sample().await;
    }
    running.print("restarts of the API server");
    // That watches fail, and work again, is news, too.
    running.assert_flat(GROWTH_RESTARTED, 5 * restarts * WATCHES as u64);
    for heir in 0..heirs {
        let begin = Timestamp::now();
        // Half of them wait until the lease has run out.
        running.hand_over(heir % 2 == 1).await;
        running.watches_since(begin).await;
        settle(&cluster).await;
        assert_unwritten(&running.heard().await, &format!("heir {heir}"));
    }
}

/// The operator's account, as a pod has it.
struct Account {
    kubeconfig: PathBuf,
    token: PathBuf,
}

impl Account {
    fn new(cluster: &Cluster) -> Self {
        let file = |suffix| cluster.directory().join(format!("soak.{suffix}"));
        let account = Account { kubeconfig: file("kubeconfig"), token: file("token") };
        account.renew(cluster);
        let mut config: Value = serde_json::from_slice(&fs::read(cluster.kubeconfig(OPERATOR)).unwrap()).unwrap();
        config["users"][0]["user"] = json!({ "tokenFile": account.token });
        fs::write(&account.kubeconfig, config.to_string()).unwrap();
        account
    }

    /// Another token, which the client reads within a minute.
    fn renew(&self, cluster: &Cluster) {
        let name = OPERATOR.rsplit(':').next().unwrap();
        let token = cluster.kubectl(&["create", "token", name, "-n", "openshift-image-registry"]);
        fs::write(&self.token, token.trim()).unwrap();
    }
}
