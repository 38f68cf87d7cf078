//! One watch: what it is told goes to the loop.
//!
//! A watch begins with everything there is (streaming lists, KEP-3157), so that no list is needed before it, also when it
//! is opened again: what it was not told, for whatever reason, is known after one round. It is kept for long, since each
//! opening counts against OpenShift's limit.
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
/// Longer than it takes to find out that a watch cannot be opened.
const LONG: Duration = Duration::from_secs(60);

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
    let mut trouble = Trouble::default();
    loop {
        let began = Instant::now();
        let result = once(&api, &target, Until::Closed, &news, &seen).await;
        // One that breaks after it has worked for long is no attempt that failed.
        if result.is_ok() || began.elapsed() > LONG {
            trouble.over(&target, &news).await;
        }
        if let Err(error) = result {
            trouble.wait(&target, error, &news).await;
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
    last: Option<Error>,
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
            Error::Refused(refusal) if refusal.code == 410 && self.attempts == 0 => 0,
            _ => 1 << self.attempts.min(6),
        };
        self.attempts += 1;
        if self.is_news(&error) {
            let _ = news.send(News::Trouble(target.scope.clone(), error)).await;
        }
        tokio::time::sleep(Duration::from_secs(seconds) + super::jitter(Duration::from_millis(500))).await;
    }

    /// Whether to speak up. One hiccup is none of anybody's business, such as what an API server refuses that has just
    /// started: the same has to happen twice.
    fn is_news(&mut self, error: &Error) -> bool {
        let is_again = self.last.replace(error.clone()).is_some_and(|last| last.code() == error.code());
        let is_news = is_again && self.said.as_ref() != Some(error);
        if is_news {
            self.said = Some(error.clone());
        }
        is_news
    }

    /// It works again.
    pub async fn over(&mut self, target: &Target, news: &Sender<News>) {
        if self.said.take().is_some() {
            let _ = news.send(News::Well(target.scope.clone())).await;
        }
        self.attempts = 0;
        self.last = None;
    }
}

/// One watch, from its beginning.
///
/// # Errors
/// It could not be opened, or broke off.
pub async fn once(api: &Api, target: &Target, until: Until, news: &Sender<News>, seen: &Seen) -> Result<(), Error> {
    let mut result = follow(api, target, None, until, news, seen).await;
    // A server without streaming lists.
    if matches!(&result, Err(Error::Refused(refusal)) if matches!(refusal.code, 400 | 422)) {
        result = match list(api, target, news).await {
            Ok(_) if matches!(until, Until::Complete) => Ok(()),
            Ok(version) => follow(api, target, Some(&version), until, news, seen).await,
            Err(error) => Err(error),
        };
    }
    seen.ended(&result);
    result
}

