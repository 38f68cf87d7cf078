//! A server process with a directory of its own.

use super::install::ROOT;
use crate::support::process::Process;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Until a server must be ready; on a busy machine the slowest takes 10 s.
const DEADLINE: Duration = Duration::from_secs(90);
const INTERVAL: Duration = Duration::from_millis(20);

/// A running server. It ends when this is dropped or the test process ends.
pub struct Running {
    // Dropped before the directory it writes to.
    process: Process,
    directory: TempDir,
}

impl Running {
    /// An empty directory for a server that is going to be started.
    ///
    /// # Errors
    /// Why there can be none.
    pub fn directory() -> Result<TempDir, String> {
        let made = std::fs::create_dir_all(ROOT).and_then(|()| TempDir::with_prefix_in("run-", ROOT));
        made.map_err(|error| format!("{ROOT}: {error}"))
    }

    /// Starts the server.
    ///
    /// # Errors
    /// Why it cannot be started.
    pub fn start(name: &str, command: &mut Command, directory: TempDir) -> Result<Self, String> {
        let log = directory.path().join("log");
        let process = Process::start(name, command, log, Some(directory.path()))?;
        Ok(Running { process, directory })
    }

    /// Looks until `ready` finds in the log what it looks for.
    ///
    /// # Errors
    /// That the server ended or took too long, with the end of its log.
    pub fn wait<T>(&mut self, ready: impl Fn(&str) -> Option<T>) -> Result<T, String> {
        let end = Instant::now() + DEADLINE;
        loop {
            // Asked first, since a server may write its last words in between.
            let ended = self.process.ended();
            if let Some(found) = ready(&self.process.log()) {
                return Ok(found);
            }
            let wrong = match ended {
                Some(status) => format!("ended: {status}"),
                None if Instant::now() > end => format!("is not ready after {DEADLINE:?}"),
                None => {
                    std::thread::sleep(INTERVAL);
                    continue;
                }
            };
            return Err(format!("{} {wrong}; {}", self.process.name(), self.process.log_tail()));
        }
    }

    /// Everything it has written.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// The end of that, for failure messages.
    pub fn log_tail(&self) -> String {
        self.process.log_tail()
    }
}

/// The rest of the first whole line that has `marker` in it, up to a space, quote or comma.
pub fn after(log: &str, marker: &str) -> Option<String> {
    let whole = log.rsplit_once('\n')?.0;
    let (_, rest) = whole.split_once(marker)?;
    rest.split([' ', '\n', '\r', '"', ',']).next().map(str::to_owned)
}
