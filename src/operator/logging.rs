//! The log and its level.
