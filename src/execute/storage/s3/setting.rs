//! What the settings of a bucket have in common: each is read, written if it differs, and told of on its own.

use super::answers::Refusal;
use super::service::{Call, Service};
use crate::execute::storage::driver::Setting;
use crate::execute::storage::trouble::Trouble;
use crate::inputs::Fact;
use crate::net::Answer;
use std::time::Duration;
use tokio::time::timeout;

/// One setting, so that one that hangs does not keep the others from being set.
const DEADLINE: Duration = Duration::from_secs(60);

/// A setting, for conditions and events.
pub(super) struct Subject {
    /// The condition's type.
    pub(super) type_: &'static str,
    /// The reason if all is well.
    pub(super) reason: &'static str,
    /// What is written, for people.
    pub(super) name: &'static str,
}

/// A setting that is what it should be.
pub(super) struct Good {
    /// What there is to say of it.
    pub(super) message: String,
    /// Whether it had to be written.
    pub(super) is_written: bool,
}

/// A setting that is not.
pub(super) struct Bad {
    trouble: Trouble,
    /// Whether it is for a reason that may pass.
    again: bool,
}

impl From<Trouble> for Bad {
    fn from(trouble: Trouble) -> Self {
        Bad { trouble, again: true }
    }
}

impl Bad {
    /// For a reason that stays.
    pub(super) fn lasting(trouble: Trouble) -> Self {
        Bad { trouble, again: false }
    }

    /// The service refuses it, or does not know such a setting.
    pub(super) fn of(service: &Service, call: &Call<'_>, refusal: &Refusal) -> Self {
        if !is_unknown(refusal, service.is_custom) {
            return service.trouble(call, refusal).into();
        }
        let (bucket, what, code) = (&service.words.bucket, call.what, &refusal.code);
        let message = format!("{bucket}: {what}: the service does not support it ({code})");
        Bad::lasting(Trouble::new("NotSupported", message))
    }
}

/// Whether the service does not know what it is asked. Stores other than AWS say so in many ways, as that the request is
/// not well-formed, or that there is no such key.
pub(super) fn is_unknown(refusal: &Refusal, is_custom: bool) -> bool {
    match refusal.status {
        405 | 501 => true,
        _ if refusal.is(&["NotImplemented", "MethodNotAllowed"]) => true,
        400 => is_custom && refusal.is(&["InvalidArgument", "InvalidRequest", "MalformedXML"]),
        404 => is_custom && !refusal.is(&["NoSuchBucket"]),
        _ => false,
    }
}

/// What is set; none where the service says so by one of these codes.
pub(super) async fn read(service: &Service, call: &Call<'_>, absent: &[&str]) -> Result<Option<Answer>, Bad> {
    match service.send(call).await? {
        Ok(answer) => Ok(Some(answer)),
        Err(refusal) if refusal.is(absent) => Ok(None),
        Err(refusal) => Err(Bad::of(service, call, &refusal)),
    }
}

/// Writes it.
pub(super) async fn write(service: &Service, call: &Call<'_>) -> Result<(), Bad> {
    service.send(call).await?.map(drop).map_err(|refusal| Bad::of(service, call, &refusal))
}

/// An answer that is no XML of that kind.
pub(super) fn unreadable(service: &Service, call: &Call<'_>, why: &str) -> Bad {
    let (bucket, what) = (&service.words.bucket, call.what);
    Trouble::new("AnswerUnreadable", format!("{bucket}: {what}: the answer is not understood: {why}")).into()
}

/// Carries out the work on a setting and says what became of it.
pub(super) async fn within(
    service: &Service,
    subject: &Subject,
    work: impl Future<Output = Result<Good, Bad>>,
) -> Setting {
    let Subject { type_, reason, name } = subject;
    let too_long = || {
        let (bucket, seconds) = (&service.words.bucket, DEADLINE.as_secs());
        let message = format!("{bucket}: {name}: not done within {seconds} seconds; it is tried again");
        Err(Trouble::new("TimedOut", message).into())
    };
    match timeout(DEADLINE, work).await.unwrap_or_else(|_| too_long()) {
        Ok(Good { message, is_written }) => {
            Setting { fact: Fact::new(type_, true, reason, message), changed: is_written.then_some(name), again: false }
        }
        Err(Bad { trouble, again }) => {
            Setting { fact: Fact::new(type_, false, &trouble.reason, trouble.message), changed: None, again }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, is_unknown};

    #[test]
    fn a_call_that_the_service_does_not_know_is_no_failure() {
        let refusal = |status, code: &str| Refusal {
            status,
            code: code.to_owned(),
            message: String::new(),
            region: String::new(),
        };
        for refusal in
            [refusal(501, "NotImplemented"), refusal(405, "MethodNotAllowed"), refusal(400, "NotImplemented")]
        {
            assert!(is_unknown(&refusal, false) && is_unknown(&refusal, true), "{refusal:?}");
        }
        for refusal in [refusal(400, "InvalidRequest"), refusal(400, "MalformedXML"), refusal(404, "NoSuchKey")] {
            assert!(!is_unknown(&refusal, false) && is_unknown(&refusal, true), "{refusal:?}");
        }
        for refusal in [refusal(404, "NoSuchBucket"), refusal(403, "AccessDenied"), refusal(503, "SlowDown")] {
            assert!(!is_unknown(&refusal, true), "{refusal:?}");
        }
    }
}
