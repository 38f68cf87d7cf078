//! Waiting for a state instead of for a time.

use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_millis(20);

/// Looks until `observe` finds what it looks for; its error is what it saw instead.
///
/// Panics after `deadline` with `what` and the last observation.
pub async fn eventually<T>(deadline: Duration, what: &str, mut observe: impl AsyncFnMut() -> Result<T, String>) -> T {
    let end = Instant::now() + deadline;
    loop {
        match observe().await {
            Ok(found) => return found,
            Err(seen) => assert!(Instant::now() < end, "{what}: not within {deadline:?}; last seen: {seen}"),
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
