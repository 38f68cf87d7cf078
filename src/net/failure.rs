//! Why there was no answer.

use std::error::Error;
use std::fmt;

/// Why a request got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure it is, for the remedy.
    pub kind: Kind,
    /// The server and the reason, as a part of a sentence. It holds no secret: neither headers nor bodies are in it.
    pub message: String,
}

/// What kept the answer away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The name is not known, nobody listens, or the connection broke.
    Unreachable,
    /// The server's certificate is not trusted, or is for another name.
    NotTrusted,
    /// The answer took too long.
    TimedOut,
    /// The request cannot be made: a URL or a credential that cannot be used.
    Unusable,
}

impl Failure {
    /// A request that cannot be made.
    pub fn unusable(message: impl Into<String>) -> Self {
        Failure { kind: Kind::Unusable, message: message.into() }
    }

    /// A connection to that server that failed.
    pub(super) fn unreachable(server: &str, error: &(dyn Error + 'static)) -> Self {
        let kind = if chain(error).any(is_about_certificate) { Kind::NotTrusted } else { Kind::Unreachable };
        let reasons: Vec<String> = chain(error).map(|error| error.to_string()).collect();
        Failure { kind, message: format!("{server} cannot be reached: {}", reasons.join(": ")) }
    }

    /// A server that did not answer in time.
    pub(super) fn timed_out(server: &str, seconds: u64) -> Self {
        Failure { kind: Kind::TimedOut, message: format!("{server} did not answer within {seconds} seconds") }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// An error and what it came from.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// An I/O error may hold another one, which does not show among its sources.
fn is_about_certificate(error: &(dyn Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return matches!(error, rustls::Error::InvalidCertificate(_));
    }
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    inner.is_some_and(|inner| is_about_certificate(inner))
}
