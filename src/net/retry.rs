//! When and after how long a request is tried again.

use http::StatusCode;
use std::time::Duration;

const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// How patient a client is.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// One attempt, from the connection to the last byte of the answer.
    pub attempt: Duration,
    /// Attempts, the first included.
    pub attempts: u32,
    /// The longest pause between two attempts, also if the server asks for a longer one.
    pub longest_pause: Duration,
    /// The longest answer that is read, in bytes.
    pub answer: usize,
}

impl Limits {
    /// For calls that control storage: an action as a whole is tried again anyway, so that one call need not wait
    /// for long.
    pub const CONTROL: Limits = Limits {
        attempt: Duration::from_secs(30),
        attempts: 4,
        longest_pause: Duration::from_secs(10),
        answer: 8 << 20,
    };

    /// For moving data, which nobody repeats.
    pub const DATA: Limits = Limits {
        attempt: Duration::from_secs(60),
        attempts: 6,
        longest_pause: Duration::from_secs(30),
        answer: 64 << 20,
    };

    /// How long to wait after that attempt: twice as long every time, less a random part, so that many clients do
    /// not come back at once; but no less than the server asked for in seconds.
    pub(super) fn pause(&self, attempt: u32, asked: Option<u64>) -> Duration {
        let longest = FIRST_PAUSE.saturating_mul(1 << attempt.min(16)).min(self.longest_pause);
        // Without randomness the longest pause is as good.
        let random = getrandom::u32().unwrap_or(u32::MAX);
        let drawn = longest.mul_f64(0.5 + 0.5 * f64::from(random) / f64::from(u32::MAX));
        drawn.max(Duration::from_secs(asked.unwrap_or_default())).min(self.longest_pause)
    }
}

/// Whether the answer means "not now".
pub(super) fn is_temporary(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::{FIRST_PAUSE, Limits};
    use std::time::Duration;

    #[test]
    fn pauses_grow_to_a_limit_and_heed_the_server() {
        let limits = Limits::DATA;
        for attempt in 1..40 {
            let pause = limits.pause(attempt, None);
            assert!(pause >= FIRST_PAUSE && pause <= limits.longest_pause, "{attempt}: {pause:?}");
        }
        assert!(
            limits.pause(1, Some(7)) == Duration::from_secs(7) && limits.pause(1, Some(7000)) == limits.longest_pause
        );
    }
}
