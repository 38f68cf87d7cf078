//! One watch: what it is told goes to the loop.
//!
//! A watch begins with everything there is (streaming lists, KEP-3157), so that no list is needed before it, and goes
//! on from where it was when it is opened again. It is kept for long: each opening counts against OpenShift's limit.
//! Bookmarks come every minute or so; a connection that brings nothing for longer is taken for dead.

use super::diagnostics::{By, Diagnostics, Seen};
use super::look;
use super::targets::Target;
use crate::execute::live::Live;
use crate::execute::request::{Api, Error};
use crate::execute::world::Scope;
use crate::render::ObjectId;
use futures::TryStreamExt;
use http::{Method, Request};
use kube::api::WatchEvent;
use serde_json::Value;
use std::collections::BTreeSet;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, timeout};

/// How long the API server is asked to keep a watch, in seconds.
const KEPT: u64 = 40 * 60;
/// After so long without a word, not even a bookmark, the connection is taken for dead.
const SILENCE: Duration = Duration::from_secs(4 * 60);

/// What a watch says.
#[derive(Debug)]
pub enum News {
    /// The object exists like this.
    Put(Live),
    /// The object is gone.
    Gone(Live),
    /// These are all there are, as of a version.
    Complete(Scope, BTreeSet<ObjectId>, u64),
    /// The cluster does not serve the kind.
    NotServed(Scope),
    /// It cannot be watched for now.
    Trouble(Scope, Error),
    /// It can be watched again.
    Well(Scope),
}

/// When a watch is to end.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// When the API server closes it.
    Closed,
    /// At this time.
    Time(Instant),
    /// When everything was told once.
    Complete,
}

/// Watches for ever.
pub async fn watch(api: Api, target: Target, news: Sender<News>, diagnostics: Diagnostics) {
    let seen = diagnostics.seen(&target, By::Watch);
    let mut from = None;
    let mut trouble = Trouble::default();
    loop {
        match once(&api, &target, from.take(), Until::Closed, &news, &seen).await {
            Ok(version) => {
                from = version;
                trouble.over(&target, &news).await;
            }
            Err(error) => trouble.wait(&target, error, &news).await,
        }
        if news.is_closed() {
            return;
        }
    }
}

/// Back-off of one watch, which speaks up once and not at every attempt.
#[derive(Default)]
pub struct Trouble {
    attempts: u32,
    said: Option<Error>,
}

impl Trouble {
    /// Waits longer each time; a kind that is not served is asked for every few minutes.
    pub async fn wait(&mut self, target: &Target, error: Error, news: &Sender<News>) {
        let seconds = match &error {
            Error::Refused(refusal) if refusal.is_missing_kind() => {
                // There is nobody to tell if the loop has ended.
                let _ = news.send(News::NotServed(target.scope.clone())).await;
                300
            }
            Error::Refused(refusal) if refusal.code == 410 => 0,
            _ => 1 << self.attempts.min(6),
        };
        self.attempts += 1;
        // One hiccup is none of anybody's business.
        if self.attempts > 1 && self.said.as_ref() != Some(&error) {
            let _ = news.send(News::Trouble(target.scope.clone(), error.clone())).await;
            self.said = Some(error);
        }
        tokio::time::sleep(Duration::from_secs(seconds) + super::jitter(Duration::from_millis(500))).await;
    }

    /// It works again.
    pub async fn over(&mut self, target: &Target, news: &Sender<News>) {
        if self.said.take().is_some() {
            let _ = news.send(News::Well(target.scope.clone())).await;
        }
        self.attempts = 0;
    }
}

/// One watch. Gives the version to go on from; none means to begin anew.
///
/// # Errors
/// It could not be opened, broke off, or what it was to go on from is too old.
pub async fn once(
    api: &Api,
    target: &Target,
    from: Option<String>,
    until: Until,
    news: &Sender<News>,
    seen: &Seen,
) -> Result<Option<String>, Error> {
    let result = follow(api, target, from, until, news, seen).await;
    seen.ended(&result);
    result
}

