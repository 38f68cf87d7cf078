//! How much input is accepted, so that no file can exhaust time or memory.

use serde_saphyr::{Options, alias_limits, budget, options};

/// Bytes of one file, or of standard input.
pub(super) const FILE_BYTES: u64 = 8 * 1024 * 1024;
/// Bytes of all files together.
pub(super) const TOTAL_BYTES: u64 = 32 * 1024 * 1024;
/// Files that the given directories may hold.
pub(super) const FILES: usize = 10_000;
/// Directories within directories.
pub(super) const DIRECTORY_DEPTH: usize = 32;
/// Text that one file may hold once its aliases are expanded.
pub(super) const EXPANDED_BYTES: usize = 16 * 1024 * 1024;
/// Broken documents after which the rest of a file is not read.
pub(super) const BROKEN_DOCUMENTS: usize = 20;

/// Problems that are reported.
pub(super) const PROBLEMS: usize = 200;

/// How YAML is read: version 1.2 with unique keys, and within bounds.
pub(super) fn yaml() -> Options {
    options! {
        budget: budget! {
            max_depth: 64,
            max_nodes: 600_000,
            max_events: 1_500_000,
            max_aliases: 10_000,
            max_anchors: 10_000,
            max_recorded_anchor_events: 100_000,
            max_recorded_anchor_bytes: 4 * 1024 * 1024,
        },
        alias_limits: alias_limits! { max_total_replayed_events: 100_000 },
        // `yes` and `0644` mean something else in YAML 1.1; as text they fail loudly where they matter.
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        // An excerpt of the source could hold a secret.
        with_snippet: false,
    }
}
