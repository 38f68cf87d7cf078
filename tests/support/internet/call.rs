//! What was asked, and how it ended.

use super::fault::When;
use super::message::Request;
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// One request; its parts are read as those of [`Request`].
#[derive(Clone, Debug)]
pub struct Call {
    pub request: Request,
    /// When it had come with its whole body.
    pub at: Instant,
    pub outcome: Outcome,
    serial: usize,
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
#[derive(Default)]
pub struct Log {
    calls: Mutex<Vec<Call>>,
    changed: Condvar,
    next: AtomicUsize,
}

impl Log {
    /// Writes down a call that has begun.
    pub fn enter(self: &Arc<Self>, request: Request) -> Entry {
        let serial = self.next.fetch_add(1, Ordering::SeqCst);
        let call = Call { request, at: Instant::now(), outcome: Outcome::Pending, serial };
        self.calls.lock().unwrap().push(call);
        self.changed.notify_all();
        Entry { log: Arc::clone(self), serial }
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// The calls as soon as that holds of them, or at the deadline without it.
    pub fn wait(&self, deadline: Duration, reached: impl Fn(&[Call]) -> bool) -> (Vec<Call>, bool) {
        let calls = self.calls.lock().unwrap();
        let (calls, _) = self.changed.wait_timeout_while(calls, deadline, |calls| !reached(calls)).unwrap();
        (calls.clone(), reached(&calls))
    }

    pub fn clear(&self) {
        self.calls.lock().unwrap().clear();
    }
}

/// A call that has begun. Unless it ends otherwise, it was abandoned.
pub struct Entry {
    log: Arc<Log>,
    serial: usize,
}

impl Entry {
    /// Says how it ended; the first word counts.
    pub fn end(&self, outcome: Outcome) {
        let mut calls = self.log.calls.lock().unwrap();
        let call = calls.iter_mut().find(|call| call.serial == self.serial);
        if let Some(call) = call.filter(|call| call.outcome == Outcome::Pending) {
            call.outcome = outcome;
            self.log.changed.notify_all();
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.end(Outcome::Abandoned);
    }
}
