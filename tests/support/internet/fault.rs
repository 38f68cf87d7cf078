//! What goes wrong on the way, for which calls, and how often.

use super::hold::{Barrier, Hold};
use super::message::{Request, Response};
use super::route::Pattern;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Before the server is asked, or after it did what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Before,
    After,
}

/// Something that goes wrong. Meets every call unless narrowed down.
pub struct Fault {
    effect: Effect,
    host: Pattern,
    method: Option<String>,
    target: String,
    predicate: Option<Predicate>,
    which: RangeInclusive<usize>,
    /// How many calls matched so far.
    seen: AtomicUsize,
}

type Predicate = Box<dyn Fn(&Request) -> bool + Send + Sync>;

#[derive(Clone)]
pub enum Effect {
    Answer(Response),
    Close(When),
    Delay(When, Duration),
    Freeze(When),
    Hold(When, Arc<Barrier>),
    UnknownCa,
}

impl Effect {
    /// What happens to the call at that moment; an error closes its connection.
    pub async fn suffer(&self, now: When, request: &Request) -> Result<(), When> {
        match self {
            Effect::Close(when) if *when == now => return Err(now),
            Effect::Delay(when, time) if *when == now => tokio::time::sleep(*time).await,
            Effect::Freeze(when) if *when == now => futures::future::pending().await,
            Effect::Hold(when, barrier) if *when == now => barrier.wait(request).await,
            _ => {}
        }
        Ok(())
    }
}

impl Fault {
    fn new(effect: Effect) -> Self {
        Fault {
            effect,
            host: Pattern::new("*"),
            method: None,
            target: String::new(),
            predicate: None,
            which: 1..=usize::MAX,
            seen: AtomicUsize::new(0),
        }
    }

    /// That response instead of the server's, which is not asked.
    pub fn answer(response: Response) -> Self {
        Self::new(Effect::Answer(response))
    }

    /// The connection ends and the server is not asked.
    pub fn refuse() -> Self {
        Self::new(Effect::Close(When::Before))
    }

    /// The connection ends after the server did what it was asked for.
    pub fn lose_response() -> Self {
        Self::new(Effect::Close(When::After))
    }

    /// The server is asked, or its response passed on, only after that time.
    pub fn delay(when: When, time: Duration) -> Self {
        Self::new(Effect::Delay(when, time))
    }

    /// There is no response, and the connection stays open; the server is asked or not.
    pub fn freeze(when: When) -> Self {
        Self::new(Effect::Freeze(when))
    }

    /// The call waits until the test lets it go on.
    pub fn hold(when: When) -> (Self, Hold) {
        let (barrier, hold) = Hold::new();
        (Self::new(Effect::Hold(when, barrier)), hold)
    }

    /// The host has a certificate of a CA that the client does not know. Counts connections, and heeds the host alone.
    pub fn unknown_ca() -> Self {
        Self::new(Effect::UnknownCa)
    }

    /// Only calls of that host, or of those below `*.name`.
    pub fn host(mut self, host: &str) -> Self {
        self.host = Pattern::new(host);
        self
    }

    /// Only calls with that method.
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only calls with that in their path and query as they came.
    pub fn path(mut self, part: &str) -> Self {
        part.clone_into(&mut self.target);
        self
    }

    /// Only calls of which this holds.
    pub fn matching(mut self, predicate: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        self.predicate = Some(Box::new(predicate));
        self
    }

    /// Only the n-th of the matching calls, counted from 1.
    pub fn nth(self, n: usize) -> Self {
        self.range(n..=n)
    }

    /// Only the first `n` of the matching calls.
    pub fn first(self, n: usize) -> Self {
        self.range(1..=n)
    }

    /// Only these of the matching calls, counted from 1.
    pub fn range(mut self, which: RangeInclusive<usize>) -> Self {
        self.which = which;
        self
    }

    /// Counts the call if it matches; says whether the fault happens to it.
    fn happens(&self, request: &Request) -> bool {
        self.host.matches(&request.host)
            && self.method.as_ref().is_none_or(|method| *method == request.method)
            && request.target.contains(&self.target)
            && self.predicate.as_ref().is_none_or(|predicate| predicate(request))
            && self.is_next()
    }

    fn is_next(&self) -> bool {
        self.which.contains(&(self.seen.fetch_add(1, Ordering::SeqCst) + 1))
    }
}

/// All faults.
#[derive(Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub fn add(&self, fault: Fault) {
        self.0.lock().unwrap().push(fault);
    }

    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// What happens to that call.
    pub fn of(&self, request: &Request) -> Vec<Effect> {
        let faults = self.0.lock().unwrap();
        let happening =
            faults.iter().filter(|fault| !matches!(fault.effect, Effect::UnknownCa) && fault.happens(request));
        happening.map(|fault| fault.effect.clone()).collect()
    }

    /// Whether this connection to that host gets a certificate of an unknown CA.
    pub fn unknown_ca(&self, host: &str) -> bool {
        let faults = self.0.lock().unwrap();
        let mut matching =
            faults.iter().filter(|fault| matches!(fault.effect, Effect::UnknownCa) && fault.host.matches(host));
        matching.any(Fault::is_next)
    }
}
