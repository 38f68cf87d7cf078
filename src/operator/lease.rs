//! Leadership: a Lease, under the reference's name and with its times, so that never two operators act at once,
//! neither ours nor the reference's.
//!
//! Source: client-go's leader election (the record, and that a lease is judged by one's own clock since its last
//! change, never by the times within).

use super::diagnostics::{Diagnostics, Seen};
use super::targets::Target;
use super::watch::{self, News, Until};
use crate::execute::request::{Api, Error, Patch, Target as Patched};
use crate::render::ObjectId;
use crate::render::names::NAMESPACE;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

/// The Lease's name (the reference's).
pub const NAME: &str = "openshift-master-controllers";
const MANAGER: &str = "image-registry-operator-leader";
/// The first pause when the lease cannot be read; the longest is that between two attempts.
const FIRST: Duration = Duration::from_secs(1);

/// How long a lease lasts, how long to try to renew it, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// After so long without renewal, others may take the lease.
    pub duration: Duration,
    /// After so long without a successful renewal, the leader steps down.
    pub deadline: Duration,
    /// Between two attempts.
    pub retry: Duration,
}

impl Times {
    /// The reference's times; longer ones where there is one control-plane node, whose API server restarts slowly.
    pub fn of(single_replica_control_plane: bool) -> Self {
        let [duration, deadline, retry] =
            if single_replica_control_plane { [270, 240, 60] } else { [137, 107, 26] }.map(Duration::from_secs);
        Times { duration, deadline, retry }
    }

    /// The same proportions with another duration.
    #[must_use]
    pub fn scaled_to(self, duration: Duration) -> Self {
        let factor = duration.as_secs_f64() / self.duration.as_secs_f64();
        Times { duration, deadline: self.deadline.mul_f64(factor), retry: self.retry.mul_f64(factor) }
    }
}

/// A candidate, and the leader once it holds the lease.
pub struct Candidate {
    api: Api,
    id: ObjectId,
    identity: String,
    times: Times,
    /// The record as last seen, and when it was first seen like that.
    seen: Option<(String, Instant)>,
    fence: crate::execute::fence::Fence,
    diagnostics: Diagnostics,
}

impl Candidate {
    /// A candidate; the fence opens while the lease is held.
    pub fn new(
        api: Api,
        identity: String,
        times: Times,
        fence: crate::execute::fence::Fence,
        diagnostics: Diagnostics,
    ) -> Self {
        Candidate { api, id: id(), identity, times, seen: None, fence, diagnostics }
    }

    /// Waits until the lease is held. Until then, nothing but the lease is looked at, and nothing is written.
    pub async fn acquire(&mut self) {
        let mut said = String::new();
        let mut pause = FIRST;
        loop {
            let (line, is_trouble) = match self.attempt().await {
                Ok(None) => return,
                Ok(Some(holder)) => (format!("waiting for the lease {NAME}, which {holder} holds"), false),
                // Another candidate was faster.
                Err(error) if error.code() == Some(409) => continue,
                Err(error) => (format!("the lease cannot be read or written: {error}"), true),
            };
            if said != line {
                if is_trouble {
                    self.diagnostics.lease_trouble(&line);
                    tracing::warn!("{line}")
                } else {
                    tracing::info!("{line}")
                }
                said = line;
            }
            if is_trouble {
                sleep(pause + super::jitter(pause / 5)).await;
                pause = (pause * 2).min(self.times.retry);
            } else {
                pause = FIRST;
                self.wait_for_change().await;
            }
        }
    }

    /// Renews the lease for as long as that works; returns when it is lost.
    pub async fn keep(&mut self) {
        loop {
            sleep(self.times.retry).await;
            let end = Instant::now() + (self.times.deadline - self.times.retry);
            loop {
                match timeout(end.saturating_duration_since(Instant::now()), self.attempt()).await {
                    Ok(Ok(None)) => break,
                    Ok(Ok(Some(holder))) => {
                        tracing::error!("leader election lost: {holder} holds the lease {NAME}");
                        return;
                    }
                    Ok(Err(error)) => {
                        let line = format!("the lease cannot be renewed: {error}");
                        self.diagnostics.lease_trouble(&line);
                        tracing::warn!("{line}");
                    }
                    Err(_) => {}
                }
                if Instant::now() >= end {
                    tracing::error!("leader election lost: the lease could not be renewed in time");
                    return;
                }
                sleep(self.times.retry / 12 + super::jitter(self.times.retry / 24)).await;
            }
        }
    }

