//! What the API server refuses, and why nothing was answered, as sentences that people can act on.

use http::Method;
use std::fmt;

/// Why a request came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The API server answered, and refused.
    Refused(Box<Refusal>),
    /// There was no answer that could be understood.
    Unreachable(String),
    /// The lease is not held any more, so nothing may be written.
    NotLeader,
    /// The operator does not know where objects of this kind are.
    UnknownKind(String),
}

/// What the API server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status code.
    pub code: u16,
    /// Which request, as `PATCH /apis/…`.
    pub request: String,
    /// The API server's word for it, as `Conflict`.
    pub reason: String,
    /// The server's sentence, without any value that it quotes.
    pub message: String,
    /// Field, kind of cause, and message without values.
    pub causes: Vec<(String, String, String)>,
}

impl Refusal {
    /// Whether the object does not exist.
    pub fn is_absence(&self) -> bool {
        self.code == 404
    }

    /// Whether the whole kind is not served: its CRD or its aggregated API server is missing.
    pub fn is_missing_kind(&self) -> bool {
        let words = ["could not find the requested resource", "page not found"];
        self.code == 404 && words.iter().any(|words| self.message.contains(words))
    }
}

impl Error {
    /// The status code of a refusal.
    pub fn code(&self) -> Option<u16> {
        match self {
            Error::Refused(refusal) => Some(refusal.code),
            Error::Unreachable(_) | Error::NotLeader | Error::UnknownKind(_) => None,
        }
    }

    pub(crate) fn from_kube(error: kube::Error, method: &Method, path: &str) -> Self {
        let kube::Error::Api(status) = error else {
            return Error::Unreachable(format!("{method} {path}: {}", chain(&error)));
        };
        let details = status.details.as_ref();
        let causes = details.map(|details| details.causes.as_slice()).unwrap_or_default();
        let causes = causes.iter().map(|cause| (cause.field.clone(), cause.reason.clone(), tame(&cause.message)));
        Error::Refused(Box::new(Refusal {
            code: status.code,
            request: format!("{method} {path}"),
            reason: status.reason.clone(),
            message: tame(&status.message),
            causes: causes.collect(),
        }))
    }
}

/// All messages of an error and what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// The server's sentence without the values that validation quotes, which could be secret: from each
/// `Invalid value: "…"` (also `Unsupported value`, `Duplicate value`) only the words stay.
fn tame(message: &str) -> String {
    const MARK: &str = " value: ";
    let mut out = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find(MARK) {
        let (before, after) = rest.split_at(at + MARK.len());
        out.push_str(before.trim_end_matches(MARK));
        out.push_str(" value");
        rest = after_value(after);
    }
    out.push_str(rest);
    out
}

/// What follows a quoted value.
fn after_value(text: &str) -> &str {
    if !text.starts_with('"') {
        return text.find(": ").map_or("", |at| &text[at..]);
    }
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return &text[at + 1..],
            _ => escaped = false,
        }
    }
    ""
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Refused(refusal) => refusal.fmt(formatter),
            Error::Unreachable(why) => {
                write!(formatter, "the API server cannot be reached: {why}; check the network and the API server")
            }
            Error::NotLeader => formatter.write_str("the lease is not held any more; another operator acts now"),
            Error::UnknownKind(kind) => write!(formatter, "objects of kind {kind} are not known to this operator"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal { code, request, reason: _, message, causes } = self;
        match code {
            401 => write!(
                formatter,
                "{request}: the API server does not accept the operator's credentials; \
                 check that the token is not expired and that its service account exists"
            ),
            403 => write!(
                formatter,
                "{request}: {message}; allow it in the ClusterRole or Role that is bound to the operator's account"
            ),
            404 if self.is_missing_kind() => {
                write!(formatter, "{request}: the cluster does not serve this kind; install its CRD or API server")
            }
            409 if !causes.is_empty() => {
                let fields: Vec<String> =
                    causes.iter().map(|(field, _, message)| format!("{field}: {message}")).collect();
                write!(formatter, "{request}: conflicts with other writers: {}", fields.join("; "))
            }
            _ if message.is_empty() => write!(formatter, "{request}: the API server answers {code}"),
            _ => write!(formatter, "{request}: {message}"),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::tame;

    #[test]
    fn quoted_values_do_not_get_through() {
        for (said, kept) in [
            (
                r#"Deployment.apps "x" is invalid: spec.env[0].value: Invalid value: "hun\"ter2": must be short"#,
                r#"Deployment.apps "x" is invalid: spec.env[0].value: Invalid value: must be short"#,
            ),
            (r#"data: Invalid value: map[string]string{"a":"hunter2"}: bad"#, "data: Invalid value: bad"),
            (r#"spec.type: Unsupported value: "hunter2""#, "spec.type: Unsupported value"),
            ("nothing to hide", "nothing to hide"),
        ] {
            assert_eq!(tame(said), kept);
        }
    }
}
