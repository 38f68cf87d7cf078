//! A barrier at which calls wait for the test.

use super::message::Request;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// The test's side. Dropping it releases.
pub struct Hold(Arc<Barrier>);

/// The calls' side.
pub struct Barrier {
    arrived: Mutex<Vec<Request>>,
    arrival: Condvar,
    released: watch::Sender<bool>,
}

impl Hold {
    /// A barrier and its handle.
    pub(super) fn new() -> (Arc<Barrier>, Self) {
        let barrier =
            Barrier { arrived: Mutex::default(), arrival: Condvar::new(), released: watch::Sender::new(false) };
        let barrier = Arc::new(barrier);
        (Arc::clone(&barrier), Hold(barrier))
    }

    /// Waits for the first call that is held, and says which it is; panics if none comes within that time.
    pub fn reached(&self, deadline: Duration) -> Request {
        self.first_within(deadline).unwrap_or_else(|| panic!("no call came to be held within {deadline:?}"))
    }

    /// The first call that is held; none if none comes within that time.
    pub fn first_within(&self, deadline: Duration) -> Option<Request> {
        let arrived = self.0.arrived.lock().unwrap();
        let (arrived, _) = self.0.arrival.wait_timeout_while(arrived, deadline, |arrived| arrived.is_empty()).unwrap();
        arrived.first().cloned()
    }

    /// Lets the calls go on, also those still to come.
    pub fn release(&self) {
        self.0.released.send_replace(true);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release();
    }
}

impl Barrier {
    /// Says that the call is there, and waits until it may go on.
    pub async fn wait(&self, request: &Request) {
        let mut released = self.released.subscribe();
        self.arrived.lock().unwrap().push(request.clone());
        self.arrival.notify_all();
        let _ = released.wait_for(|released| *released).await;
    }
}
