//! Events in the operator's namespace, under the reference's reasons.

use crate::execute::request::{Api, Error};
use crate::execute::resource::Resource;
use crate::execute::{Done, Outcome};
use crate::problem::Concern;
use crate::render::names::NAMESPACE;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

const COMPONENT: &str = "image-registry-operator";
/// The same event is not sent again for so long.
const QUIET: Duration = Duration::from_secs(10 * 60);
/// So many different events are remembered at most.
const REMEMBERED: usize = 256;

/// An event that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// One CamelCase word.
    pub reason: String,
    /// What happened.
    pub message: String,
    /// Whether somebody should look.
    pub is_warning: bool,
}

/// Sends events, and not the same one over and over.
#[derive(Debug)]
pub struct Events {
    subject: Value,
    sent: BTreeMap<Event, Instant>,
}

/// Events of one reason as one event.
pub fn together(events: Vec<Event>) -> Vec<Event> {
    let mut by_reason: BTreeMap<(String, bool), Vec<String>> = BTreeMap::new();
    for Event { reason, message, is_warning } in events {
        by_reason.entry((reason, is_warning)).or_default().push(message);
    }
    let event =
        |((reason, is_warning), lines): (_, Vec<String>)| Event { reason, message: lines.join("\n"), is_warning };
    by_reason.into_iter().map(event).collect()
}

impl Events {
    /// Events about the operator's own Deployment if it runs in a pod, else about the namespace.
    pub fn new(pod_name: Option<&str>) -> Self {
        const DEPLOYMENT: &str = "cluster-image-registry-operator";
        let in_cluster = pod_name.is_some_and(|pod| pod.starts_with(DEPLOYMENT));
        let subject = if in_cluster {
            json!({ "apiVersion": "apps/v1", "kind": "Deployment", "namespace": NAMESPACE, "name": DEPLOYMENT })
        } else {
            json!({ "apiVersion": "v1", "kind": "Namespace", "namespace": NAMESPACE, "name": NAMESPACE })
        };
        Events { subject, sent: BTreeMap::new() }
    }

    /// Sends an event. One that cannot be sent is logged, and nothing depends on it.
    pub async fn send(&mut self, api: &Api, event: Event) {
        let now = Instant::now();
        self.sent.retain(|_, sent| now.duration_since(*sent) < QUIET);
        if self.sent.contains_key(&event) || self.sent.len() >= REMEMBERED || self.is_echo(&event) {
            return;
        }
        if let Err(error) = self.create(api, &event).await {
            tracing::debug!("event {} is lost: {error}", event.reason);
        }
        self.sent.insert(event, now);
    }

    /// Whether the event tells of a change to what was created a moment ago, which is part of creating it.
    fn is_echo(&self, event: &Event) -> bool {
        const MOMENT: Duration = Duration::from_secs(30);
        let created = event.reason.strip_suffix("Updated").map(|kind| format!("{kind}Created"));
        created.is_some_and(|created| {
            self.sent.iter().any(|(sent, when)| sent.reason == created && when.elapsed() < MOMENT)
        })
    }

    async fn create(&self, api: &Api, event: &Event) -> Result<(), Error> {
        let Event { reason, message, is_warning } = event;
        let Some(resource) = Resource::named("Event") else { return Ok(()) };
        let now = Timestamp::now();
        // As client-go names them: subject and time in nanoseconds.
        let name = format!("{COMPONENT}.{:x}", now.as_nanosecond());
        let time = format!("{now:.0}");
        let body = json!({
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": { "name": name, "namespace": NAMESPACE },
            "involvedObject": self.subject,
            "reason": reason,
            "message": message,
            "type": if *is_warning { "Warning" } else { "Normal" },
            "source": { "component": COMPONENT },
            "reportingComponent": COMPONENT,
            "firstTimestamp": time,
            "lastTimestamp": time,
            "count": 1,
        });
        api.create(&resource.id(NAMESPACE, &name), &body, COMPONENT).await.map(|_| ())
    }
}

/// The event for what became of a medium; tags of an S3 bucket under the reference's reason.
fn of_storage(outcome: &Outcome) -> Option<Event> {
    let of = |reason: &str, is_warning| {
        let reason = reason.to_owned();
        Some(Event { reason, message: outcome.to_string(), is_warning })
    };
    match &outcome.done {
        Done::Configured(settings) if outcome.object.starts_with("S3 ") && settings.iter().any(|one| one == "tags") => {
            let message = format!("Successfully updated tagset of {}", outcome.object);
            Some(Event { reason: "UpdateAWSTags".to_owned(), message, is_warning: false })
        }
        Done::Created => of("StorageCreated", false),
        Done::Configured(_) => of("StorageUpdated", false),
        Done::Deleted => of("StorageDeleted", false),
        Done::Failed(_) | Done::Impossible(_) => of("StorageFailed", true),
        Done::Unchanged | Done::Looked | Done::Waiting(_) | Done::Skipped(_) => None,
    }
}

/// The event for an outcome: for workloads and network policies, as in the reference.
pub fn of(outcome: &Outcome) -> Option<Event> {
    if outcome.concern == Concern::Storage {
        return of_storage(outcome);
    }
    let (kind, _) = outcome.object.split_once('/')?;
    if let (Done::Configured(fields), "Config") = (&outcome.done, kind)
        // The first value is no change.
        && fields.iter().any(|field| field.starts_with("spec.observedConfig."))
    {
        let message = "the TLS profile of APIServer/cluster was written into spec.observedConfig".to_owned();
        return Some(Event { reason: "ObservedConfigChanged".to_owned(), message, is_warning: false });
    }
    if !matches!(kind, "Deployment" | "DaemonSet" | "NetworkPolicy") {
        return None;
    }
    let (word, is_warning) = match &outcome.done {
        Done::Created => ("Created", false),
        Done::Configured(_) => ("Updated", false),
        Done::Failed(_) | Done::Impossible(_) => ("UpdateFailed", true),
        Done::Deleted => ("Deleted", false),
        Done::Unchanged | Done::Looked | Done::Waiting(_) | Done::Skipped(_) => return None,
    };
    Some(Event { reason: format!("{kind}{word}"), message: outcome.to_string(), is_warning })
}
