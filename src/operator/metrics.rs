//! Metrics under the names of the reference.
