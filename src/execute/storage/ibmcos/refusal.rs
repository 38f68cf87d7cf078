//! What IBM Cloud has against a request, as a sentence for people.

use super::step::{Service, Step};
use super::words::Words;
use super::xml;
use crate::execute::storage::trouble::{Trouble, quoted};
use crate::net::Answer;
use serde_json::Value;

/// An answer that is none of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The status.
    pub(super) status: u16,
    /// The service's code; made of the status where there is none, as after HEAD.
    pub(super) code: String,
    /// The service's own sentence.
    pub(super) message: String,
}

impl Refusal {
    /// Reads an error of IAM (`errorCode`), of a platform service (`error_code`, or the first of `errors`), or of the
    /// S3 API (XML).
    pub(super) fn of(answer: &Answer) -> Self {
        let status = answer.status.as_u16();
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        let first = |pointers: [&str; 3]| pointers.into_iter().find_map(text).map(str::to_owned);
        let (code, message) = if body.is_object() {
            let code = first(["/errorCode", "/error_code", "/errors/0/code"]);
            (code, first(["/errorMessage", "/message", "/errors/0/message"]))
        } else {
            let error = xml::error(&answer.text());
            (Some(error.code), Some(error.message))
        };
        let code = code.filter(|code| !code.is_empty()).unwrap_or_else(|| code_of(status));
        Refusal { status, code, message: message.unwrap_or_default() }
    }

    /// Whether the service says that there is no such thing.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self.status, 404 | 410)
    }

    /// The whole sentence.
    pub(super) fn trouble(&self, words: &Words, step: &Step) -> Trouble {
        let Words { bucket, secret } = words;
        let Refusal { status, code, message } = self;
        let remedy = match (step.service, *status, code.as_str()) {
            (_, 429 | 500.., _) | (_, _, "SlowDown" | "OperationAborted") => "it is asked again".to_owned(),
            (Service::Iam, 400..=403, _) => format!("put a valid API key into {secret}"),
            (Service::Iam, ..) => "check the endpoint of IAM".to_owned(),
            (_, 401, _) => format!("check the API key in {secret} and this machine's clock"),
            (_, 403, _) => format!("give the identity of the API key in {secret} the role {}", step.role),
            (Service::Storage, _, "InvalidLocationConstraint" | "IllegalLocationConstraintException") => {
                "check spec.storage.ibmcos.location of Config/cluster".to_owned()
            }
            (Service::Storage, _, "InvalidBucketName") => {
                "choose another spec.storage.ibmcos.bucket of Config/cluster".to_owned()
            }
            (Service::Storage, _, "TooManyBuckets") => "delete buckets of the service instance".to_owned(),
            (_, 402, _) => "check the account's plan and limits".to_owned(),
            _ => "check spec.storage.ibmcos of Config/cluster".to_owned(),
        };
        let said = quoted(message);
        let said = if said.is_empty() { said } else { format!(", {}", said.trim_end_matches(['.', ' '])) };
        let message = format!(
            "{bucket}: {}: {} answered {status} {}{said}; {remedy}",
            step.what,
            step.service.name(),
            quoted(code)
        );
        Trouble::new(code, message)
    }
}

/// The code where the service gives none.
fn code_of(status: u16) -> String {
    let code = match status {
        401 => "Unauthorized",
        403 => "AccessDenied",
        404 => "NotFound",
        429 => "TooManyRequests",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        _ => return format!("Status{status}"),
    };
    code.to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::step;
    use super::super::words::Words;
    use super::Refusal;
    use crate::net::Answer;
    use http::{HeaderMap, StatusCode};

    fn refusal(status: u16, body: &'static str) -> Refusal {
        Refusal::of(&Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.into(),
        })
    }

    fn words() -> Words {
        Words { bucket: "bucket b in l".to_owned(), secret: "Secret s (k)".to_owned() }
    }

    #[test]
    fn every_form_of_errors_is_read() {
        let iam = refusal(
            400,
            r#"{"errorCode":"BXNIM0415E","errorMessage":"Provided API key could not be found.","context":{}}"#,
        );
        assert_eq!(iam.code, "BXNIM0415E");
        let controller = refusal(403, r#"{"error_code":"RC-IAM","message":"no","status_code":403}"#);
        assert_eq!((controller.code.as_str(), controller.message.as_str()), ("RC-IAM", "no"));
        let listed = refusal(400, r#"{"errors":[{"code":"bad","message":"is missing"}],"trace":"t"}"#);
        assert_eq!((listed.code.as_str(), listed.message.as_str()), ("bad", "is missing"));
        let s3 = refusal(409, "<Error><Code>BucketAlreadyExists</Code><Message>taken</Message></Error>");
        assert_eq!((s3.code.as_str(), s3.message.as_str()), ("BucketAlreadyExists", "taken"));
        assert_eq!(refusal(403, "").code, "AccessDenied");
        assert_eq!(refusal(418, "<html>tea").code, "Status418");
    }

    #[test]
    fn a_sentence_names_what_to_do() {
        let iam = refusal(400, r#"{"errorCode":"BXNIM0415E","errorMessage":"Provided API key could not be found."}"#);
        assert_eq!(
            iam.trouble(&words(), &step::TOKEN).message,
            "bucket b in l: there is no token for the API key: IAM answered 400 BXNIM0415E, Provided API key could \
             not be found; put a valid API key into Secret s (k)"
        );
        let denied = refusal(403, "").trouble(&words(), &step::CREATE);
        assert_eq!(denied.reason, "AccessDenied");
        assert!(denied.message.ends_with("the role Writer for the service instance"), "{denied}");
        assert!(refusal(503, "").trouble(&words(), &step::GET_KEY).message.ends_with("it is asked again"));
    }
}
