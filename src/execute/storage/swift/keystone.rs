//! Tokens from Keystone, Identity API v3.

use super::super::trouble::{Trouble, quoted};
use super::catalogue::{self, Swift, Token};
use super::credential::Credential;
use crate::net::{Answer, Failure, Http, USER_AGENT, token_lifetime};
use crate::render::names::NAMESPACE;
use crate::render::storage::action::SwiftAccount;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT as USER_AGENT_HEADER};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// So long before it expires, a token is not used any more.
const EARLY: Duration = Duration::from_secs(120);
/// What is taken for the life of a token that does not tell.
const SHORTEST: Duration = Duration::from_secs(60);

/// A token, and where Swift is.
pub(super) struct Session {
    pub(super) token: HeaderValue,
    pub(super) swift: Swift,
    /// Until when it is used.
    pub(super) until: Instant,
}

/// Keystone, asked on behalf of `subject`.
pub(super) struct Keystone {
    pub(super) account: SwiftAccount,
    pub(super) credential: Credential,
}

impl Keystone {
    /// Gets a token and the catalogue that comes with it.
    ///
    /// # Errors
    /// What Keystone has against the credential, or that there was no answer.
    pub(super) async fn sign_in(&self, http: &Http, subject: &str) -> Result<Session, Trouble> {
        let url = &self.account.auth_url;
        if !self.speaks_v3() {
            let message = format!(
                "{subject}: Keystone at {url} is to be asked by version {} of its API, and the operator knows version 3 \
                 alone; set authURL and authVersion of spec.storage.swift to version 3, or create the container by hand \
                 and set spec.storage.managementState of Config/cluster to Unmanaged",
                self.account.auth_version
            );
            return Err(Trouble::new("AuthVersionNotSupported", message));
        }
        let answer = http.ask(|| self.request()).await;
        let answer = answer.map_err(|failure| Trouble::no_answer(subject, &failure))?;
        if !answer.status.is_success() {
            return Err(self.refused(subject, &answer));
        }
        let strange = |what: &str| {
            let message = format!("{subject}: {url} answered {what}; check that authURL is Keystone's");
            Trouble::new("KeystoneAnswerUnusable", message)
        };
        let mut token = answer.headers.get("x-subject-token").cloned().ok_or_else(|| strange("without a token"))?;
        token.set_sensitive(true);
        let parsed: Result<catalogue::Answer, _> = serde_json::from_slice(&answer.body);
        let Ok(catalogue::Answer { token: description }) = parsed else {
            return Err(strange("something that is no description of a token"));
        };
        if description.project.is_none() {
            let message = format!(
                "{subject}: the token of {url} is for no project; set tenant or tenantID in spec.storage.swift of \
                 Config/cluster"
            );
            return Err(Trouble::new("ProjectUnknown", message));
        }
        let until = Instant::now() + lifetime(&description).saturating_sub(EARLY);
        Ok(Session { token, swift: catalogue::swift(&description.catalog, &self.account.region_name), until })
    }

    fn speaks_v3(&self) -> bool {
        let url = &self.account.auth_url;
        let path = url.split_once("://").map_or("", |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
        path.starts_with("v3")
    }

    fn request(&self) -> Result<Request<Full<Bytes>>, Failure> {
        let url = format!("{}/auth/tokens", self.account.auth_url.trim_end_matches('/'));
        let unusable = |_| Failure::unusable(format!("{url} cannot be asked"));
        let request = Request::builder().uri(&url).header(USER_AGENT_HEADER, USER_AGENT);
        let request = request.header(ACCEPT, "application/json");
        // A token that is right already is looked at, since one that is got with it would not last longer.
        if let Some(token) = self.credential.token_as_it_is(&self.account) {
            let mut token = HeaderValue::try_from(token.expose())
                .map_err(|_| Failure::unusable("the token is none that can be sent"))?;
            token.set_sensitive(true);
            let request = request.header("x-auth-token", token.clone()).header("x-subject-token", token);
            return request.body(Full::default()).map_err(unusable);
        }
        let body = self.credential.request(&self.account).to_string();
        let request = request.method("POST").header(CONTENT_TYPE, "application/json");
        request.body(Full::from(body)).map_err(unusable)
    }

    fn refused(&self, subject: &str, answer: &Answer) -> Trouble {
        let url = &self.account.auth_url;
        let secret = self.credential.secret;
        let remedy = match answer.status {
            StatusCode::BAD_REQUEST => "check domain and tenant in spec.storage.swift of Config/cluster".to_owned(),
            // Keystone does not tell which of these it is.
            StatusCode::UNAUTHORIZED => format!(
                "check the credentials in Secret {NAMESPACE}/{secret}, whether they have expired, domain and project, \
                 and that the user has a role in the project"
            ),
            StatusCode::FORBIDDEN => format!("check what the credentials in Secret {NAMESPACE}/{secret} are for"),
            StatusCode::NOT_FOUND | StatusCode::MULTIPLE_CHOICES | StatusCode::METHOD_NOT_ALLOWED => {
                "check that authURL is Keystone's, with its version, as https://keystone.example.com:5000/v3".to_owned()
            }
            _ => "it is asked again".to_owned(),
        };
        let reason = match answer.status {
            StatusCode::UNAUTHORIZED => "CredentialsNotAccepted".to_owned(),
            status => word(status),
        };
        let said = said(answer);
        let message = format!("{subject}: Keystone at {url} gives no token: {}{said}; {remedy}", answer.status);
        Trouble::new(&reason, message)
    }
}

/// The status in words, or its number.
pub(super) fn word(status: StatusCode) -> String {
    status.canonical_reason().map_or_else(|| status.as_str().to_owned(), str::to_owned)
}

/// Keystone's own words, with what goes before them.
fn said(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match body.pointer("/error/message").and_then(Value::as_str) {
        Some(message) => format!(": {}", quoted(message.trim_end_matches('.'))),
        None => String::new(),
    }
}

/// Reads an answer, for the fuzzing of parsers.
pub(super) fn read_answer(answer: &Answer) {
    drop(said(answer));
    if let Ok(catalogue::Answer { token }) = serde_json::from_slice(&answer.body) {
        drop((lifetime(&token), catalogue::swift(&token.catalog, "")));
    }
}

/// How long a token lasts, by Keystone's clock alone.
fn lifetime(token: &Token) -> Duration {
    let at = |text: &str| text.parse::<Timestamp>().ok();
    let life = at(&token.expires_at).zip(at(&token.issued_at));
    let life = life.and_then(|(end, begin)| Duration::try_from(end.duration_since(begin)).ok());
    life.map_or(SHORTEST + EARLY, |life| token_lifetime(life.as_secs()))
}