    /// Gives the lease up, so that another one need not wait for it to run out.
    pub async fn release(&mut self) {
        self.fence.close();
        let Ok(Some(lease)) = self.api.get(&self.id).await else { return };
        if holder(&lease) != self.identity {
            return;
        }
        let now = micro_time();
        let spec = json!({
            "holderIdentity": "", "leaseDurationSeconds": 1, "renewTime": now, "acquireTime": now,
        });
        if let Err(error) = self.write(&lease, spec).await {
            tracing::warn!("the lease could not be released and runs out by itself: {error}");
        }
    }

    /// Takes or renews the lease; gives its holder if that is somebody else.
    async fn attempt(&mut self) -> Result<Option<String>, Error> {
        // A lease counts from before it is written, to be on the safe side.
        let start = Instant::now();
        let seconds = self.times.duration.as_secs();
        let now = micro_time();
        let Some(lease) = self.api.get(&self.id).await? else {
            let body = json!({
                "apiVersion": self.id.api_version,
                "kind": self.id.kind,
                "metadata": { "name": NAME, "namespace": NAMESPACE },
                "spec": {
                    "holderIdentity": self.identity, "leaseDurationSeconds": seconds, "acquireTime": now,
                    "renewTime": now, "leaseTransitions": 0,
                },
            });
            self.api.create(&self.id, &body, MANAGER).await?;
            self.holds(start);
            return Ok(None);
        };
        let record = lease.get("spec").map(Value::to_string).unwrap_or_default();
        if self.seen.as_ref().is_none_or(|(seen, _)| *seen != record) {
            self.seen = Some((record, Instant::now()));
        }
        let holder = holder(&lease);
        let is_ours = holder == self.identity;
        let lasts = lease.pointer("/spec/leaseDurationSeconds").and_then(Value::as_u64).unwrap_or(0);
        let since = self.seen.as_ref().map_or_else(Instant::now, |(_, since)| *since);
        if !is_ours && !holder.is_empty() && since.elapsed() < Duration::from_secs(lasts) {
            self.diagnostics.lease(&self.identity, holder, since + Duration::from_secs(lasts));
            return Ok(Some(holder.to_owned()));
        }
        let mut spec = json!({
            "holderIdentity": self.identity, "leaseDurationSeconds": seconds, "renewTime": now,
        });
        if !is_ours {
            let transitions = lease.pointer("/spec/leaseTransitions").and_then(Value::as_u64).unwrap_or(0);
            spec["acquireTime"] = now.into();
            spec["leaseTransitions"] = (transitions + 1).into();
        }
        self.write(&lease, spec).await?;
        self.holds(start);
        Ok(None)
    }

    /// The lease is held, as of then.
    fn holds(&self, start: Instant) {
        self.fence.open_until(start + self.times.deadline);
        self.diagnostics.lease(&self.identity, &self.identity, start + self.times.duration);
    }

    /// Changes the lease, unless it has changed since it was read.
    async fn write(&self, lease: &Value, spec: Value) -> Result<(), Error> {
        let version = lease.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
        let patch = json!({ "metadata": { "resourceVersion": version }, "spec": spec });
        let target = Patched { id: &self.id, subresource: None, manager: MANAGER, dry_run: false };
        self.api.patch(&target, Patch::Merge, &patch).await.map(|_| ())
    }

    /// Waits for the lease to change, or for the next attempt to be due.
    async fn wait_for_change(&self) {
        let (news, mut heard) = mpsc::channel(8);
        let end = Instant::now() + self.times.retry + super::jitter(self.times.retry / 12);
        let target = Target::one("Lease", NAMESPACE, NAME);
        let unseen = Seen::default();
        let watched = watch::once(&self.api, &target, Until::Time(end), &news, &unseen);
        let released = async {
            while let Some(event) = heard.recv().await {
                match event {
                    News::Put(lease) if holder(lease.body()).is_empty() => return,
                    News::Gone(_) => return,
                    _ => {}
                }
            }
        };
        tokio::select! {
            result = watched => {
                if result.is_err() {
                    sleep(FIRST).await;
                }
            }
            () = released => {}
            () = tokio::time::sleep_until(end) => {}
        }
    }
}

/// The Lease.
pub(super) fn id() -> ObjectId {
    ObjectId {
        api_version: "coordination.k8s.io/v1".to_owned(),
        kind: "Lease".to_owned(),
        namespace: NAMESPACE.to_owned(),
        name: NAME.to_owned(),
    }
}

/// Who holds the lease; empty if nobody does.
pub(super) fn holder(lease: &Value) -> &str {
    lease.pointer("/spec/holderIdentity").and_then(Value::as_str).unwrap_or_default()
}

/// The time in the form of MicroTime.
fn micro_time() -> String {
    format!("{:.6}", Timestamp::now())
}
