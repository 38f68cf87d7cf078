//! One pass: observe, render, execute, report, until nothing is left to do.

use super::diagnostics::By;
use super::metrics;
use super::{Operator, azure_stack, events, targets};
use crate::api::config::LogLevel;
use crate::execute::request::Error;
use crate::execute::storage::azure_key_cache_requests;
use crate::execute::{Done, Live, Outcome, World};
use crate::inputs::{Inputs, Observed};
use crate::problem::Concern;
use crate::render::bootstrap::{SWIFT_UNKNOWN, config_id};
use crate::render::lint::lint;
use crate::render::names::{NAMESPACE, PRUNER};
use crate::render::plan::Plan;
use crate::render::status::StatusReport;
use crate::render::status::image::IMPORT_MODE_GATE;
use crate::render::storage::medium_id;
use crate::render::{ObjectId, render};
use jiff::Timestamp;
use k8s_openapi::api::batch::v1::CronJob;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// What follows from one write may need another; after so many rounds the next pass goes on.
pub(super) const ROUNDS: usize = 16;

/// A rollout changes a status many times a second; so far apart are two reports at least.
pub(super) const REPORTS_APART: Duration = Duration::from_secs(1);

/// A Config that the watch has brought within this time is as good as one that is read now.
const FRESH: Duration = Duration::from_millis(250);

/// Problems that others may solve without the operator hearing of it.
const MAY_PASS: [&str; 5] =
    ["ObjectMissing", "NamespaceNotReady", "InfrastructureUnknown", "KeyMissing", SWIFT_UNKNOWN];

impl Operator {
    /// One pass. Without a difference between what is and what should be, it asks the API server nothing.
    pub(super) async fn pass(&mut self) {
        let start = Instant::now();
        self.metrics.pass_pending();
        self.diagnostics.begins();
        let mut told = Vec::new();
        let succeeded = self.rounds(&mut told).await;
        let api = self.executor.api().clone();
        self.diagnostics.doing("sending events");
        for event in events::together(told) {
            self.events.send(&api, event).await;
        }
        self.diagnostics.events(0);
        self.tell();
        self.diagnostics.ends(succeeded, start);
        let outcome = if succeeded { metrics::Outcome::Succeeded } else { metrics::Outcome::Failed };
        self.metrics.pass(outcome, start.elapsed());
    }

    async fn rounds(&mut self, told: &mut Vec<events::Event>) -> bool {
        let mut is_fresh = false;
        for _ in 0..ROUNDS {
            self.executor.collect_storage();
            self.diagnostics.doing("looking");
            self.look_at_what_is_needed().await;
            self.diagnostics.doing("planning");
            let now = Timestamp::now();
            let inputs = self.inputs(now);
            let plan = render(&inputs);
            let planned = self.world.revision();
            self.note(&inputs, &plan).await;
            self.executor.look_at_storage(&plan, &inputs);
            if plan.problems.iter().any(|problem| problem.reason == SWIFT_UNKNOWN) {
                self.executor.probe_swift(&inputs);
            }
            let held_back = self.failing.held_back(&plan);
            let waiting = self.executor.waiting(&plan, &inputs, &self.world, &held_back);
            let outcomes = if waiting.is_none() {
                self.diagnostics.doing("executing");
                // Nothing is written on an old Config.
                if !std::mem::replace(&mut is_fresh, true) && self.config_seen.elapsed() > FRESH {
                    match self.refresh_config().await {
                        Ok(true) => continue,
                        Ok(false) => {}
                        Err(error) => return self.unreachable(&error),
                    }
                }
                // The pruner is told the registry's name by Image, so that comes first.
                if self.report_image(&plan, now).await {
                    continue;
                }
                let outcomes = self
                    .executor
                    .carry_out(&plan, &inputs, &mut self.world, &held_back, |outcome| {
                        log(outcome);
                        self.diagnostics.outcome(outcome);
                        told.extend(events::of(outcome));
                        self.diagnostics.events(told.len());
                    })
                    .await;
                self.count(&outcomes);
                if outcomes.iter().any(|outcome| outcome.done == Done::Created) {
                    // What it looks like is soon told better.
                    self.created = Some(Instant::now());
                    self.report_again = Some(Instant::now() + REPORTS_APART);
                }
                outcomes
            } else {
                Vec::new()
            };
            // Also news without any outcome: what failed was done all the same, which is not to be reported as failing.
            let is_news = self.failing.take(&plan, &outcomes, &self.kept(&held_back), now);
            if is_news || outcomes.iter().any(|outcome| outcome.done.is_news()) {
                continue;
            }
            self.diagnostics.doing("reporting");
            let reported = self.report(&plan, now).await;
            // An answer may hold what somebody has changed meanwhile; the watch that tells it later is no news then.
            if reported && self.world.revision() != planned {
                continue;
            }
            self.settle(&plan);
            self.diagnostics.planned(&plan, waiting.as_ref());
            return reported && plan.problems.is_empty();
        }
        tracing::warn!("after {ROUNDS} rounds there is still something to do; going on in a moment");
        self.again(Duration::from_secs(1));
        false
    }

