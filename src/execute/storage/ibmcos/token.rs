//! Tokens of IAM for the API key, and what they say about the account.

use super::refusal::Refusal;
use super::step::TOKEN;
use super::words::Words;
use crate::api::secret::Secret;
use crate::execute::storage::trouble::Trouble;
use crate::net::{Answer, Failure, Http, USER_AGENT, pairs, token_lifetime};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Request;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT as USER_AGENT_HEADER};
use http_body_util::Full;
use serde_json::Value;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A token is renewed so long before it expires.
const EARLY: Duration = Duration::from_secs(300);

/// Tokens, kept until shortly before they expire.
pub(super) struct Tokens {
    url: String,
    api_key: Secret,
    words: Words,
    kept: Mutex<Option<(Secret, Instant)>>,
}

impl Tokens {
    /// None is asked for yet.
    pub(super) fn new(iam_endpoint: &str, api_key: Secret, words: Words) -> Self {
        Tokens { url: format!("{iam_endpoint}/identity/token"), api_key, words, kept: Mutex::new(None) }
    }

    /// A token that is good for some minutes at least.
    ///
    /// # Errors
    /// What IAM has against the API key.
    pub(super) async fn token(&self, http: &Http) -> Result<Secret, Trouble> {
        let mut kept = self.kept.lock().await;
        if let Some((token, _)) = kept.as_ref().filter(|(_, until)| *until > Instant::now()) {
            return Ok(token.clone());
        }
        let answer = http.ask(|| self.request()).await.map_err(|failure| self.words.no_answer(TOKEN.what, &failure))?;
        let (token, lifetime) = self.granted(&answer)?;
        *kept = Some((token.clone(), Instant::now() + lifetime.saturating_sub(EARLY)));
        Ok(token)
    }

    /// Does not hand out that token again.
    pub(super) async fn forget(&self, token: &Secret) {
        self.kept.lock().await.take_if(|(kept, _)| kept == token);
    }

    /// IAM Identity Services API, "Create an IAM access token for an API key".
    fn request(&self) -> Result<Request<Full<hyper::body::Bytes>>, Failure> {
        let form = [("grant_type", "urn:ibm:params:oauth:grant-type:apikey"), ("apikey", self.api_key.expose())];
        Request::post(&self.url)
            .header(USER_AGENT_HEADER, USER_AGENT)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(Full::from(pairs(&form)))
            .map_err(|error| Failure::unusable(format!("{} cannot be asked: {error}", self.url)))
    }

    fn granted(&self, answer: &Answer) -> Result<(Secret, Duration), Trouble> {
        if !answer.status.is_success() {
            return Err(Refusal::of(answer).trouble(&self.words, &TOKEN));
        }
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match body["access_token"].as_str().filter(|token| is_header_text(token)) {
            Some(token) => {
                let seconds = body["expires_in"].as_u64().unwrap_or_default();
                Ok((Secret::from(token.to_owned()), token_lifetime(seconds)))
            }
            None => Err(self.words.unreadable(TOKEN.what, "the answer of IAM has none in it")),
        }
    }
}

fn is_header_text(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The account of a token: `account.bss` of its claims. The signature is for the services to check.
///
/// # Errors
/// What is wrong with the token, without any part of it.
pub(super) fn account(token: &Secret) -> Result<String, &'static str> {
    let mut parts = token.expose().split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err("the token is no JSON Web Token");
    };
    let claims =
        URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).map_err(|_| "the token's claims are not base64")?;
    let claims: Value = serde_json::from_slice(&claims).map_err(|_| "the token's claims are not JSON")?;
    let account = claims.pointer("/account/bss").and_then(Value::as_str).unwrap_or_default();
    if account.is_empty() { Err("the token does not name its account (account.bss)") } else { Ok(account.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::account;
    use crate::api::secret::Secret;
    use base64::Engine;
    use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};

    fn of(claims: &str) -> Result<String, &'static str> {
        account(&Secret::from(format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims))))
    }

    #[test]
    fn the_account_is_among_the_claims() {
        assert_eq!(of(r#"{"account":{"valid":true,"bss":"abc"}}"#), Ok("abc".to_owned()));
        let padded = format!("h.{}.s", URL_SAFE.encode(r#"{"account":{"bss":"a"}}"#));
        assert_eq!(account(&Secret::from(padded)), Ok("a".to_owned()));
    }

    #[test]
    fn what_cannot_be_read_is_a_sentence() {
        for claims in ["", "[]", r#"{"account":"abc"}"#, r#"{"account":{"bss":7}}"#, r#"{"account":{"bss":""}}"#] {
            assert!(of(claims).is_err(), "{claims}");
        }
        for token in ["", "a", "a.b", "a.!.c", "a.b.c.d", ".."] {
            assert!(account(&Secret::from(token.to_owned())).is_err(), "{token}");
        }
    }
}
