//! Who asked the API server for what, by its audit log.

use super::Cluster;
use super::credentials::TESTS;
use super::wait::eventually;
use serde_json::Value;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

static MARKS: AtomicUsize = AtomicUsize::new(0);
/// Where the last mark is.
static LAST: AtomicU64 = AtomicU64::new(0);

/// A moment: everything before it is in the log, up to this byte.
#[derive(Clone, Copy, Debug)]
pub struct Mark(u64);

/// One request. A watch is one request from its beginning on.
#[derive(Clone, Debug)]
pub struct Request {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verb: String,
    /// The plural, as `deployments`; empty for paths that are no resource.
    pub resource: String,
    /// As `status`; usually empty.
    pub subresource: String,
    /// Empty for cluster-scoped objects and lists over all namespaces.
    pub namespace: String,
    /// Empty for lists and watches.
    pub name: String,
    /// Path and query.
    pub uri: String,
    /// The HTTP status of the answer.
    pub code: u64,
    /// The client's User-Agent.
    pub user_agent: String,
    /// When it was received, RFC 3339 in UTC.
    pub timestamp: String,
    /// `ResponseStarted` for watches, `ResponseComplete` for the rest.
    pub stage: String,
}

impl Cluster {
    /// This moment in the audit log.
    pub async fn audit_mark(&self) -> Mark {
        let name = format!("audit-mark-{}", MARKS.fetch_add(1, Ordering::Relaxed));
        self.get("v1", "Namespace", "", &name).await;
        let path = self.audit_log();
        // The log grows with every test; what was before the last mark is not of interest any more.
        let before = LAST.load(Ordering::Relaxed);
        let mark = eventually(Duration::from_secs(10), "a request is in the audit log", async || {
            let text = read(&path, before, u64::MAX).map_err(|error| error.to_string())?;
            let found =
                text.find(&format!("/namespaces/{name}\"")).and_then(|at| Some(at + text[at..].find('\n')? + 1));
            found.map(|end| Mark(before + end as u64)).ok_or_else(|| format!("{} bytes", text.len()))
        })
        .await;
        LAST.fetch_max(mark.0, Ordering::Relaxed);
        mark
    }

    /// What a user has asked for since then, in the order of the answers.
    pub async fn requests_since(&self, mark: Mark, user: &str) -> Vec<Request> {
        let end = self.audit_mark().await;
        self.requests_between(mark, end, user)
    }

    /// What a user has asked for from one moment to another.
    pub fn requests_between(&self, mark: Mark, end: Mark, user: &str) -> Vec<Request> {
        let text = read(&self.audit_log(), mark.0, end.0).unwrap();
        let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let is_mark = |request: &Request| user == TESTS && request.name.starts_with("audit-mark-");
        // The end of a watch has the same id as its beginning, which may be before the mark.
        let once = |event: &Value| event["verb"] != "watch" || event["stage"] == "ResponseStarted";
        let events = events.filter(|event| event["user"]["username"] == user && once(event));
        events.map(|event| request(&event)).filter(|request| !is_mark(request)).collect()
    }
}

/// The bytes of a file from here to there, which are whole characters up to a line that is being written.
fn read(path: &Path, from: u64, to: u64) -> std::io::Result<String> {
    let mut file = fs::File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(to - from).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn request(event: &Value) -> Request {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let object = &event["objectRef"];
    Request {
        verb: text(&event["verb"]),
        resource: text(&object["resource"]),
        subresource: text(&object["subresource"]),
        namespace: text(&object["namespace"]),
        name: text(&object["name"]),
        uri: text(&event["requestURI"]),
        code: event["responseStatus"]["code"].as_u64().unwrap_or_default(),
        user_agent: text(&event["userAgent"]),
        timestamp: text(&event["requestReceivedTimestamp"]),
        stage: text(&event["stage"]),
    }
}

/// The requests that change something.
pub fn writes(requests: &[Request]) -> Vec<&Request> {
    let verbs = ["create", "update", "patch", "delete", "deletecollection"];
    requests.iter().filter(|request| verbs.contains(&request.verb.as_str())).collect()
}

/// The requests that read once.
pub fn reads(requests: &[Request]) -> Vec<&Request> {
    requests.iter().filter(|request| ["get", "list"].contains(&request.verb.as_str())).collect()
}

/// The watches that were opened.
pub fn watches(requests: &[Request]) -> Vec<&Request> {
    requests.iter().filter(|request| request.verb == "watch").collect()
}
