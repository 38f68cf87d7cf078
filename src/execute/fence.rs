//! What keeps an operator that has lost its lease without noticing from writing.
//!
//! A process may stand still for minutes and then go on where it was, before its own timers tell it that the lease is
//! over. Every write therefore asks the clock first.

use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// Open while the lease is held; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Fence(Arc<Mutex<Option<Instant>>>);

impl Fence {
    /// Lets writes through until then.
    pub fn open_until(&self, end: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
    }

    /// Lets nothing through any more.
    pub fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether writes may go out now.
    pub fn is_open(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|end| Instant::now() < end)
    }
}
