//! Serving metrics over HTTPS.
