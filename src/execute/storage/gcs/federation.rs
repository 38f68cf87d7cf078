//! Workload identity federation: the workload's token is exchanged for one of Google's (RFC 8693), and that for the
//! token of a service account where the workload stands for one (AIP-4117).

use super::key_file::{External, Source};
use super::refusal;
use super::token::{Token, granted, no_token, post_form};
use crate::api::secret::Secret;
use crate::execute::storage::trouble::Trouble;
use crate::net::{Failure, Http, USER_AGENT, token_lifetime};
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT as USER_AGENT_HEADER};
use http_body_util::Full;
use jiff::Timestamp;
use serde_json::{Value, json};

/// All that Google can do; for calls on behalf of a service account, whose own token is narrower.
const CLOUD_PLATFORM: &str = "https://www.googleapis.com/auth/cloud-platform";
/// In seconds, unless the key file says otherwise.
const LIFETIME: u64 = 3600;

/// A token for these scopes. The workload's token is read anew, since the cluster renews it.
///
/// # Errors
/// No token in the file, or what the endpoints have against it.
pub(super) async fn token(http: &Http, place: &str, external: &External, scopes: &str) -> Result<Token, Trouble> {
    let subject = subject_token(&external.credential_source).await;
    let subject = subject.map_err(|why| Trouble::new("InvalidCredentials", format!("{place}: {why}")))?;
    let stands_for = external.service_account_impersonation_url.as_deref();
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("audience", external.audience.as_str()),
        ("scope", if stands_for.is_some() { CLOUD_PLATFORM } else { scopes }),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("subject_token", subject.expose()),
        ("subject_token_type", external.subject_token_type.as_str()),
    ];
    let answer = post_form(http, &external.token_url, &form).await;
    let answer = answer.map_err(|failure| Trouble::no_answer(&no_token(place), &failure))?;
    let exchanged = granted(&answer, place)?;
    match stands_for {
        None => Ok(exchanged),
        Some(url) => impersonated(http, place, external, url, &exchanged.0, scopes).await,
    }
}

async fn subject_token(source: &Source) -> Result<Secret, String> {
    let path = source.file.as_deref().unwrap_or_else(|| "".as_ref());
    let shown = path.display();
    let content = tokio::fs::read_to_string(path).await;
    let content = content.map_err(|error| format!("its credential_source.file {shown} cannot be read: {error}"))?;
    let token = if source.format.type_ == "json" {
        let field = &source.format.subject_token_field_name;
        let value: Value = serde_json::from_str(&content).unwrap_or_default();
        let token = value.get(field).and_then(Value::as_str).map(str::to_owned);
        token.ok_or_else(|| format!("its credential_source.file {shown} is no JSON with a field {field:?}"))?
    } else {
        content.trim().to_owned()
    };
    if token.is_empty() {
        return Err(format!("its credential_source.file {shown} has no token in it"));
    }
    Ok(Secret::from(token))
}

/// `generateAccessToken` of the IAM Service Account Credentials API.
async fn impersonated(
    http: &Http,
    place: &str,
    external: &External,
    url: &str,
    token: &Secret,
    scopes: &str,
) -> Result<Token, Trouble> {
    let lifetime = external.service_account_impersonation.token_lifetime_seconds.unwrap_or(LIFETIME);
    let scopes: Vec<&str> = scopes.split(' ').collect();
    let body = json!({ "scope": scopes, "lifetime": format!("{lifetime}s") }).to_string();
    let request = || {
        Request::post(url)
            .header(USER_AGENT_HEADER, USER_AGENT)
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, format!("Bearer {}", token.expose()))
            .body(Full::from(body.clone()))
            .map_err(|_| Failure::unusable("service_account_impersonation_url cannot be asked"))
    };
    let answer = http.ask(request).await;
    let answer = answer.map_err(|failure| Trouble::no_answer(&no_token(place), &failure))?;
    if !answer.status.is_success() {
        return Err(refusal::of_impersonation(&answer, place));
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let expires = body["expireTime"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
    match (body["accessToken"].as_str().filter(|token| !token.is_empty()), expires) {
        (Some(token), Some(expires)) => {
            let left = expires.as_second() - Timestamp::now().as_second();
            Ok((Secret::from(token.to_owned()), token_lifetime(left.max(0).unsigned_abs())))
        }
        _ => Err(Trouble::new("UnexpectedAnswer", format!("{}: the answer has none in it", no_token(place)))),
    }
}