/// A watch from a version on; without one, from everything there is.
async fn follow(
    api: &Api,
    target: &Target,
    from: Option<&str>,
    until: Until,
    news: &Sender<News>,
    seen: &Seen,
) -> Result<(), Error> {
    let Some(base) = target.url() else { return Ok(()) };
    let beginning = match from {
        None => "sendInitialEvents=true&resourceVersionMatch=NotOlderThan".to_owned(),
        Some(version) => format!("resourceVersion={version}"),
    };
    let url = format!("{base}watch=true&allowWatchBookmarks=true&timeoutSeconds={KEPT}&{beginning}");
    let request = Request::get(&url).body(Vec::new()).map_err(|error| Error::Unreachable(error.to_string()))?;
    let path = url.split('?').next().unwrap_or_default();
    let failed = |error| Error::from_kube(error, &Method::GET, path);
    let silence = || Error::Unreachable(format!("watch of {path}: no word for {} seconds", SILENCE.as_secs()));
    let opened = timeout(Duration::from_secs(30), api.client().request_events::<Value>(request)).await;
    let events = match opened {
        Ok(events) => events.map_err(failed)?,
        Err(_) => return Err(silence()),
    };
    seen.opened();
    let mut events = pin!(events);
    let mut told = from.is_none().then(BTreeSet::new);
    loop {
        let patience = match until {
            Until::Time(end) => end.saturating_duration_since(Instant::now()).min(SILENCE),
            Until::Closed | Until::Complete => SILENCE,
        };
        let event = match timeout(patience, events.try_next()).await {
            Ok(event) => event.map_err(failed)?,
            Err(_) if matches!(until, Until::Time(end) if Instant::now() >= end) => return Ok(()),
            Err(_) => return Err(silence()),
        };
        match event {
            None => return Ok(()),
            Some(WatchEvent::Added(body) | WatchEvent::Modified(body)) => {
                let Some(live) = Live::new(body) else { continue };
                seen.heard(Some(live.metadata("resourceVersion")), true);
                if let Some(told) = &mut told {
                    told.insert(live.id().clone());
                }
                let _ = news.send(News::Put(live)).await;
            }
            Some(WatchEvent::Deleted(body)) => {
                let Some(live) = Live::new(body) else { continue };
                seen.heard(Some(live.metadata("resourceVersion")), true);
                let _ = news.send(News::Gone(live)).await;
            }
            Some(WatchEvent::Bookmark(bookmark)) => {
                let is_end = bookmark.metadata.annotations.contains_key("k8s.io/initial-events-end");
                let version = bookmark.metadata.resource_version;
                seen.heard(Some(&version), false);
                if let (true, Some(told)) = (is_end, told.take()) {
                    seen.complete();
                    let version = version.parse().unwrap_or(0);
                    let _ = news.send(News::Complete(target.scope.clone(), told, version)).await;
                    if matches!(until, Until::Complete) {
                        return Ok(());
                    }
                }
            }
            Some(WatchEvent::Error(status)) => return Err(failed(kube::Error::Api(status))),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::diagnostics::Diagnostics;
    use crate::operator::metrics::Metrics;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Reads a request; answers with a watch that tells where it is and is closed.
    async fn answer(listener: &tokio::net::TcpListener, version: u64) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = vec![0; 4096];
        let length = stream.read(&mut read).await.unwrap();
        let bookmark = serde_json::json!({ "type": "BOOKMARK", "object": {
            "apiVersion": "v1", "kind": "Service", "metadata": { "resourceVersion": version.to_string() },
        } });
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
        stream.write_all(format!("{head}{bookmark}\n").as_bytes()).await.unwrap();
        String::from_utf8_lossy(&read[..length]).lines().next().unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn a_watch_that_is_opened_again_begins_with_everything_there_is() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let api = Api::new(kube::Client::try_from(kube::Config::new(server)).unwrap());
        let (news, _heard) = tokio::sync::mpsc::channel(8);
        let watching = watch(api, Target::all("Service", "ns"), news, Diagnostics::new(Metrics::new()));
        let asked = async { [answer(&listener, 7).await, answer(&listener, 8).await] };
        let asked = tokio::select! {
            asked = asked => asked,
            () = watching => unreachable!("it watches for ever"),
        };
        for line in asked {
            assert!(line.contains("sendInitialEvents=true") && !line.contains("resourceVersion="), "{line}");
        }
    }

    #[test]
    fn what_fails_in_the_same_way_twice_is_told_once() {
        let refused = |code| {
            let status = kube::core::Status { code, ..kube::core::Status::default() };
            Error::from_kube(kube::Error::Api(Box::new(status)), &Method::GET, "/")
        };
        let gone = || Error::Unreachable("gone".to_owned());
        // An API server starts anew and refuses for a moment; then a right is taken away for good.
        let errors = [gone(), refused(403), gone(), refused(403), refused(403), refused(403), gone()];
        let mut trouble = Trouble::default();
        let told = errors.map(|error| trouble.is_news(&error));
        assert_eq!(told, [false, false, false, false, true, false, false]);
    }
}
