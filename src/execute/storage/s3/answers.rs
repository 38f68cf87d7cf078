//! The XML that S3 and STS answer.

use crate::net::Answer;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What a service has against a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The HTTP status.
    pub(super) status: u16,
    /// The service's code; made of the status where there is none, as after HEAD.
    pub(super) code: String,
    /// The service's own words.
    pub(super) message: String,
    /// The region that the service names instead; empty if it does not.
    pub(super) region: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Error {
    code: String,
    message: String,
    region: String,
}

/// STS wraps it. It is no type that holds itself: an answer could be nested more deeply than the stack is.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Outer {
    code: String,
    message: String,
    region: String,
    error: Option<Error>,
}

impl Refusal {
    /// Reads an answer that is no success.
    pub(super) fn of(answer: &Answer) -> Self {
        let Outer { code, message, region, error } = parse(answer).unwrap_or_default();
        let error = error.unwrap_or(Error { code, message, region });
        let status = answer.status.as_u16();
        let code = if error.code.is_empty() { code_of(status) } else { error.code };
        let of_header = answer.header("x-amz-bucket-region").to_owned();
        let region = if error.region.is_empty() { of_header } else { error.region };
        Refusal { status, code, message: error.message, region }
    }

    /// Whether the code is one of these.
    pub(super) fn is(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }
}

/// The code where the service gives none.
fn code_of(status: u16) -> String {
    let code = match status {
        301 => "PermanentRedirect",
        307 => "TemporaryRedirect",
        401 | 403 => "AccessDenied",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        429 => "TooManyRequests",
        500 => "InternalError",
        501 => "NotImplemented",
        503 => "ServiceUnavailable",
        _ => return format!("Http{status}"),
    };
    code.to_owned()
}

/// Reads a body.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse<T: DeserializeOwned>(answer: &Answer) -> Result<T, String> {
    parse_text(&answer.text())
}

/// Reads XML.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse_text<T: DeserializeOwned>(xml: &str) -> Result<T, String> {
    quick_xml::de::from_str(xml.trim_start_matches('\u{feff}')).map_err(|error| error.to_string())
}

/// A text as the content of an element. Control characters are written as references, or parsers would drop or refuse
/// them.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            control if control.is_control() => escaped.push_str(&format!("&#{};", u32::from(control))),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Refusal, escape, parse_text};
    use crate::net::Answer;
    use http::{HeaderMap, HeaderValue, StatusCode};
    use serde::Deserialize;

    fn refusal(status: u16, body: &'static str) -> Refusal {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-bucket-region", HeaderValue::from_static("eu-west-1"));
        Refusal::of(&Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: body.into() })
    }

    #[test]
    fn refusals_are_read_in_every_form() {
        let s3 = refusal(
            400,
            "<?xml version=\"1.0\"?>\n<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region 'a' is wrong\
             </Message><Region>eu-central-1</Region><RequestId>1</RequestId></Error>",
        );
        assert_eq!((s3.code.as_str(), s3.region.as_str()), ("AuthorizationHeaderMalformed", "eu-central-1"));
        assert_eq!(s3.message, "the region 'a' is wrong");
        let sts = refusal(
            400,
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
             <Code>InvalidIdentityToken</Code><Message>m</Message></Error></ErrorResponse>",
        );
        assert_eq!((sts.code.as_str(), sts.message.as_str()), ("InvalidIdentityToken", "m"));
        let head = refusal(301, "");
        assert_eq!((head.code.as_str(), head.region.as_str()), ("PermanentRedirect", "eu-west-1"));
        assert_eq!(refusal(503, "<html><body>busy").code, "ServiceUnavailable");
        assert_eq!(refusal(418, "tea").code, "Http418");
    }

    #[test]
    fn texts_survive() {
        #[derive(Deserialize)]
        struct Holder {
            text: String,
        }
        for text in ["a&b<c>\"d'", " leading and trailing ", "line\r\nbreak\u{1}", "", "ü€", "  "] {
            let xml = format!("<Holder>\n  <text>{}</text>\n</Holder>", escape(text));
            assert_eq!(parse_text::<Holder>(&xml).unwrap().text, text);
        }
    }

    #[test]
    fn nothing_is_too_deep_for_the_stack() {
        let body = "<Error>".repeat(1_000_000).into();
        let answer = crate::net::Answer { status: http::StatusCode::FORBIDDEN, headers: http::HeaderMap::new(), body };
        assert_eq!(Refusal::of(&answer).code, "AccessDenied");
    }
}
