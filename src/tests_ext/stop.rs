//! When tests have to come to their end: a signal, or the time that `--timeout` gives.

use std::cell::Cell;
use std::process;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// What a run that was interrupted ends with, as upstream's.
const INTERRUPTED: i32 = 130;

/// Whether the run goes on.
#[derive(Debug)]
pub struct Stop {
    interrupted: Cell<bool>,
    deadline: Option<Instant>,
}

impl Stop {
    /// Nobody has interrupted it yet. Without a limit it may take as long as it takes.
    pub fn new(limit: Option<Duration>) -> Self {
        Stop { interrupted: Cell::new(false), deadline: limit.and_then(|limit| Instant::now().checked_add(limit)) }
    }

    /// Why it does not go on.
    pub fn reason(&self) -> Option<String> {
        if self.interrupted.get() {
            return Some("the run was interrupted".to_owned());
        }
        let is_over = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        is_over.then(|| "the time of --timeout is over".to_owned())
    }

    /// Waits for SIGINT and SIGTERM. After the first, tests put things back and fail; the second ends the process.
    ///
    /// It says nothing: `openshift-tests` reads standard error together with the results, and takes any line between
    /// them for their beginning.
    pub async fn listen(&self) -> ! {
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            std::future::pending::<()>().await;
            process::exit(INTERRUPTED);
        };
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if self.interrupted.replace(true) {
                process::exit(INTERRUPTED);
            }
        }
    }
}
