//! The daemon that keeps every node's directory of CAs equal to the mounted ConfigMap.

mod sync;

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, MissedTickBehavior, interval};

pub use sync::{Report, sync};

/// How often everything is compared, the files on the node included: somebody else may have changed them.
const COMPARE: Duration = Duration::from_secs(60);

/// How often the source is looked at. A stat of a few files costs less than inotify, which loses events when
/// kubelet swaps the directory of a mounted ConfigMap, and needs nothing but the standard library.
const LOOK: Duration = Duration::from_secs(5);

/// Synchronises at once, whenever the source changes and every minute, until SIGTERM or SIGINT.
///
/// `log` gets the lines for people. What goes wrong with a file is one of them and ends nothing.
///
/// # Errors
/// Only if the process cannot listen for signals.
pub async fn run(source: &Path, destination: &Path, log: impl Fn(&str)) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    log(&format!("copying CAs from {} to {}", source.display(), destination.display()));

    let mut last: Option<(Instant, Vec<Seen>)> = None;
    loop {
        tokio::select! {
            biased;
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = look.tick() => {}
        }
        let seen = look_at(source);
        if last.as_ref().is_some_and(|(when, known)| *known == seen && when.elapsed() < COMPARE) {
            continue;
        }
        let report = sync(source, destination);
        report.errors.iter().for_each(|error| log(error));
        if !report.is_quiet() {
            log(&report.to_string());
        }
        last = Some((Instant::now(), seen));
    }
    log("shutting down node-ca");
    Ok(())
}

/// What tells a file from the one that was there before.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    path: std::path::PathBuf,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

/// The files of the source; empty if they cannot be listed.
fn look_at(source: &Path) -> Vec<Seen> {
    let entries = fs::read_dir(source).into_iter().flatten().flatten();
    let mut seen: Vec<Seen> = entries
        .filter_map(|entry| {
            let path = entry.path();
            let metadata = fs::metadata(&path).ok()?;
            let modified = (metadata.mtime(), metadata.mtime_nsec());
            Some(Seen { path, inode: metadata.ino(), size: metadata.len(), modified })
        })
        .collect();
    seen.sort_by(|a, b| a.path.cmp(&b.path));
    seen
}
