//! How requests are authorised: with keys, or with those of a session that a token is exchanged for.

use super::answers::{Refusal, parse};
use super::endpoint;
use super::ini::default_profile;
use crate::api::secret::Secret;
use crate::net::{Answer, Failure, Http, USER_AGENT, pairs};
use crate::render::storage::action::S3Bucket;
use aws_credential_types::Credentials;
use http::Request;
use http::header::{CONTENT_TYPE, USER_AGENT as USER_AGENT_HEADER};
use http_body_util::Full;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::path::PathBuf;
use tokio::sync::Mutex;

/// The keys of a session are renewed so long before they expire.
const EARLY: SignedDuration = SignedDuration::from_mins(5);
/// What the session is called if the file does not say.
const SESSION: &str = "cluster-image-registry-operator";

/// Why there are no keys.
#[derive(Debug)]
pub(super) enum Lacking {
    /// What is wrong with the credentials or the token.
    Unusable(String),
    /// STS did not answer.
    NoAnswer(Failure),
    /// STS answered that.
    Refused(Refusal),
}

/// How requests are authorised.
pub(super) enum Access {
    /// By keys that stay.
    Keys(Credentials),
    /// By those of a session.
    WebIdentity(Box<WebIdentity>),
}

/// A role, and the token that proves who may assume it.
pub(super) struct WebIdentity {
    role: String,
    session: String,
    token_file: PathBuf,
    url: String,
    http: Http,
    kept: Mutex<Option<(Credentials, Timestamp)>>,
}

impl Access {
    /// Reads the credentials file. `http` makes the client for STS.
    ///
    /// # Errors
    /// What is wrong with the file, without any value of it.
    pub(super) fn from_ini(
        ini: &str,
        bucket: &S3Bucket,
        http: impl FnOnce() -> Result<Http, String>,
    ) -> Result<Self, String> {
        let profile = default_profile(ini)?;
        let get = |key: &str| profile.get(key).map(String::as_str).filter(|value| !value.is_empty());
        if let (Some(access), Some(secret)) = (get("aws_access_key_id"), get("aws_secret_access_key")) {
            let token = get("aws_session_token").map(str::to_owned);
            return Ok(Access::Keys(Credentials::new(access, secret, token, None, "ini")));
        }
        let (Some(role), Some(token_file)) = (get("role_arn"), get("web_identity_token_file")) else {
            return Err("profile [default] has neither aws_access_key_id and aws_secret_access_key nor role_arn and \
                        web_identity_token_file"
                .to_owned());
        };
        Ok(Access::WebIdentity(Box::new(WebIdentity {
            role: role.to_owned(),
            session: get("role_session_name").unwrap_or(SESSION).to_owned(),
            token_file: PathBuf::from(token_file),
            url: endpoint::sts(bucket.sts_endpoint.as_deref(), get("region").unwrap_or(&bucket.region))?,
            http: http()?,
            kept: Mutex::new(None),
        })))
    }

    /// Keys that are good for some minutes.
    ///
    /// # Errors
    /// Why there are none.
    pub(super) async fn keys(&self) -> Result<Credentials, Lacking> {
        match self {
            Access::Keys(keys) => Ok(keys.clone()),
            Access::WebIdentity(identity) => identity.keys().await,
        }
    }

    /// Forgets the keys of a session that are not accepted any more; whether there can be others.
    pub(super) async fn forget(&self) -> bool {
        match self {
            Access::Keys(_) => false,
            Access::WebIdentity(identity) => identity.kept.lock().await.take().is_some(),
        }
    }

    /// The role that is assumed, if one is.
    pub(super) fn role(&self) -> Option<&str> {
        match self {
            Access::Keys(_) => None,
            Access::WebIdentity(identity) => Some(&identity.role),
        }
    }
}

impl WebIdentity {
    async fn keys(&self) -> Result<Credentials, Lacking> {
        let mut kept = self.kept.lock().await;
        if let Some((keys, until)) = kept.as_ref()
            && Timestamp::now() < *until
        {
            return Ok(keys.clone());
        }
        let answer = self.ask().await?;
        if !answer.status.is_success() {
            return Err(Lacking::Refused(Refusal::of(&answer)));
        }
        let (keys, expiration) = read(&answer).map_err(Lacking::Unusable)?;
        // A time that cannot be counted back from is as good as past.
        let until = expiration.checked_sub(EARLY).unwrap_or(Timestamp::MIN);
        *kept = Some((keys.clone(), until));
        Ok(keys)
    }

    /// AssumeRoleWithWebIdentity (AWS STS API reference, 2011-06-15), which is not signed.
    async fn ask(&self) -> Result<Answer, Lacking> {
        let token = std::fs::read_to_string(&self.token_file).map_err(|error| {
            Lacking::Unusable(format!("the token {} cannot be read: {error}", self.token_file.display()))
        })?;
        let form = Secret::from(pairs(&[
            ("Action", "AssumeRoleWithWebIdentity"),
            ("Version", "2011-06-15"),
            ("RoleArn", &self.role),
            ("RoleSessionName", &self.session),
            ("WebIdentityToken", token.trim()),
        ]));
        let request = || {
            let request = Request::post(&self.url)
                .header(USER_AGENT_HEADER, USER_AGENT)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Full::from(form.expose().to_owned()));
            request.map_err(|error| Failure::unusable(format!("{} cannot be asked: {error}", self.url)))
        };
        self.http.ask(request).await.map_err(Lacking::NoAnswer)
    }
}

fn read(answer: &Answer) -> Result<(Credentials, Timestamp), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Response {
        assume_role_with_web_identity_result: Outcome,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Outcome {
        credentials: Keys,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Keys {
        access_key_id: String,
        secret_access_key: Secret,
        session_token: Secret,
        expiration: String,
    }
    // What the parser says may quote what it read.
    let response: Response = parse(answer).map_err(|_| "STS answered something else than credentials".to_owned())?;
    let Keys { access_key_id, secret_access_key, session_token, expiration } =
        response.assume_role_with_web_identity_result.credentials;
    let until = expiration.parse().map_err(|_| "STS answered credentials without a time of expiration".to_owned())?;
    let token = Some(session_token.expose().to_owned());
    Ok((Credentials::new(access_key_id, secret_access_key.expose(), token, None, "sts"), until))
}
