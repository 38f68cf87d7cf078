//! What watches tell, on its way: held back, left out, or broken off.

use http_body_util::BodyExt;
use hyper::body::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{mpsc, watch};

/// A part of the answer; an error breaks it off.
pub type Told = Result<Bytes, ()>;

/// Whether an event, as `MODIFIED` with its object, is left out.
type Hidden = dyn Fn(&str, &Value) -> bool + Send + Sync;

/// What happens to all watches.
#[derive(Default)]
pub struct Watches {
    state: watch::Sender<State>,
    hidden: AtomicUsize,
}

#[derive(Clone, Default)]
struct State {
    /// By plural.
    frozen: BTreeSet<String>,
    hides: Option<Arc<Hidden>>,
    /// Watches of earlier rounds have ended.
    round: usize,
    ended: Ended,
}

/// How watches end.
#[derive(Clone, Copy, Default, PartialEq)]
enum Ended {
    /// Their time is over.
    #[default]
    Over,
    /// They were told that what they go on from is too old.
    Expired,
    /// Their connection breaks off.
    BrokenOff,
}

impl Watches {
    /// Nothing is told of that resource any more, neither by open watches nor by new ones.
    pub fn freeze(&self, resource: &str) {
        self.state.send_modify(|state| state.frozen.extend([resource.to_owned()]));
    }

    /// Everything is told that was held back, in order.
    pub fn thaw(&self) {
        self.state.send_modify(|state| state.frozen.clear());
    }

    /// Leaves out the events for which this holds, and counts them.
    pub fn hide(&self, hides: impl Fn(&str, &Value) -> bool + Send + Sync + 'static) {
        self.state.send_modify(|state| state.hides = Some(Arc::new(hides)));
    }

    /// Leaves out nothing any more; gives how many events were left out.
    pub fn show(&self) -> usize {
        self.state.send_modify(|state| state.hides = None);
        self.hidden.swap(0, Ordering::SeqCst)
    }

    /// How many events were left out.
    pub fn hidden(&self) -> usize {
        self.hidden.load(Ordering::SeqCst)
    }

    /// Ends every open watch as the API server does when its time is over.
    pub fn end(&self) {
        self.all(Ended::Over);
    }

    /// Ends every open watch with what the API server says when it has fallen too far behind (410).
    pub fn expire(&self) {
        self.all(Ended::Expired);
    }

    /// Breaks off the connection of every open watch.
    pub fn break_off(&self) {
        self.all(Ended::BrokenOff);
    }

    fn all(&self, ended: Ended) {
        self.state.send_modify(|state| (state.round, state.ended) = (state.round + 1, ended));
    }

    /// Passes on what one watch is told.
    pub async fn relay(&self, resource: &str, mut body: kube::client::Body, tell: mpsc::Sender<Told>) {
        let mut state = self.state.subscribe();
        let round = state.borrow().round;
        let mut rest = Vec::new();
        loop {
            let frame = tokio::select! {
                _ = state.wait_for(|state| state.round != round) => break,
                () = tell.closed() => return,
                frame = body.frame() => frame,
            };
            let Some(frame) = frame else { return };
            let Ok(frame) = frame else {
                let _ = tell.send(Err(())).await;
                return;
            };
            rest.extend_from_slice(frame.data_ref().map(Bytes::as_ref).unwrap_or_default());
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = rest.drain(..=end).collect();
                let is_over = |state: &State| state.round != round;
                tokio::select! {
                    _ = state.wait_for(|state| !state.frozen.contains(resource) || is_over(state)) => {}
                    () = tell.closed() => return,
                }
                if is_over(&state.borrow()) {
                    break;
                }
                if !self.is_hidden(&line) && tell.send(Ok(line.into())).await.is_err() {
                    return;
                }
            }
        }
        let last = match self.state.borrow().ended {
            Ended::Over => return,
            Ended::BrokenOff => Err(()),
            Ended::Expired => {
                let status = json!({ "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure",
                    "code": 410, "reason": "Expired", "message": "too old resource version: 1 (2)" });
                Ok(format!("{}\n", json!({ "type": "ERROR", "object": status })).into())
            }
        };
        let _ = tell.send(last).await;
    }

    fn is_hidden(&self, line: &[u8]) -> bool {
        let Some(hides) = self.state.borrow().hides.clone() else { return false };
        let event: Value = serde_json::from_slice(line).unwrap_or_default();
        let is_hidden = hides(event["type"].as_str().unwrap_or_default(), &event["object"]);
        self.hidden.fetch_add(usize::from(is_hidden), Ordering::SeqCst);
        is_hidden
    }
}
