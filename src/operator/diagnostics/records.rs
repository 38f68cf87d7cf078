//! The document, as it is kept: what happens is written into it, and it is told as it is.

use super::plan::Planned;
use crate::operator::targets::Target;
use crate::operator::watch::News;
use crate::problem::Concern;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;
use tokio::sync::mpsc::WeakSender;
use tokio::time::Instant;

/// A time, told in UTC to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(pub(super) Timestamp);

impl Moment {
    /// Now.
    pub(super) fn now() -> Self {
        Moment(Timestamp::now())
    }

    /// What the clock says, or will say, at that instant.
    pub(super) fn of(instant: Instant) -> Self {
        let (now, clock) = (Instant::now(), Timestamp::now());
        let then = match instant.checked_duration_since(now) {
            Some(ahead) => clock.checked_add(ahead),
            None => clock.checked_sub(now.duration_since(instant)),
        };
        Moment(then.unwrap_or(clock))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.3}", self.0))
    }
}

/// The whole document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Records {
    pub(super) version: &'static str,
    pub(super) pid: u32,
    pub(super) started: Moment,
    pub(super) now: Moment,
    pub(super) uptime_seconds: u64,
    pub(super) lease: Lease,
    pub(super) pass_under_way: Option<UnderWay>,
    pub(super) last_pass: Option<Pass>,
    pub(super) failing: Vec<Failing>,
    pub(super) waiting: Waiting,
    pub(super) requests: Requests,
    pub(super) storage: Storage,
    pub(super) plan: Option<Planned>,
    #[serde(serialize_with = "values")]
    pub(super) objects: BTreeMap<String, Object>,
    #[serde(serialize_with = "values")]
    pub(super) targets: BTreeMap<Target, Source>,
    /// News on their way to the loop.
    #[serde(skip)]
    pub(super) news: Option<WeakSender<News>>,
    /// How many passes have begun.
    #[serde(skip)]
    pub(super) passes: u64,
}

/// A map as the list of its values, which name themselves.
fn values<K, V: Serialize, S: Serializer>(map: &BTreeMap<K, V>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map.values())
}

/// Who leads, as far as this process knows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Lease {
    pub(super) name: String,
    /// What this process is called in the lease; empty before it stands for it.
    pub(super) identity: String,
    /// `starting`, `standby` or `leader`.
    pub(super) role: &'static str,
    pub(super) holder: Option<String>,
    /// When the lease runs out unless its holder renews it.
    pub(super) until: Option<Moment>,
    /// Why it could not be read or written the last time.
    pub(super) trouble: Option<String>,
}

/// A pass that is not at its end.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UnderWay {
    pub(super) number: u64,
    pub(super) since: Moment,
    pub(super) round: usize,
    pub(super) doing: &'static str,
    pub(super) doing_since: Moment,
}

/// The last pass that has come to its end.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pass {
    pub(super) number: u64,
    pub(super) began: Moment,
    pub(super) duration_seconds: f64,
    pub(super) rounds: usize,
    pub(super) succeeded: bool,
}

/// A concern that fails, and when it is tried again.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Failing {
    pub(super) concern: Concern,
    pub(super) since: Moment,
    pub(super) message: String,
    pub(super) pause_seconds: f64,
    pub(super) again: Moment,
}

/// What the loop waits for, and what waits for it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Waiting {
    /// News that the loop has not taken in.
    pub(super) news: usize,
    /// Events that the pass under way has still to send.
    pub(super) events: usize,
    /// Before this there is no report.
    pub(super) report: Option<Moment>,
    /// When there is a pass although nothing was heard.
    pub(super) pass: Option<Moment>,
}

/// Requests to the API server, but watches.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Requests {
    #[serde(serialize_with = "values")]
    pub(super) under_way: BTreeMap<u64, Request>,
    /// As the metrics have it, which do not count those about the lease.
    pub(super) ended: Vec<Ended>,
    #[serde(skip)]
    pub(super) last: BTreeMap<(&'static str, &'static str), Request>,
    #[serde(skip)]
    pub(super) begun: u64,
}

/// One request.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    /// Method and path.
    pub(super) request: String,
    /// When it began, or ended.
    pub(super) at: Moment,
}

/// The requests of one verb that ended alike.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ended {
    pub(super) verb: &'static str,
    pub(super) result: &'static str,
    pub(super) count: u64,
    pub(super) last: Option<Request>,
}

/// The storage: which is in use, what is planned of it, and how things are with the medium of a cloud.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Storage {
    /// As it is reported in Config's status.
    pub(super) in_use: Value,
    pub(super) planned: Vec<String>,
    #[serde(flatten)]
    pub(super) medium: Option<Medium>,
}

/// A medium at the service of a cloud.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Medium {
    pub(super) medium: String,
    pub(super) standing: &'static str,
    pub(super) presence: &'static str,
    pub(super) looked: Option<Moment>,
    pub(super) next: Option<Moment>,
    pub(super) under_way: Option<Work>,
    pub(super) trouble: Option<String>,
    pub(super) left: Option<String>,
}

/// What a service is asked for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Work {
    pub(super) what: String,
    pub(super) since: Moment,
}

/// What became of an object, a medium or a report.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object {
    pub(super) object: String,
    pub(super) concern: Concern,
    pub(super) outcome: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) detail: String,
    /// Since when the outcome is this one.
    pub(super) since: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_write: Option<Did>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_failure: Option<Did>,
}

/// Something that was done, or tried, once.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Did {
    pub(super) outcome: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) detail: String,
    pub(super) at: Moment,
}

/// How news of a target come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::operator) enum By {
    /// By a watch of its own.
    Watch,
    /// By a look now and then, in turns with others.
    Turns,
    /// By a look once an hour.
    Hour,
}

/// Where news come from, and what is held of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Source {
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) namespace: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<String>,
    pub(super) by: By,
    pub(super) objects: usize,
    /// Over names, uids and versions; none where nothing is held.
    pub(super) checksum: Option<String>,
    /// Since when the watch is open; none while it is not.
    pub(super) open: Option<Moment>,
    /// When anything was last heard, be it a bookmark.
    pub(super) heard: Option<Moment>,
    /// When an object was last told of.
    pub(super) last_event: Option<Moment>,
    /// When everything was last told.
    pub(super) complete: Option<Moment>,
    pub(super) resource_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trouble: Option<String>,
}
