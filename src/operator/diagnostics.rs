//! What the operator knows and does, as one document for whoever has to find out what is the matter with it.
//!
//! Small records under one lock are written where things happen. A thread of its own tells them on a Unix socket, so
//! that it answers also while the loop stands still. Contents of objects are not among it.

mod plan;
mod records;
mod socket;
mod sources;
#[cfg(test)]
mod tests;

pub(super) use records::By;
pub use socket::{SOCKET, ask};
pub(super) use socket::{Socket, serve};
pub(super) use sources::Seen;

use super::metrics::{Metrics, Outcome as Result, Verb};
use super::watch::News;
use super::{Operator, lease};
use crate::execute::{Done, Outcome};
use crate::problem::Concern;
use crate::render::plan::Plan;
use http::Method;
use plan::Planned;
use records::{
    Did, Ended, Failing, Lease, Medium, Moment, Object, Pass, Records, Request, Requests, Storage, UnderWay, Waiting,
    Work,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

/// So many objects are remembered at most: those of the plan, and some that were deleted.
const REMEMBERED: usize = 256;
const VERBS: [Verb; 4] = [Verb::Get, Verb::Create, Verb::Apply, Verb::Delete];

/// The document of the process; clones share it.
#[derive(Clone)]
pub struct Diagnostics(Arc<Shared>);

struct Shared {
    begin: Instant,
    metrics: Metrics,
    records: Mutex<Records>,
}

/// A request that is under way until this is dropped.
pub(super) struct Sent {
    diagnostics: Diagnostics,
    number: u64,
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.diagnostics.note(|records| records.requests.under_way.remove(&self.number));
    }
}

impl Diagnostics {
    /// The document of a process that begins now and counts its requests there.
    pub fn new(metrics: Metrics) -> Self {
        let now = Moment::now();
        let lease = Lease {
            name: lease::id().to_string(),
            identity: String::new(),
            role: "starting",
            holder: None,
            until: None,
            trouble: None,
        };
        let records = Records {
            version: env!("CARGO_PKG_VERSION"),
            pid: std::process::id(),
            started: now,
            now,
            uptime_seconds: 0,
            lease,
            pass_under_way: None,
            last_pass: None,
            failing: Vec::new(),
            waiting: Waiting::default(),
            requests: Requests::default(),
            storage: Storage::default(),
            plan: None,
            objects: BTreeMap::new(),
            targets: BTreeMap::new(),
            news: None,
            passes: 0,
        };
        Diagnostics(Arc::new(Shared { begin: Instant::now(), metrics, records: Mutex::new(records) }))
    }

    /// The document as of now, in JSON.
    pub fn document(&self) -> String {
        self.note(|records| {
            records.now = Moment::now();
            records.uptime_seconds = self.0.begin.elapsed().as_secs();
            let news = records.news.as_ref().and_then(|news| news.upgrade());
            records.waiting.news = news.map_or(0, |news| news.max_capacity() - news.capacity());
            records.requests.ended = self.ended(&records.requests.last);
            // Nothing in it is without a form in JSON.
            let mut text = serde_json::to_string_pretty(records).unwrap_or_default();
            text.push('\n');
            text
        })
    }

