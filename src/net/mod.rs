//! HTTP to the services of clouds: one TLS stack, proxies, time limits, and trying again.

mod client;
mod echo;
mod encoding;
mod failure;
mod network;
mod retry;

pub use client::{Answer, Http};
pub use encoding::{decode, encode, encode_path, pairs};
pub use failure::{Failure, Kind};
pub use network::{Network, Trust};
pub use retry::Limits;

use hyper::body::Bytes;
use std::time::Duration;

/// How long a token is kept that is said to be good for so many seconds: a day at most, whatever its issuer says.
pub fn token_lifetime(seconds: u64) -> Duration {
    Duration::from_secs(seconds.min(24 * 60 * 60))
}

/// What is left of an answer to that request, for the fuzzing of parsers.
pub(crate) fn without_what_was_sent(request: &http::Request<http_body_util::Full<Bytes>>, answer: Bytes) -> Bytes {
    echo::Sent::of(request).taken_out_of(answer)
}

/// What every request says of its sender (the reference's form).
pub const USER_AGENT: &str = concat!("openshift.io cluster-image-registry-operator/", env!("CARGO_PKG_VERSION"));