async fn follow(
    api: &Api,
    target: &Target,
    from: Option<String>,
    until: Until,
    news: &Sender<News>,
    seen: &Seen,
) -> Result<Option<String>, Error> {
    let Some(base) = target.url() else { return Ok(None) };
    let url = match &from {
        None => format!(
            "{base}watch=true&allowWatchBookmarks=true&timeoutSeconds={KEPT}&sendInitialEvents=true\
             &resourceVersionMatch=NotOlderThan"
        ),
        Some(version) => {
            format!("{base}watch=true&allowWatchBookmarks=true&timeoutSeconds={KEPT}&resourceVersion={version}")
        }
    };
    let request = Request::get(&url).body(Vec::new()).map_err(|error| Error::Unreachable(error.to_string()))?;
    let path = url.split('?').next().unwrap_or_default();
    let failed = |error| Error::from_kube(error, &Method::GET, path);
    let silence = || Error::Unreachable(format!("watch of {path}: no word for {} seconds", SILENCE.as_secs()));
    let opened = timeout(Duration::from_secs(30), api.client().request_events::<Value>(request)).await;
    let events = match opened {
        Ok(Ok(events)) => events,
        Ok(Err(error)) => match failed(error) {
            // A server without streaming lists.
            Error::Refused(refusal) if from.is_none() && matches!(refusal.code, 400 | 422) => {
                return list(api, target, news).await.map(Some);
            }
            error => return Err(error),
        },
        Err(_) => return Err(silence()),
    };
    seen.opened();
    let mut events = pin!(events);
    let mut version = from.clone();
    let mut told = from.is_none().then(BTreeSet::new);
    loop {
        let patience = match until {
            Until::Time(end) => end.saturating_duration_since(Instant::now()).min(SILENCE),
            Until::Closed | Until::Complete => SILENCE,
        };
        let event = match timeout(patience, events.try_next()).await {
            Ok(event) => event.map_err(failed)?,
            Err(_) if matches!(until, Until::Time(end) if Instant::now() >= end) => return Ok(version),
            Err(_) => return Err(silence()),
        };
        match event {
            None => return Ok(version),
            Some(WatchEvent::Added(body) | WatchEvent::Modified(body)) => {
                let Some(live) = Live::new(body) else { continue };
                version = Some(live.metadata("resourceVersion").to_owned());
                seen.heard(version.as_deref(), true);
                if let Some(told) = &mut told {
                    told.insert(live.id().clone());
                }
                let _ = news.send(News::Put(live)).await;
            }
            Some(WatchEvent::Deleted(body)) => {
                let Some(live) = Live::new(body) else { continue };
                version = Some(live.metadata("resourceVersion").to_owned());
                seen.heard(version.as_deref(), true);
                let _ = news.send(News::Gone(live)).await;
            }
            Some(WatchEvent::Bookmark(bookmark)) => {
                let is_end = bookmark.metadata.annotations.contains_key("k8s.io/initial-events-end");
                version = Some(bookmark.metadata.resource_version);
                seen.heard(version.as_deref(), false);
                if let (true, Some(told)) = (is_end, told.take()) {
                    seen.complete();
                    complete(target, told, version.as_deref(), news).await;
                    if matches!(until, Until::Complete) {
                        return Ok(version);
                    }
                }
            }
            Some(WatchEvent::Error(status)) => return Err(failed(kube::Error::Api(status))),
        }
    }
}

async fn complete(target: &Target, told: BTreeSet<ObjectId>, version: Option<&str>, news: &Sender<News>) {
    let version = version.and_then(|version| version.parse().ok()).unwrap_or(0);
    let _ = news.send(News::Complete(target.scope.clone(), told, version)).await;
}

/// What a watch would begin with, from a list.
async fn list(api: &Api, target: &Target, news: &Sender<News>) -> Result<String, Error> {
    let (tell, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let version = look::several(api, target, &|event| drop(tell.send(event))).await?;
    while let Ok(event) = heard.try_recv() {
        let _ = news.send(event).await;
    }
    Ok(version)
}