    /// Nobody may hold the lock for long: whoever asks has to get an answer.
    fn note<T>(&self, note: impl FnOnce(&mut Records) -> T) -> T {
        note(&mut self.0.records.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn ended(&self, last: &BTreeMap<(&'static str, &'static str), Request>) -> Vec<Ended> {
        let all = VERBS.into_iter().flat_map(|verb| [(verb, Result::Succeeded), (verb, Result::Failed)]);
        let ended = all.map(|(verb, result)| Ended {
            verb: verb.label(),
            result: result.label(),
            count: self.0.metrics.requests(verb, result),
            last: last.get(&(verb.label(), result.label())).cloned(),
        });
        ended.filter(|ended| ended.count > 0).collect()
    }

    /// A request begins.
    pub(super) fn sent(&self, method: &Method, path: &str) -> Sent {
        let number = self.note(|records| {
            let requests = &mut records.requests;
            requests.begun += 1;
            let request = Request { request: format!("{method} {path}"), at: Moment::now() };
            requests.under_way.insert(requests.begun, request);
            requests.begun
        });
        Sent { diagnostics: self.clone(), number }
    }

    /// Who holds the lease, and until when unless it is renewed.
    pub(super) fn lease(&self, identity: &str, holder: &str, until: Instant) {
        self.note(|records| {
            let lease = &mut records.lease;
            lease.role = if holder == identity { "leader" } else { "standby" };
            lease.identity = identity.to_owned();
            lease.holder = Some(holder.to_owned());
            lease.until = Some(Moment::of(until));
            lease.trouble = None;
        });
    }

    /// The lease could not be read or written.
    pub(super) fn lease_trouble(&self, trouble: &str) {
        self.note(|records| records.lease.trouble = Some(trouble.to_owned()));
    }

    /// The loop will be brought its news by this.
    pub(super) fn news(&self, news: &Sender<News>) {
        self.note(|records| records.news = Some(news.downgrade()));
    }

    /// The loop waits for news, until then at the latest.
    pub(super) fn rests(&self, until: Instant) {
        self.note(|records| records.waiting.pass = Some(Moment::of(until)));
    }

    /// A pass begins.
    pub(super) fn begins(&self) {
        self.note(|records| {
            let (since, doing) = (Moment::now(), "looking");
            records.passes += 1;
            records.waiting.pass = None;
            let number = records.passes;
            records.pass_under_way = Some(UnderWay { number, since, round: 0, doing, doing_since: since });
        });
    }

    /// What the pass under way does from now on; with `looking`, a round begins.
    pub(super) fn doing(&self, doing: &'static str) {
        self.note(|records| {
            if let Some(pass) = &mut records.pass_under_way {
                (pass.doing, pass.doing_since) = (doing, Moment::now());
                pass.round += usize::from(doing == "looking");
            }
        });
    }

    /// So many events have still to be sent.
    pub(super) fn events(&self, count: usize) {
        self.note(|records| records.waiting.events = count);
    }

    /// The pass under way is at its end.
    pub(super) fn ends(&self, succeeded: bool, began: Instant) {
        self.note(|records| {
            if let Some(UnderWay { number, since, round, .. }) = records.pass_under_way.take() {
                let duration_seconds = began.elapsed().as_secs_f64();
                records.last_pass = Some(Pass { number, began: since, duration_seconds, rounds: round, succeeded });
            }
        });
    }

    /// What became of a step or a report.
    pub(super) fn outcome(&self, outcome: &Outcome) {
        self.note(|records| keep(&mut records.objects, &outcome.object, outcome.concern, &outcome.done));
    }

    /// A plan was carried out as far as can be. If nothing of it needed a request, `waiting` are the concerns that wait,
    /// and the steps of all others are done.
    pub(super) fn planned(&self, plan: &Plan, waiting: Option<&BTreeSet<Concern>>) {
        let planned = Planned::of(plan);
        self.note(|records| {
            let mut subjects = BTreeSet::new();
            for (subject, concern) in plan::subjects(plan) {
                if waiting.is_some_and(|waiting| !waiting.contains(&concern)) {
                    keep(&mut records.objects, &subject, concern, &Done::Unchanged);
                }
                subjects.insert(subject);
            }
            let too_many = records.objects.len() > REMEMBERED;
            let is_kept = |object: &Object| !too_many && matches!(object.outcome, "deleted" | "skipped" | "failed");
            records
                .objects
                .retain(|name, object| subjects.contains(name) || name.starts_with(REPORT) || is_kept(object));
            records.storage.planned = plan::storage(plan);
            records.storage.in_use =
                plan.status.config.as_ref().map(|report| report.storage.clone()).unwrap_or_default();
            records.plan = Some(Planned { pass: records.passes, ..planned });
        });
    }

    /// Every report is as it should be.
    pub(super) fn reported(&self) {
        self.note(|records| {
            let reports: Vec<_> = records.objects.values().filter(|object| object.object.starts_with(REPORT)).collect();
            let reports: Vec<_> = reports.into_iter().map(|report| (report.object.clone(), report.concern)).collect();
            for (report, concern) in reports {
                keep(&mut records.objects, &report, concern, &Done::Unchanged);
            }
        });
    }
}

/// How reports are called among the outcomes.
const REPORT: &str = "status of ";

fn keep(objects: &mut BTreeMap<String, Object>, name: &str, concern: Concern, done: &Done) {
    let (outcome, detail, now) = (word(done), detail(done), Moment::now());
    let object = objects.entry(name.to_owned()).or_insert_with(|| Object {
        object: name.to_owned(),
        concern,
        outcome,
        detail: detail.clone(),
        since: now,
        last_write: None,
        last_failure: None,
    });
    if object.outcome != outcome || object.detail != detail {
        object.since = now;
    }
    let did = || Some(Did { outcome, detail: detail.clone(), at: now });
    if done.is_write() {
        object.last_write = did();
    }
    if done.failure().is_some() {
        object.last_failure = did();
    }
    (object.concern, object.outcome, object.detail) = (concern, outcome, detail);
}

fn word(done: &Done) -> &'static str {
    match done {
        Done::Created => "created",
        Done::Configured(_) => "configured",
        Done::Unchanged => "unchanged",
        Done::Looked => "looked",
        Done::Waiting(_) => "waiting",
        Done::Deleted => "deleted",
        Done::Skipped(_) => "skipped",
        Done::Failed(_) | Done::Impossible(_) => "failed",
    }
}

fn detail(done: &Done) -> String {
    match done {
        Done::Created | Done::Unchanged | Done::Looked | Done::Deleted => String::new(),
        Done::Configured(fields) => fields.join(", "),
        Done::Waiting(what) | Done::Skipped(what) | Done::Impossible(what) => what.clone(),
        Done::Failed(error) => error.to_string(),
    }
}

impl Sent {
    /// It was answered.
    pub(super) fn ended(self, verb: Verb, result: Result) {
        let (number, now) = (self.number, Moment::now());
        self.diagnostics.note(|records| {
            if let Some(request) = records.requests.under_way.remove(&number) {
                let ended = Request { at: now, ..request };
                records.requests.last.insert((verb.label(), result.label()), ended);
            }
        });
    }
}

impl Operator {
    /// Writes down how things are at the end of a pass.
    pub(super) fn tell(&self) {
        self.diagnostics.held(&self.world, &self.turns.borrow());
        let medium = self.executor.storage().account().map(|account| Medium {
            medium: account.medium,
            standing: account.standing,
            presence: account.presence,
            looked: account.looked.map(Moment::of),
            next: account.next.map(Moment::of),
            under_way: account.under_way.map(|(what, since)| Work { what, since: Moment::of(since) }),
            trouble: account.trouble,
            left: account.left,
        });
        let failing = self.failing.attempts().map(|(concern, since, message, pause, again)| Failing {
            concern,
            since: Moment(since),
            message: message.to_owned(),
            pause_seconds: pause.as_secs_f64(),
            again: Moment::of(again),
        });
        let report = self.report_again.filter(|again| *again > Instant::now()).map(Moment::of);
        self.diagnostics.note(|records| {
            records.storage.medium = medium;
            records.failing = failing.collect();
            records.waiting.report = report;
        });
    }
}
