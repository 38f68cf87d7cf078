//! What was asked, and how it ended.

use super::fault::When;
use super::message::Request;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// One request; its parts are read as those of [`Request`].
#[derive(Clone, Debug)]
pub struct Call {
    pub request: Request,
    /// When it had come with its whole body.
    pub at: Instant,
    pub outcome: Outcome,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Not yet.
    Pending,
    /// With that status.
    Answered(u16),
    /// A fault closed the connection before or after the server did what it was asked for.
    Closed(When),
    /// The client went away, or everything was cut, while the call was pending.
    Abandoned,
    /// There is no such host; 502.
    UnknownHost,
    /// The client accepted no certificate, or nothing else for which TLS could begin.
    NoTls(String),
    /// The server on this machine gave no answer that can be passed on; 502.
    Unreachable(String),
    /// The function that answers for the host panicked; 500.
    Panicked,
    /// The request ended before it was complete or was too long.
    Incomplete(String),
}

impl Call {
    /// The status answered; none if there was no answer.
    pub fn status(&self) -> Option<u16> {
        match self.outcome {
            Outcome::Answered(status) => Some(status),
            Outcome::UnknownHost | Outcome::Unreachable(_) => Some(502),
            Outcome::Panicked => Some(500),
            _ => None,
        }
    }

    /// `PUT host/path?query`.
    pub fn line(&self) -> String {
        format!("{} {}{}", self.method, self.host, self.target)
    }
}

impl Deref for Call {
    type Target = Request;

    fn deref(&self) -> &Request {
        &self.request
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.line(), self.outcome)
    }
}

/// All calls.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<Arc<Mutex<Call>>>>>);

impl Log {
    /// Writes down a call that has begun.
    pub fn enter(&self, request: Request) -> Entry {
        let call = Arc::new(Mutex::new(Call { request, at: Instant::now(), outcome: Outcome::Pending }));
        self.0.lock().unwrap().push(Arc::clone(&call));
        Entry(call)
    }

    pub fn calls(&self) -> Vec<Call> {
        self.0.lock().unwrap().iter().map(|call| call.lock().unwrap().clone()).collect()
    }

    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

/// A call that has begun. Unless it ends otherwise, it was abandoned.
pub struct Entry(Arc<Mutex<Call>>);

impl Entry {
    /// Says how it ended; the first word counts.
    pub fn end(&self, outcome: Outcome) {
        let mut call = self.0.lock().unwrap();
        if call.outcome == Outcome::Pending {
            call.outcome = outcome;
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.end(Outcome::Abandoned);
    }
}
