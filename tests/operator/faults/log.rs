//! What the operator asked the API server for, through the proxy.

use crate::support::internet::Request;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How many kinds are watched all the time.
const KINDS: usize = 14;

/// One request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `PATCH deployments/image-registry`, and the subresource.
    pub line: String,
    /// The plural, as `deployments`.
    pub resource: String,
    pub is_write: bool,
    pub is_watch: bool,
    /// When it came, and when it was answered or lost.
    pub at: Instant,
    pub ended: Option<Instant>,
    /// The status of the answer; none while there is none.
    pub status: Option<u16>,
}

impl Asked {
    /// Takes a request apart. Writes of the Lease are no writes here: they come by the clock.
    pub fn of(request: &Request) -> Self {
        let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        // `api/v1/…` or `apis/GROUP/VERSION/…`, below `namespaces/NAME` or not.
        let rest = &parts[if parts[0] == "api" { 2 } else { 3 }.min(parts.len())..];
        let rest = if rest.first() == Some(&"namespaces") && rest.len() > 2 { &rest[2..] } else { rest };
        let resource = rest.first().copied().unwrap_or_default();
        Asked {
            line: format!("{} {}", request.method, rest.join("/")),
            resource: resource.to_owned(),
            is_write: request.method != "GET" && resource != "leases",
            is_watch: request.query.contains("watch=true"),
            at: Instant::now(),
            ended: None,
            status: None,
        }
    }
}

/// Whether the request changes something, the Lease aside.
pub fn is_write(request: &Request) -> bool {
    Asked::of(request).is_write
}

/// All requests.
#[derive(Default)]
pub struct Log(Mutex<Written>);

#[derive(Default)]
struct Written {
    asked: Vec<Asked>,
    /// Where the requests of the running operator begin.
    mark: usize,
    /// When something was last changed that the operator is to answer.
    stirred: Option<Instant>,
}

impl Log {
    /// Writes down a request that has come.
    pub fn enter(&self, request: &Request) -> Entry<'_> {
        let mut log = self.0.lock().unwrap();
        log.asked.push(Asked::of(request));
        Entry { log: self, index: log.asked.len() - 1 }
    }

    /// Another operator is started.
    pub fn mark(&self) {
        let mut log = self.0.lock().unwrap();
        log.mark = log.asked.len();
    }

    /// Something has been changed just now that the operator is to answer.
    pub fn stir(&self) {
        self.0.lock().unwrap().stirred = Some(Instant::now());
    }

    /// The requests of the running operator.
    pub fn asked(&self) -> Vec<Asked> {
        let log = self.0.lock().unwrap();
        log.asked[log.mark..].to_vec()
    }

    /// Its writes since then, as lines with their answers.
    pub fn writes_since(&self, since: Instant) -> Vec<String> {
        let line = |asked: &Asked| format!("{} {}", asked.line, asked.status.unwrap_or_default());
        self.asked().iter().filter(|asked| asked.is_write && asked.at >= since).map(line).collect()
    }

    /// For how long the operator has watched everything and written nothing; zero before.
    pub fn quiet_for(&self) -> Duration {
        let (asked, stirred) = (self.asked(), self.0.lock().unwrap().stirred);
        let mut watched = BTreeMap::new();
        for asked in asked.iter().filter(|asked| asked.is_watch) {
            watched.entry(asked.resource.as_str()).or_insert(asked.at);
        }
        let mut since: Vec<Option<Instant>> = watched.values().copied().map(Some).collect();
        since.extend(asked.iter().filter(|asked| asked.is_write).map(|asked| asked.ended));
        if watched.len() < KINDS || since.contains(&None) {
            return Duration::ZERO;
        }
        since.into_iter().chain([stirred]).flatten().max().map_or(Duration::ZERO, |at| at.elapsed())
    }
}

/// A request that has come; it has ended when this is dropped.
pub struct Entry<'a> {
    log: &'a Log,
    index: usize,
}

impl Entry<'_> {
    /// Says how it was answered.
    pub fn answered(&self, status: u16) {
        self.log.0.lock().unwrap().asked[self.index].status = Some(status);
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.log.0.lock().unwrap().asked[self.index].ended = Some(Instant::now());
    }
}
