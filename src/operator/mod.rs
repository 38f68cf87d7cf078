//! The operator: observe, render, execute, report, in one loop.
//!
//! One task owns everything that is known and does everything that is done; watches only bring it news. Whatever the
//! news, the loop asks the renderer what should be, and does what is missing: no event has a meaning of its own.

mod azure_stack;
pub mod controller_config;
pub mod diagnostics;
mod events;
mod failing;
pub mod files;
mod image_streams;
mod lease;
pub mod logging;
mod look;
pub mod metrics;
pub mod observe;
pub mod once;
mod pass;
pub mod rollout;
pub mod run;
pub mod serving;
pub mod snapshot;
pub mod targets;
mod turns;
mod watch;

use crate::api::secret::Secret;
use crate::execute::world::Scope;
use crate::execute::{Error, Executor, World, jitter};
use crate::inputs::{Environment, MediumId};
use crate::problem::Concern;
use diagnostics::Diagnostics;
use events::Events;
use failing::Failing;
use jiff::Timestamp;
use metrics::Metrics;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use targets::Target;
use tokio::sync::mpsc::Receiver;
use tokio::sync::watch as state;
use tokio::time::{Instant, sleep_until, timeout_at};
use watch::News;

/// How long to wait for more news once there is some, so that one pass serves all of it.
const COALESCE: Duration = Duration::from_millis(10);
/// How long right after something was created: other controllers then answer one after the other.
const COALESCE_ANSWERS: Duration = Duration::from_millis(200);

/// The loop and everything it knows.
struct Operator {
    executor: Executor,
    world: World,
    environment: Environment,
    http_secret: Secret,
    failing: Failing,
    /// What cannot be watched, why, and since when.
    troubled: BTreeMap<Scope, (Error, Timestamp)>,
    events: Events,
    metrics: Metrics,
    diagnostics: Diagnostics,
    /// What takes turns in the last watch.
    turns: state::Sender<Vec<Target>>,
    /// Whether a pass was made, for the readiness probe.
    ready: state::Sender<bool>,
    /// When Config was last read or heard of.
    config_seen: Instant,
    /// When something was last created.
    created: Option<Instant>,
    /// When the last pass began.
    passed: Instant,
    /// When to make a pass although there is no news.
    due: Option<Instant>,
    /// When to look at what is looked at hourly.
    hourly: Option<Instant>,
    /// When to look again at what is missing, and how long to wait after that.
    look_again: Option<(Instant, Duration)>,
    /// Until when a report that failed is not tried again.
    report_again: Option<Instant>,
    /// Status of the CronJob when Jobs were last looked at.
    jobs_of: String,
    /// Type and medium of the storage in use when it was last reported.
    storage: Option<(&'static str, Option<MediumId>)>,
    /// Problems that are in the log already.
    noticed: BTreeSet<String>,
}

impl Operator {
    /// Works until told to stop. The pass that runs then is brought to its end.
    async fn work(&mut self, mut heard: Receiver<News>, mut stop: state::Receiver<bool>) {
        let stored = self.executor.storage().wake();
        loop {
            let look_again = self.look_again.map(|(again, _)| again);
            // What a pass has seen to be due is no reason for another one: the plan may hold nothing of it.
            let storage = self.executor.storage().next().filter(|next| *next > self.passed);
            let tried = self.executor.storage().is_busy().then_some(Concern::Storage);
            let due = [self.due, self.failing.next(tried), self.hourly, look_again, storage];
            let wake = due.into_iter().flatten().min().unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
            let mut is_news = false;
            self.diagnostics.rests(wake);
            tokio::select! {
                event = heard.recv() => match event {
                    Some(event) => is_news = self.take(event),
                    None => return,
                },
                () = stored.notified() => is_news = self.executor.collect_storage(),
                () = sleep_until(wake) => {}
                _ = stop.changed() => return,
            }
            if is_news {
                let answers = self.created.is_some_and(|created| created.elapsed() < Duration::from_secs(1));
                let end = Instant::now() + if answers { COALESCE_ANSWERS } else { COALESCE };
                while let Ok(Some(event)) = timeout_at(end, heard.recv()).await {
                    self.take(event);
                }
            }
            if (is_news || Instant::now() >= wake) && self.is_ready() {
                self.due = None;
                self.passed = Instant::now();
                self.pass().await;
                self.ready.send_replace(true);
            }
        }
    }

    /// Takes in news; whether anything is different now.
    fn take(&mut self, news: News) -> bool {
        match news {
            News::Put(live) => {
                if live.id().kind == "Config" {
                    self.config_seen = Instant::now();
                }
                self.world.put(live)
            }
            News::Gone(live) => self.world.remove(&live),
            News::Complete(scope, told, version) => {
                let was_troubled = self.troubled.remove(&scope).is_some();
                self.world.complete(&scope, &told, version) || was_troubled
            }
            News::NotServed(scope) => {
                let kind = scope.kind;
                let is_new = self.world.not_served(&scope);
                if is_new {
                    tracing::info!("the cluster does not serve {kind}; the operator goes on without it");
                }
                is_new
            }
            News::Trouble(scope, error) => {
                tracing::warn!("{} cannot be watched: {error}", scope.kind);
                let since = self.troubled.get(&scope).map_or_else(Timestamp::now, |(_, since)| *since);
                self.troubled.insert(scope, (error, since));
                true
            }
            News::Well(scope) => {
                tracing::info!("{} can be watched again", scope.kind);
                self.troubled.remove(&scope);
                true
            }
        }
    }

    /// Whether everything was looked at that can be, Config above all.
    fn is_ready(&self) -> bool {
        let is_known =
            |target: &Target| self.world.was_looked_at(&target.scope) || self.troubled.contains_key(&target.scope);
        let config = targets::always().into_iter().find(|target| target.scope.kind == "Config");
        config.is_some_and(|config| self.world.was_looked_at(&config.scope))
            && targets::always().iter().chain([&targets::pruner()]).all(is_known)
    }

    /// Makes a pass after so long at the latest.
    fn again(&mut self, after: Duration) {
        let then = Instant::now() + after;
        self.due = Some(self.due.map_or(then, |due| due.min(then)));
    }
}
