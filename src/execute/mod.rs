//! Carrying out a plan: server-side apply, write-backs, deletions, storage, reports.
