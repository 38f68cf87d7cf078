//! What a process takes up, again and again at the same state, and whether that grows.

use crate::support::process::{anonymous_bytes, descriptors, rss_bytes, threads};
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// Looks of which the middle one counts, and how far they are apart.
const LOOKS: usize = 5;
const APART: Duration = Duration::from_millis(20);

/// What it took up at one time, at rest.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Since the beginning.
    pub at: Duration,
    /// Passes that have ended.
    pub passes: u64,
    /// Watches that are open.
    pub watches: u64,
    /// Bytes of the diagnostics.
    pub document: u64,
    /// Bytes of memory, and those of them that no file stands behind.
    pub resident: u64,
    pub anonymous: u64,
    /// File descriptors: sockets, and all others.
    pub sockets: u64,
    pub files: u64,
    pub threads: u64,
    /// What the descriptors lead to, for whom it may concern.
    pub descriptors: Vec<String>,
}

impl Sample {
    /// Of a process, whose own numbers are given.
    pub async fn of(pid: u32, at: Duration, [passes, watches, document]: [u64; 3]) -> Self {
        let mut looks = Vec::new();
        for _ in 0..LOOKS {
            looks.push([rss_bytes(pid), anonymous_bytes(pid), threads(pid)]);
            tokio::time::sleep(APART).await;
        }
        let [resident, anonymous, threads] = [0, 1, 2].map(|index| median(looks.iter().map(|look| look[index])));
        let descriptors = descriptors(pid);
        let sockets = descriptors.iter().filter(|link| link.starts_with("socket:")).count() as u64;
        let files = descriptors.len() as u64 - sockets;
        Sample { at, passes, watches, document, resident, anonymous, sockets, files, threads, descriptors }
    }
}

/// All samples. A heap has its size after some hundred passes: four tenths of them warm up.
#[derive(Default)]
pub struct Gauge(pub Vec<Sample>);

impl Gauge {
    fn warm(&self) -> &[Sample] {
        &self.0[self.0.len() * 4 / 10..]
    }

    /// By how much it has grown from the first third to the last, in the middle of each. What grows evenly is seen with
    /// four tenths of all that it grows by: the warm-up and two halves of a third are missing.
    pub fn growth(&self, of: impl Fn(&Sample) -> u64) -> i64 {
        let warm = self.warm();
        let third = warm.len().div_ceil(3);
        let middle = |samples: &[Sample]| median(samples.iter().map(&of)).cast_signed();
        middle(&warm[warm.len() - third..]) - middle(&warm[..third])
    }

    /// The first one after the warm-up, the last, and the most and the least of all since.
    pub fn range(&self, of: impl Fn(&Sample) -> u64) -> Range {
        let warm: Vec<u64> = self.warm().iter().map(of).collect();
        let (least, most) = (*warm.iter().min().unwrap(), *warm.iter().max().unwrap());
        Range { first: warm[0], last: warm[warm.len() - 1], least, most }
    }

    /// One line for each sample.
    pub fn write(&self, path: &Path) {
        let mut text = "seconds,passes,watches,diagnostics,resident,anonymous,sockets,files,threads\n".to_owned();
        for sample in &self.0 {
            let Sample { at, passes, watches, document, resident, anonymous, sockets, files, threads, .. } = sample;
            let seconds = at.as_secs_f64();
            let _ = writeln!(
                text,
                "{seconds:.1},{passes},{watches},{document},{resident},{anonymous},{sockets},{files},{threads}"
            );
        }
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// Where a number was.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    pub first: u64,
    pub last: u64,
    pub least: u64,
    pub most: u64,
}

fn median(numbers: impl Iterator<Item = u64>) -> u64 {
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers[numbers.len() / 2]
}
