//! How much YAML is accepted in a file of a page or two, which is what administrators and other operators write.

use serde_saphyr::{Options, alias_limits, budget, options};

/// Aliases that expand to more than any such file has would take seconds, and an excerpt of a source that may hold
/// secrets is of no use.
pub(crate) fn limits() -> Options {
    options! {
        budget: budget! { max_depth: 32, max_nodes: 50_000, max_events: 150_000, max_aliases: 1_000 },
        alias_limits: alias_limits! { max_total_replayed_events: 10_000 },
        with_snippet: false,
    }
}
