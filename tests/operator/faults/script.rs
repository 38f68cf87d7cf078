//! Which of an operator's writes something happens to: those to the API server and those to the storage, counted together.

use super::log;
use crate::support::internet::{Fault, Hold, Request, Response, When};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What happens at a write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum At {
    /// The operator is killed before the write goes out.
    KillBefore,
    /// It is killed when the write is done and it does not know that yet.
    KillAfter,
    /// The same, where only writes to the storage count: whose it is has to stand somewhere by then.
    KillAfterStored,
    /// The write is done, and the answer is lost.
    LoseAnswer,
    /// The write is lost on its way: nothing is done.
    LoseRequest,
}

/// Counts writes.
#[derive(Clone, Default)]
pub struct Writes(Arc<Counted>);

#[derive(Default)]
struct Counted {
    count: AtomicUsize,
    /// What it happened to.
    hit: Mutex<Option<String>>,
}

impl Writes {
    /// How many there were.
    pub fn count(&self) -> usize {
        self.0.count.load(Ordering::SeqCst)
    }

    /// The write that it happened to.
    pub fn hit(&self) -> Option<String> {
        self.0.hit.lock().unwrap().clone()
    }

    /// Whether this is the `k`-th write, to the API server or to the storage.
    fn is(&self, k: usize, is_write: fn(&Request) -> bool) -> impl Fn(&Request) -> bool + use<> {
        let counted = Arc::clone(&self.0);
        move |request| {
            let is = is_write(request) && counted.count.fetch_add(1, Ordering::SeqCst) + 1 == k;
            if is {
                let line = format!("{} {}{}", request.method, request.host, request.path);
                *counted.hit.lock().unwrap() = Some(line);
            }
            is
        }
    }

    /// What happens at the `k`-th write to proxy and storage together, for each of them; where it is held, if it is.
    pub fn faults(&self, k: usize, at: At) -> ([Fault; 2], Vec<Hold>) {
        let ([api, cloud], holds) = match at {
            At::LoseAnswer => ([Fault::lose_response(), Fault::lose_response()], Vec::new()),
            At::LoseRequest => ([Fault::refuse(), Fault::refuse()], Vec::new()),
            At::KillBefore => both(When::Before),
            At::KillAfter | At::KillAfterStored => both(When::After),
        };
        let of_cloud = |request: &Request| !matches!(request.method.as_str(), "GET" | "HEAD" | "CONNECT");
        // An event that is lost is no loss.
        let is_counted = |request: &Request| log::is_write(request) && !request.path.ends_with("/events");
        let of_api = if at == At::KillAfterStored { |_: &Request| false } else { is_counted };
        ([api.matching(self.is(k, of_api)), cloud.matching(self.is(k, of_cloud))], holds)
    }
}

fn both(when: When) -> ([Fault; 2], Vec<Hold>) {
    let ((api, first), (cloud, second)) = (Fault::hold(when), Fault::hold(when));
    ([api, cloud], vec![first, second])
}

/// The API server's answer with that code, which it gives instead of doing anything.
pub fn answer(code: u16) -> Fault {
    let reason = match code {
        409 => "Conflict",
        410 => "Expired",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        _ => "InternalError",
    };
    let status = json!({ "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure", "code": code,
        "reason": reason, "message": format!("the test answers {code}") });
    let response = Response::json(code, &status);
    Fault::answer(if code == 429 { response.with_header("retry-after", "1") } else { response })
}
