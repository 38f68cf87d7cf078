//! What a storage service has against a step, as a sentence for people.

use crate::net::{Failure, Kind};
use std::fmt;

/// Why a step came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// One CamelCase word: the service's code where it has one.
    pub reason: String,
    /// The medium, what is the matter, and what to do. It holds no secret.
    pub message: String,
}

impl Trouble {
    /// A trouble of these parts. A reason that is no word of letters and digits is not one for a condition.
    pub fn new(reason: &str, message: impl Into<String>) -> Self {
        let mut word: String = reason.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
        if !word.starts_with(|first: char| first.is_ascii_alphabetic()) {
            word.insert_str(0, "Error");
        }
        Trouble { reason: word, message: message.into() }
    }

    /// There was no answer about what `subject` names.
    pub fn no_answer(subject: &str, failure: &Failure) -> Self {
        let (reason, remedy) = match failure.kind {
            Kind::Unreachable => ("ServiceUnreachable", "check the endpoint, DNS, the proxy and network policies"),
            Kind::NotTrusted => ("CertificateNotTrusted", "add its CA to the trusted CAs"),
            Kind::TimedOut => ("ServiceTimedOut", "it is asked again"),
            Kind::Unusable => ("RequestImpossible", "check the settings and credentials of the storage"),
        };
        Trouble::new(reason, format!("{subject}: {failure}; {remedy}"))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// The beginning of a service's own words, on one line, without what may be a signature, a key or a token: a word
/// longer than 60 characters.
pub fn quoted(text: &str) -> String {
    const LONGEST: usize = 200;
    let words = text.split_whitespace().map(|word| if word.chars().count() > 60 { "…" } else { word });
    let line = words.collect::<Vec<_>>().join(" ");
    let printable = line.chars().filter(|character| !character.is_control());
    let mut quoted: String = printable.take(LONGEST).collect();
    if line.chars().count() > LONGEST {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::{Trouble, quoted};

    #[test]
    fn reasons_are_words() {
        assert_eq!(Trouble::new("NoSuchBucket", "").reason, "NoSuchBucket");
        assert_eq!(Trouble::new("403 Forbidden: x", "").reason, "Error403Forbiddenx");
    }

    #[test]
    fn long_words_are_not_quoted() {
        let key = "k".repeat(64);
        assert_eq!(quoted(&format!("signature {key} is\n wrong")), "signature … is wrong");
        assert_eq!(quoted(&"word ".repeat(100)).chars().count(), 201);
    }
}
