//! Access tokens, kept until shortly before they expire.

use super::federation;
use super::jwt::{LIFETIME, Signer};
use super::key_file::{DEFAULT_UNIVERSE, External, Identity, KeyFile};
use super::refusal;
use crate::api::secret::Secret;
use crate::execute::storage::trouble::Trouble;
use crate::net::{Answer, Failure, Http, USER_AGENT, pairs, token_lifetime};
use http::Request;
use http::header::{CONTENT_TYPE, USER_AGENT as USER_AGENT_HEADER};
use http_body_util::Full;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A token is renewed so long before it expires.
const EARLY: Duration = Duration::from_secs(300);

/// A token and how long it is good.
pub(super) type Token = (Secret, Duration);

/// Tokens for an identity.
pub(super) struct Tokens {
    http: Arc<Http>,
    /// Where the key file stands, for people.
    place: String,
    scopes: String,
    origin: Origin,
    kept: Mutex<Option<(Secret, Instant)>>,
}

/// Where tokens come from.
enum Origin {
    /// From the endpoint, for an assertion.
    Account { signer: Signer, token_uri: String },
    /// From the key itself.
    SelfSigned(Signer),
    /// For a token of the workload.
    Workload(External),
}

impl Tokens {
    /// None is asked for yet. Scopes are separated by spaces.
    ///
    /// # Errors
    /// A key that cannot be used, as a sentence about the key file.
    pub(super) fn new(file: KeyFile, scopes: String, http: Arc<Http>) -> Result<Self, String> {
        let origin = match file.identity {
            Identity::ServiceAccount(account) => {
                let signer = Signer::new(&account).map_err(|why| format!("{} {why}", file.place))?;
                if file.universe == DEFAULT_UNIVERSE {
                    Origin::Account { signer, token_uri: account.token_uri }
                } else {
                    Origin::SelfSigned(signer)
                }
            }
            Identity::External(external) => Origin::Workload(external),
        };
        Ok(Tokens { http, place: file.place, scopes, origin, kept: Mutex::new(None) })
    }

    /// A token that is good for some minutes at least.
    ///
    /// # Errors
    /// What there is against the identity.
    pub(super) async fn token(&self) -> Result<Secret, Trouble> {
        let mut kept = self.kept.lock().await;
        if let Some((token, _)) = kept.as_ref().filter(|(_, until)| *until > Instant::now()) {
            return Ok(token.clone());
        }
        let (token, lifetime) = match &self.origin {
            Origin::SelfSigned(signer) => {
                (self.signed(signer.self_signed(&self.scopes))?, Duration::from_secs(LIFETIME))
            }
            Origin::Account { signer, token_uri } => {
                let assertion = self.signed(signer.for_token(token_uri, &self.scopes))?;
                self.granted(token_uri, &assertion).await?
            }
            Origin::Workload(external) => federation::token(&self.http, &self.place, external, &self.scopes).await?,
        };
        *kept = Some((token.clone(), Instant::now() + lifetime.saturating_sub(EARLY)));
        Ok(token)
    }

    /// Does not hand out that token again.
    pub(super) async fn forget(&self, token: &Secret) {
        self.kept.lock().await.take_if(|(kept, _)| kept == token);
    }

    fn signed(&self, assertion: Result<String, String>) -> Result<Secret, Trouble> {
        let assertion = assertion.map_err(|why| Trouble::new("InvalidCredentials", format!("{} {why}", self.place)));
        assertion.map(Secret::from)
    }

    /// RFC 7523, 2.1.
    async fn granted(&self, token_uri: &str, assertion: &Secret) -> Result<Token, Trouble> {
        let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion.expose())];
        let answer = post_form(&self.http, token_uri, &form).await;
        let answer = answer.map_err(|failure| Trouble::no_answer(&no_token(&self.place), &failure))?;
        granted(&answer, &self.place)
    }
}

/// What all troubles with tokens are about.
pub(super) fn no_token(place: &str) -> String {
    format!("there is no token for {place}")
}

/// Sends a form.
pub(super) async fn post_form(http: &Http, url: &str, form: &[(&str, &str)]) -> Result<Answer, Failure> {
    let form = pairs(form);
    let request = || {
        Request::post(url)
            .header(USER_AGENT_HEADER, USER_AGENT)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(form.clone()))
            .map_err(|_| Failure::unusable("a URL in the key file cannot be asked"))
    };
    http.ask(request).await
}

/// The token of an answer (RFC 6749, 5.1).
///
/// # Errors
/// What the endpoint has against the request.
pub(super) fn granted(answer: &Answer, place: &str) -> Result<Token, Trouble> {
    if !answer.status.is_success() {
        return Err(refusal::of_token(answer, place));
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match body["access_token"].as_str().filter(|token| !token.is_empty()) {
        Some(token) => {
            let seconds = body["expires_in"].as_u64().unwrap_or_default();
            Ok((Secret::from(token.to_owned()), token_lifetime(seconds)))
        }
        None => Err(Trouble::new("UnexpectedAnswer", format!("{}: the answer has none in it", no_token(place)))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::granted;
    use crate::net::Answer;
    use std::time::Duration;
    use tokio::time::Instant;

    #[test]
    fn a_token_that_is_said_to_be_good_for_ever_is_kept_for_a_day() {
        for (said, kept) in [("3600", 3600), ("18446744073709551615", 86400), ("-1", 0), ("\"x\"", 0)] {
            let body = format!("{{\"access_token\":\"t\",\"expires_in\":{said}}}").into();
            let answer = Answer { status: http::StatusCode::OK, headers: http::HeaderMap::new(), body };
            let (_, lifetime) = granted(&answer, "").unwrap();
            assert_eq!(lifetime, Duration::from_secs(kept), "{said}");
            assert!(Instant::now().checked_add(lifetime).is_some());
        }
    }
}