    /// The concerns of which nothing was learnt: held back ones, and storage that is still being asked.
    fn kept(&self, held_back: &BTreeSet<Concern>) -> BTreeSet<Concern> {
        let asked = self.executor.storage().is_busy().then_some(Concern::Storage);
        held_back.iter().copied().chain(asked).collect()
    }

    /// Reports in Image what the pruner depends on; whether anything changed.
    async fn report_image(&mut self, plan: &Plan, now: Timestamp) -> bool {
        let status = StatusReport { image: plan.status.image.clone(), ..StatusReport::default() };
        let now = format!("{now:.0}");
        let report = self.executor.report(&status, &mut self.world, &now, |outcome| {
            log(outcome);
            self.diagnostics.outcome(outcome);
        });
        report.await.iter().any(|outcome| outcome.done.is_write())
    }

    async fn report(&mut self, plan: &Plan, now: Timestamp) -> bool {
        let now = format!("{now:.0}");
        if !self.executor.has_report(&plan.status, &self.world, &now) {
            self.diagnostics.reported();
            return true;
        }
        if let Some(again) = self.report_again.filter(|again| Instant::now() < *again) {
            self.again(again.saturating_duration_since(Instant::now()));
            return true;
        }
        let report = self.executor.report(&plan.status, &mut self.world, &now, |outcome| {
            log(outcome);
            self.diagnostics.outcome(outcome);
        });
        let outcomes = report.await;
        self.count(&outcomes);
        let failed = outcomes.iter().any(|outcome| outcome.done.failure().is_some());
        let pause = if failed { Duration::from_secs(10) } else { REPORTS_APART };
        self.report_again = Some(Instant::now() + pause);
        if failed {
            self.again(pause);
        }
        !failed
    }

    /// Looks at objects that nobody has looked at yet although something depends on them.
    async fn look_at_what_is_needed(&mut self) {
        let mut wanted: Vec<_> = targets::in_turns(&self.world).into_iter().collect();
        let hourly = targets::hourly();
        if self.hourly.is_none_or(|due| Instant::now() >= due) {
            self.hourly = Some(Instant::now() + Duration::from_secs(60 * 60) + super::jitter(Duration::from_secs(300)));
            for target in hourly.iter().filter(|target| **target != targets::cluster_version()) {
                self.look(target).await;
            }
            if needs_cluster_version(&self.world) {
                self.look(&targets::cluster_version()).await;
            }
        }
        if self.look_again.is_some_and(|(again, _)| Instant::now() >= again) {
            for target in wanted.iter().chain(&hourly) {
                self.look(target).await;
            }
            let pause = self.look_again.map_or(Duration::ZERO, |(_, pause)| pause);
            self.look_again = Some((Instant::now() + pause, (pause * 2).min(Duration::from_secs(300))));
        }
        // What an object says may lead to others.
        for _ in 0..2 {
            wanted = targets::in_turns(&self.world).into_iter().collect();
            wanted.retain(|target| !self.world.was_looked_at(&target.scope));
            for target in &wanted {
                self.look(target).await;
            }
        }
        self.look_at_jobs().await;
        let new: Vec<_> = targets::in_turns(&self.world).into_iter().collect();
        self.turns.send_if_modified(|targets| {
            let changed = *targets != new;
            *targets = new;
            changed
        });
    }

    /// The Jobs of the pruner, if the CronJob has started any since the last look.
    async fn look_at_jobs(&mut self) {
        let target = targets::pruner_jobs();
        let live = self.world.get(&ObjectId::of::<CronJob>(NAMESPACE, PRUNER)).present();
        let ran = live.and_then(|live| live.body().get("status")).map(ToString::to_string).unwrap_or_default();
        if ran.is_empty() || ran == "{}" {
            self.world.complete(&target.scope, &BTreeSet::new(), 0);
        } else if self.jobs_of != ran {
            self.look(&target).await;
            self.jobs_of = ran;
        }
    }

    /// Looks at a target now.
    pub(super) async fn look(&mut self, target: &targets::Target) {
        let by = if targets::hourly().contains(target) { By::Hour } else { By::Turns };
        let seen = self.diagnostics.seen(target, by);
        let (news, mut heard) = tokio::sync::mpsc::unbounded_channel();
        let result = super::look::look(self.executor.api(), target, &news).await;
        seen.ended(&result);
        if result.is_ok() {
            seen.complete();
        }
        drop(news);
        while let Ok(event) = heard.try_recv() {
            self.take(event);
        }
        if let Err(error) = result {
            tracing::warn!("{} cannot be looked at: {error}", target.scope.kind);
        }
    }

    /// Reads Config anew; whether it was not the one that is known.
    async fn refresh_config(&mut self) -> Result<bool, Error> {
        let id = config_id();
        let answer = self.executor.api().get(&id).await?;
        self.config_seen = Instant::now();
        Ok(match answer {
            Some(object) => Live::new(object).is_some_and(|live| self.world.put(live)),
            None => self.world.forget(&id),
        })
    }

