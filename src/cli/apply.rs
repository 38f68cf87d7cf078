//! `apply`: one pass, for people without the operator.

mod progress;

use super::cluster;
use super::live::{self, LiveArgs};
use super::output::{self, Failure, Outcome};
use crate::execute;
use crate::execute::request::Api;
use crate::operator::once::{self, Once, Trouble, View};
use crate::operator::rollout;
use progress::Progress;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Brings a cluster into the state that Config and ImagePruner ask for, once
///
/// It does what the operator would do, and ends. If anything is wrong with the input, every problem is named and
/// nothing is changed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cluster-image-registry-operator apply --wait
  cluster-image-registry-operator apply -f config.yaml --env-file env.yaml --wait --timeout 600")]
pub(super) struct Args {
    #[command(flatten)]
    live: LiveArgs,

    /// Wait until the registry is available
    #[arg(long)]
    wait: bool,

    /// Seconds to wait at most
    #[arg(long, value_name = "SECONDS", default_value_t = 300, requires = "wait",
        value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,

    /// Go on although an operator holds the lease and may undo what is done
    #[arg(long)]
    ignore_lease: bool,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    cluster::runtime()?.block_on(async {
        let (mut once, api) = live::open(&args.live).await?;
        if !args.ignore_lease {
            refuse_beside_operator(&api).await?;
        }
        let mut teller = Teller::default();
        let view = pass(&mut once, &mut teller).await?;
        output::notes(&live::notes(&once, &view));
        teller.count();
        if args.wait {
            wait(&mut once, &api, view, Duration::from_secs(args.timeout), &mut teller).await
        } else {
            Ok(Outcome::Done)
        }
    })
}

/// Two writers would undo each other's work for ever.
async fn refuse_beside_operator(api: &Api) -> Result<(), Failure> {
    match once::lease_holder(api).await.map_err(|error| cluster::failed(vec![error]))? {
        None => Ok(()),
        Some(holder) => Err(Failure::cluster(format!(
            "{holder} holds the operator's lease and does this work; stop it with `oc scale --replicas=0 -n \
             openshift-image-registry deployment/cluster-image-registry-operator`, or go on with --ignore-lease"
        ))),
    }
}

async fn pass(once: &mut Once, teller: &mut Teller) -> Result<View, Failure> {
    once.pass(|outcome| teller.tell(outcome)).await.map_err(|trouble| match trouble {
        Trouble::Input(problems) => Failure::from(problems),
        Trouble::Cluster(lines) => Failure { lines, code: 3 },
    })
}

/// Passes go on meanwhile, since a rollout can have several steps.
async fn wait(
    once: &mut Once,
    api: &Api,
    mut view: View,
    patience: Duration,
    teller: &mut Teller,
) -> Result<Outcome, Failure> {
    /// Between two looks at the Deployment, and the longest time between two passes.
    const LOOK: Duration = Duration::from_millis(500);
    const PASS: Duration = Duration::from_secs(10);
    let end = Instant::now() + patience;
    let mut progress = Progress::new();
    let mut waits_for = rollout::waits_for(&view);
    while !waits_for.is_empty() {
        progress.show(&waits_for.join("; "));
        let pass_at = end.min(Instant::now() + PASS);
        sleep(LOOK).await;
        while Instant::now() < pass_at && !rollout::has_changed(api, &view).await {
            sleep(LOOK).await;
        }
        progress.pause();
        if Instant::now() >= end {
            let seconds = patience.as_secs();
            let mut lines = vec![format!("the registry is not available after {seconds} seconds")];
            lines.extend(waits_for);
            lines.extend(rollout::pods(api).await);
            return Err(Failure { lines, code: 3 });
        }
        waits_for = match pass(once, teller).await {
            Ok(newer) => {
                view = newer;
                rollout::waits_for(&view)
            }
            // An API server may be away for a moment.
            Err(Failure { lines, code: 3 }) => lines,
            Err(failure) => return Err(failure),
        };
    }
    output::print(&format!("{}\n", rollout::summary(&view))).map(|()| Outcome::Done)
}

/// Says what was done, each thing once.
#[derive(Default)]
struct Teller {
    told: BTreeSet<String>,
    unchanged: BTreeSet<String>,
    written: BTreeSet<String>,
}

impl Teller {
    fn tell(&mut self, outcome: &execute::Outcome) {
        use execute::Done;
        match &outcome.done {
            Done::Unchanged => drop(self.unchanged.insert(outcome.object.clone())),
            // That is said at the end, with everything that failed.
            Done::Failed(_) | Done::Impossible(_) | Done::Looked => {}
            Done::Waiting(_) => self.line(&outcome.to_string()),
            Done::Skipped(_) => self.line(&outcome.to_string()),
            Done::Created | Done::Configured(_) | Done::Deleted => {
                self.written.insert(outcome.object.clone());
                // Status changes with every step of a rollout.
                if !outcome.object.starts_with("status of ") || !self.told.contains(&outcome.object) {
                    self.line(&outcome.to_string());
                }
                self.told.insert(outcome.object.clone());
            }
        }
    }

    fn line(&mut self, line: &str) {
        if self.told.insert(line.to_owned()) {
            // A closed standard output must not stop the work.
            let _ = output::print(&format!("{}\n", output::visible(line)));
        }
    }

    fn count(&self) {
        if self.written.is_empty() {
            let _ = output::print("nothing had to be changed\n");
            return;
        }
        let unchanged = self.unchanged.difference(&self.written).count();
        let _ = output::print(&format!("{} written, {unchanged} unchanged\n", self.written.len()));
    }
}
