//! What was secret in a request is taken out of an answer that refuses it: services, and whatever stands before them,
//! like to repeat what they were sent, and messages quote what they say.

use crate::net::{decode, encode};
use futures::FutureExt;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Collected, Full};
use hyper::body::Bytes;
use serde_json::Value;
use std::cmp::Reverse;

/// Headers that hold a token or a signature.
const HEADERS: [&str; 4] = ["x-auth-token", "x-subject-token", "x-amz-security-token", "x-auth-refresh-token"];
/// Fields of forms and of JSON that hold a secret, or a token.
const FIELDS: [&str; 8] =
    ["apikey", "assertion", "client_assertion", "client_secret", "password", "secret", "subject_token", "token"];
/// Shorter words could be any.
const SHORTEST: usize = 6;

/// A request as it was sent. Its secrets are looked for only when an answer may repeat them.
pub(super) struct Sent {
    headers: HeaderMap,
    body: Full<Bytes>,
}

impl Sent {
    /// Keeps what may hold secrets; the body is shared, not copied.
    pub(super) fn of(request: &Request<Full<Bytes>>) -> Self {
        Sent { headers: request.headers().clone(), body: request.body().clone() }
    }

    /// The text of an answer without them.
    pub(super) fn taken_out_of(self, answer: Bytes) -> Bytes {
        let Ok(text) = std::str::from_utf8(&answer) else { return answer };
        let secrets = self.secrets();
        let holds = |secret: &String| text.contains(secret.as_str()) || text.contains(&encode(secret));
        if !secrets.iter().any(holds) {
            return answer;
        }
        let without = |text: String, secret: &String| text.replace(secret.as_str(), "…").replace(&encode(secret), "…");
        secrets.iter().fold(text.to_owned(), without).into()
    }

    /// The longest first, so that none is left over that has another in it.
    fn secrets(self) -> Vec<String> {
        let mut found = of_headers(&self.headers);
        let body = self.body.collect().now_or_never().and_then(Result::ok);
        let body = body.map(Collected::to_bytes).unwrap_or_default();
        match serde_json::from_slice::<Value>(&body) {
            Ok(value) => of_json(&value, false, &mut found),
            Err(_) => of_form(&String::from_utf8_lossy(&body), &mut found),
        }
        found.retain(|secret| secret.len() >= SHORTEST);
        found.sort_by_key(|secret| Reverse(secret.len()));
        found
    }
}

fn of_headers(headers: &HeaderMap) -> Vec<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut found: Vec<String> = HEADERS.iter().filter_map(|name| text(name)).collect();
    // A scheme, and after it a token, or names and values (RFC 9110, 11.4).
    let authorization = text(AUTHORIZATION.as_str()).unwrap_or_default();
    for word in authorization.split([' ', ',']).skip(1) {
        let value = word.split_once('=').filter(|(name, _)| ["Credential", "Signature"].contains(name));
        found.extend(value.and_then(|(_, value)| value.split('/').next()).map(str::to_owned));
        found.extend((!word.starts_with("SignedHeaders=")).then(|| word.to_owned()));
        found.extend(word.split_once(':').map(|(_, signature)| signature.to_owned()));
    }
    found
}

fn of_form(body: &str, found: &mut Vec<String>) {
    for (name, value) in body.split('&').filter_map(|pair| pair.split_once('=')) {
        if FIELDS.contains(&name) {
            found.extend([value.to_owned(), decode(value)]);
        }
    }
}

fn of_json(value: &Value, is_secret: bool, found: &mut Vec<String>) {
    match value {
        Value::String(text) if is_secret => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| of_json(item, is_secret, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                // What is below `password` of Keystone's requests has a name, too, which need not be told either.
                let is_secret = FIELDS.contains(&name.as_str()) || (is_secret && name == "id");
                of_json(value, is_secret, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Sent;
    use http::Request;
    use http_body_util::Full;

    #[test]
    fn what_was_sent_is_not_repeated() {
        for (header, body, answer, left) in [
            (("authorization", "Bearer s3cret-token"), "", "got Bearer s3cret-token", "got Bearer …"),
            (("x-auth-token", "s3cret-token"), "", "s3cret-token is old", "… is old"),
            (
                ("authorization", "AWS4-HMAC-SHA256 Credential=AKIAS3/2026/x, SignedHeaders=host, Signature=abcdef0"),
                "",
                "AWSAccessKeyId AKIAS3, abcdef0, host",
                "AWSAccessKeyId …, …, host",
            ),
            (
                ("authorization", "SharedKey account:c2lnbmF0dXJl"),
                "",
                "not c2lnbmF0dXJl of account",
                "not … of account",
            ),
            (("a", "b"), "grant_type=x_y_z_1&client_secret=s3%26cret", "s3&cret s3%26cret x_y_z_1", "… … x_y_z_1"),
            (
                ("a", "b"),
                r#"{"auth":{"user":{"name":"somebody","password":"s3cret"}}}"#,
                "somebody s3cret",
                "somebody …",
            ),
            (("a", "b"), r#"{"auth":{"token":{"id":"s3cret"}}}"#, "s3cret", "…"),
            (("a", "b"), "", "nothing", "nothing"),
        ] {
            let request = Request::post("/").header(header.0, header.1).body(Full::from(body)).unwrap();
            let text = Sent::of(&request).taken_out_of(answer.into());
            assert_eq!(String::from_utf8_lossy(&text), left);
        }
    }
}