    fn unreachable(&mut self, error: &Error) -> bool {
        tracing::warn!("nothing is done for now: {error}");
        self.again(Duration::from_secs(5));
        false
    }

    /// What a plan means for the process itself: log level, metrics, the file for Azure's libraries.
    async fn note(&mut self, inputs: &Inputs, plan: &Plan) {
        if let Observed::Present(config) = &inputs.config {
            let level = config.spec.operator_log_level.unwrap_or(LogLevel::Normal);
            if super::logging::set_level(level) {
                let event = events::Event {
                    reason: "OperatorLogLevelChange".to_owned(),
                    message: format!("Operator log level is now {level:?}"),
                    is_warning: false,
                };
                let api = self.executor.api().clone();
                self.events.send(&api, event).await;
            }
        }
        self.gauges(inputs, plan);
        if let Err(error) = azure_stack::sync(inputs) {
            tracing::warn!("{error}");
        }
        let noticed: BTreeSet<String> = plan.problems.iter().map(ToString::to_string).collect();
        let lint: BTreeSet<String> = lint(plan).iter().map(|problem| format!("{problem} (linter)")).collect();
        let noticed: BTreeSet<String> = noticed.union(&lint).cloned().collect();
        for problem in noticed.difference(&self.noticed) {
            tracing::warn!("{problem}");
        }
        self.noticed = noticed;
    }

    fn gauges(&mut self, inputs: &Inputs, plan: &Plan) {
        let (hits, misses) = azure_key_cache_requests();
        self.metrics.azure_key_cache(hits, misses);
        self.metrics.conditions(&plan.status);
        use metrics::PrunerInstallStatus::{Enabled, NotInstalled, Suspended};
        let pruner = inputs.observed.pruner.present();
        self.metrics.pruner_install_status(match pruner {
            None => NotInstalled,
            Some(pruner) if pruner.spec.suspend == Some(true) => Suspended,
            Some(_) => Enabled,
        });
        let storage = plan.status.config.as_ref().and_then(|report| report.storage.as_object());
        let types = ["emptyDir", "s3", "swift", "gcs", "ibmcos", "pvc", "azure"];
        let names = ["EmptyDir", "S3", "Swift", "GCS", "IBMCOS", "PVC", "Azure"];
        let index = types.iter().position(|type_| storage.is_some_and(|storage| storage.contains_key(*type_)));
        let name = index.and_then(|index| names.get(index)).copied();
        self.metrics.storage_type(name);
        let medium = storage.and_then(|storage| serde_json::from_value(Value::Object(storage.clone())).ok());
        let now = name.map(|name| (name, medium.as_ref().and_then(medium_id)));
        if self.storage.is_some() && now.is_some() && self.storage != now {
            self.metrics.storage_reconfigured();
        }
        self.storage = now.or(self.storage.take());
    }

    fn count(&self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            match outcome.done {
                Done::Created | Done::Configured(_) | Done::Deleted => {
                    self.metrics.object(metrics::ObjectResult::Written);
                }
                Done::Unchanged | Done::Skipped(_) => self.metrics.object(metrics::ObjectResult::Skipped),
                Done::Looked | Done::Waiting(_) | Done::Failed(_) | Done::Impossible(_) => {}
            }
        }
    }

    /// Whether to look again soon, although nothing was heard.
    fn settle(&mut self, plan: &Plan) {
        let may_pass = plan.problems.iter().any(|problem| MAY_PASS.contains(&problem.reason));
        self.look_again = match (may_pass, self.look_again) {
            (false, _) => None,
            (true, None) => Some((Instant::now() + Duration::from_secs(5), Duration::from_secs(10))),
            (true, Some(planned)) => Some(planned),
        };
        let report = plan.status.config.as_ref();
        let is_steady = self.failing.failures().is_empty()
            && report.is_none_or(|report| {
                report.conditions.iter().all(|condition| condition.type_ != "Available" || condition.holds())
            });
        // What depends on elapsed time is looked at now and then; that alone asks nobody anything.
        if !is_steady || may_pass {
            self.again(Duration::from_secs(5));
        }
    }
}

/// Whether anything depends on ClusterVersion: only one feature asks for it.
pub(super) fn needs_cluster_version(world: &World) -> bool {
    let live = world.objects().find(|live| live.id().kind == "FeatureGate");
    let status = live.and_then(|live| live.body().get("status"));
    let gates = status.and_then(|status| status.get("featureGates")).and_then(Value::as_array);
    let mut enabled = gates.into_iter().flatten().filter_map(|gates| gates.get("enabled")).map(Value::to_string);
    enabled.any(|enabled| enabled.contains(IMPORT_MODE_GATE))
}

fn log(outcome: &Outcome) {
    match &outcome.done {
        Done::Created | Done::Configured(_) | Done::Deleted => tracing::info!("{outcome}"),
        Done::Failed(_) | Done::Impossible(_) => tracing::error!("{outcome}"),
        Done::Skipped(_) => tracing::info!("{outcome}"),
        Done::Looked | Done::Waiting(_) => tracing::debug!("{outcome}"),
        Done::Unchanged => tracing::trace!("{outcome}"),
    }
}
