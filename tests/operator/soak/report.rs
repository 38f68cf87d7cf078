//! What came of it: the table, and whether nothing has grown.

use super::gauge::{Range, Sample};
use super::running::{Running, WATCHES};
use crate::cluster::audit::{Request, writes};
use std::fmt::Write;

/// A number of a sample.
type Measure = fn(&Sample) -> u64;

/// File descriptors that come and go: the connection of the Lease is kept for the next renewal or not, and another one is
/// taken when a turn of the last watch ends at the same time.
const CONNECTIONS: u64 = 2;
/// Threads that read files (certificates, those whose change ends the operator) end when they had nothing to do for ten
/// seconds.
const READERS: u64 = 4;
/// KiB of such a thread, which has a heap of its own.
const THREAD: i64 = 64;
/// Bytes of the diagnostics: numbers grow longer, and what was last written or last failed is told, once for each object.
const TOLD: u64 = 8 * 1024;

/// Only the Lease was written.
pub fn assert_unwritten(requests: &[Request], when: &str) {
    let others: Vec<_> = writes(requests).into_iter().filter(|request| request.resource != "leases").collect();
    assert!(others.is_empty(), "{when}: written: {others:#?}");
}

impl Running<'_> {
    /// Passes that were made.
    fn passes_made(&self) -> u64 {
        self.gauge.0.last().map_or(0, |sample| sample.passes)
    }

    /// Prints what was done and what that took.
    pub fn print(&self, title: &str) {
        let mut text = format!("\n| {title} | |\n|---|---:|\n");
        let watches = self.asked.get(&("watch".to_owned(), false)).unwrap_or(&0);
        let mut rows = vec![
            ("seconds".to_owned(), self.gauge.0.last().map_or(0, |sample| sample.at.as_secs())),
            ("passes".to_owned(), self.passes_made()),
            ("… of them for changes that it was told of".to_owned(), self.news),
            ("watches opened".to_owned(), *watches as u64),
            ("scrapes".to_owned(), self.scrapes),
        ];
        for ((verb, is_lease), count) in &self.asked {
            let what = if *is_lease { "of the Lease" } else { "of anything else" };
            rows.push((format!("requests: {verb} {what}"), *count as u64));
        }
        for (what, number) in rows {
            let _ = writeln!(text, "| {what} | {number} |");
        }
        text.push_str("\n| at rest | first | last | least | most | growth |\n|---|---:|---:|---:|---:|---:|\n");
        let mut row = |what: &str, range: Range, growth: i64| {
            let Range { first, last, least, most } = range;
            let _ = writeln!(text, "| {what} | {first} | {last} | {least} | {most} | {growth} |");
        };
        for (what, of) in self.measures() {
            row(what, self.gauge.range(of), self.gauge.growth(of));
        }
        println!("{text}");
    }

    fn measures(&self) -> [(&'static str, Measure); 7] {
        [
            ("memory, KiB", |sample| sample.resident / 1024),
            ("… without files behind it, KiB", |sample| sample.anonymous / 1024),
            ("sockets", |sample| sample.sockets),
            ("other file descriptors", |sample| sample.files),
            ("threads", |sample| sample.threads),
            ("watches", |sample| sample.watches),
            ("diagnostics, bytes", |sample| sample.document),
        ]
    }

    /// Nothing has grown, and as much was done as was meant; `turned` passes came from what is looked at in turns.
    pub fn assert_flat(&self, most_growth: i64, turned: u64) {
        let passes = self.passes_made();
        assert!((self.news..=self.news + turned).contains(&passes), "{passes} passes of {} changes", self.news);
        let kib = self.gauge.growth(|sample| sample.anonymous / 1024);
        let of_threads = THREAD * self.gauge.growth(|sample| sample.threads).max(0);
        assert!(
            kib <= most_growth + of_threads,
            "memory has grown by {kib} KiB: {:?}",
            self.gauge.range(|sample| sample.anonymous)
        );
        let descriptors = || format!("{:#?}", self.gauge.0.last().map(|sample| &sample.descriptors));
        let files = self.gauge.range(|sample| sample.files);
        assert_eq!(files.least, files.most, "{files:?}: {}", descriptors());
        let sockets = self.gauge.range(|sample| sample.sockets);
        assert!(sockets.most <= sockets.least + CONNECTIONS, "{sockets:?}: {}", descriptors());
        let threads = self.gauge.range(|sample| sample.threads);
        assert!(threads.most <= threads.least + READERS, "{threads:?}");
        let told = self.gauge.range(|sample| sample.document);
        assert!(told.most <= told.first + TOLD, "diagnostics: {told:?}");
        assert_eq!(self.gauge.range(|sample| sample.watches).most, WATCHES as u64);
    }
}
