//! Tokens: for signed assertions, for tokens of workloads, and on behalf of accounts.

use super::State;
use super::errors::{error, oauth_error, rpc_error};
use crate::support::internet::{Request, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The workload identity provider, and the account that its workloads may stand for.
pub const AUDIENCE: &str = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q";
pub const WORKLOADS: &str = "principal of the workload identity pool";
/// Another universe.
pub const UNIVERSE: &str = "universe.example";

/// What a token is good for.
pub struct Grant {
    account: String,
    scopes: Vec<String>,
    until: Instant,
}

const PLATFORM: &str = "https://www.googleapis.com/auth/cloud-platform";
const STORAGE: &str = "https://www.googleapis.com/auth/devstorage.full_control";

impl State {
    fn grant(&mut self, account: &str, scopes: &str, lifetime: Duration) -> String {
        self.issued += 1;
        let token = format!("ya29.token-{}", self.issued);
        let scopes = scopes.split(' ').map(str::to_owned).collect();
        let grant = Grant { account: account.to_owned(), scopes, until: Instant::now() + lifetime };
        self.tokens.insert(token.clone(), grant);
        token
    }

    /// Takes back every token.
    pub fn revoke(&mut self) {
        self.tokens.clear();
    }

    /// Whose token it is, if it is good for this kind of call.
    fn bearer(&self, request: &Request, scopes: &[&str]) -> Option<Result<&str, ()>> {
        let token = request.header("authorization").strip_prefix("Bearer ")?;
        if let Some(universe) = request.host.strip_prefix("storage.").filter(|_| request.host != super::STORAGE) {
            return self.self_signed(token, universe);
        }
        let grant = self.tokens.get(token).filter(|grant| grant.until > Instant::now())?;
        let is_for = grant.scopes.iter().any(|scope| scopes.contains(&scope.as_str()));
        Some(if is_for { Ok(grant.account.as_str()) } else { Err(()) })
    }

    /// Other universes than Google's own know only tokens that accounts have signed themselves (AIP-4111).
    fn self_signed(&self, token: &str, universe: &str) -> Option<Result<&str, ()>> {
        let claims = signed(self, token).ok().filter(|claims| universe == UNIVERSE && claims["aud"].is_null())?;
        let (account, _) = self.accounts.get_key_value(claims["sub"].as_str()?)?;
        Some(if claims["scope"] == STORAGE { Ok(account.as_str()) } else { Err(()) })
    }

    fn lacks(&self, account: &str, permission: &str) -> bool {
        self.accounts.get(account).is_none_or(|account| account.lacks.contains(permission))
    }

    /// Whether the call may be made to the storage API.
    pub fn may_store(&self, request: &Request, permission: &str) -> Result<(), Response> {
        match self.bearer(request, &[STORAGE, PLATFORM]) {
            None => Err(error(401, "authError", "Invalid Credentials")),
            Some(Err(())) => {
                Err(error(403, "insufficientPermissions", "Request had insufficient authentication scopes."))
            }
            Some(Ok(account)) if self.lacks(account, permission) => {
                let message = format!(
                    "{account} does not have {permission} access to the Google Cloud project. Permission '{permission}' \
                     denied on resource (or it may not exist)."
                );
                Err(error(403, "forbidden", &message))
            }
            Some(Ok(_)) => Ok(()),
        }
    }

    /// Whether the call may be made to the Resource Manager.
    pub fn may_manage(&self, request: &Request, permission: &str) -> Result<(), Response> {
        match self.bearer(request, &[PLATFORM]) {
            None => Err(rpc_error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")),
            Some(Err(())) => {
                Err(rpc_error(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes."))
            }
            Some(Ok(account)) if self.lacks(account, permission) => {
                Err(rpc_error(403, "PERMISSION_DENIED", &format!("Permission '{permission}' denied on resource.")))
            }
            Some(Ok(_)) => Ok(()),
        }
    }
}

fn form<const N: usize>(request: &Request, names: [&str; N]) -> Result<[String; N], Response> {
    let mut form: BTreeMap<String, String> = request.form().into_iter().collect();
    let values = names.map(|name| form.remove(name).unwrap_or_default());
    let is_form = request.header("content-type") == "application/x-www-form-urlencoded";
    if request.method != "POST" || !is_form || !form.is_empty() || values.contains(&String::new()) {
        return Err(oauth_error(400, "invalid_request", "The request has other parameters than it should have."));
    }
    Ok(values)
}

fn granted(token: &str, lifetime: Duration, further: Value) -> Response {
    let mut body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": lifetime.as_secs() });
    body.as_object_mut().unwrap().extend(further.as_object().cloned().unwrap_or_default());
    Response::json(200, &body)
}

/// RFC 7523.
pub fn token(state: &mut State, request: &Request) -> Result<Response, Response> {
    let [grant_type, assertion] = form(request, ["grant_type", "assertion"])?;
    if request.path != "/token" || grant_type != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
        return Err(oauth_error(400, "unsupported_grant_type", "Invalid grant_type"));
    }
    let (account, scopes) = verified(state, &assertion).map_err(|why| oauth_error(400, "invalid_grant", why))?;
    let lifetime = state.lifetime;
    let token = state.grant(&account, &scopes, lifetime);
    Ok(granted(&token, lifetime, json!({})))
}

fn verified(state: &State, assertion: &str) -> Result<(String, String), &'static str> {
    let claims = signed(state, assertion)?;
    match (claims["iss"].as_str(), claims["aud"].as_str(), claims["scope"].as_str()) {
        (Some(account), Some("https://oauth2.googleapis.com/token"), Some(scope)) => {
            Ok((account.to_owned(), scope.to_owned()))
        }
        _ => Err("Invalid JWT: Failed audience check."),
    }
}

/// The claims of an assertion that is signed by the account that it is of, and not too old.
fn signed(state: &State, assertion: &str) -> Result<Value, &'static str> {
    let malformed = "Invalid JWT: it has not three parts of JSON";
    let (signed, signature) = assertion.rsplit_once('.').ok_or(malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(malformed)?;
    let read = |part: &str| -> Result<Value, &'static str> {
        let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed)?;
        serde_json::from_slice(&bytes).map_err(|_| malformed)
    };
    let (header, claims) = (read(header)?, read(claims)?);
    let account = claims["iss"].as_str().unwrap_or_default();
    let keys = &state.accounts.get(account).ok_or("Invalid grant: account not found")?.keys;
    let key = keys.iter().find(|(id, _)| header["kid"] == *id).filter(|_| header["alg"] == "RS256");
    let (_, key) = key.ok_or("Invalid JWT Signature.")?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed)?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
    key.verify(signed.as_bytes(), &signature).map_err(|_| "Invalid JWT Signature.")?;
    let time = |name: &str| claims[name].as_i64().unwrap_or_default();
    let (issued, expires, now) = (time("iat"), time("exp"), Timestamp::now().as_second());
    if issued > now || expires <= now || expires - issued > 3600 {
        return Err(
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check \
                    your iat and exp values in the JWT claim.",
        );
    }
    Ok(claims)
}

/// RFC 8693.
pub fn exchange(state: &mut State, request: &Request) -> Result<Response, Response> {
    let names = ["grant_type", "audience", "scope", "requested_token_type", "subject_token", "subject_token_type"];
    let [grant_type, audience, scope, requested, subject, subject_type] = form(request, names)?;
    let types = (grant_type.as_str(), requested.as_str(), subject_type.as_str());
    let expected = (
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:token-type:access_token",
        "urn:ietf:params:oauth:token-type:jwt",
    );
    if request.path != "/v1/token" || types != expected {
        return Err(oauth_error(400, "invalid_request", "Unsupported token types"));
    }
    if audience != AUDIENCE {
        return Err(oauth_error(400, "invalid_target", "The target service indicated by the \"audience\" is invalid."));
    }
    if !state.workloads.contains(&subject) {
        return Err(oauth_error(400, "invalid_grant", "The ID Token is stale to sign-in."));
    }
    let lifetime = state.lifetime;
    let token = state.grant(WORKLOADS, &scope, lifetime);
    let issued = json!({ "issued_token_type": "urn:ietf:params:oauth:token-type:access_token" });
    Ok(granted(&token, lifetime, issued))
}

/// `generateAccessToken`.
pub fn impersonate(state: &mut State, request: &Request) -> Result<Response, Response> {
    if state.bearer(request, &[PLATFORM]) != Some(Ok(WORKLOADS)) {
        return Err(rpc_error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."));
    }
    let account = request.path.strip_prefix("/v1/projects/-/serviceAccounts/");
    let account = account.and_then(|path| path.strip_suffix(":generateAccessToken")).unwrap_or_default().to_owned();
    if state.lacks(&account, "iam.serviceAccounts.getAccessToken") {
        let message = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";
        return Err(rpc_error(403, "PERMISSION_DENIED", message));
    }
    let body = request.json();
    super::partial::fields(&body, &["scope", "lifetime", "delegates"])?;
    let scopes: Vec<&str> = body["scope"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let seconds = body["lifetime"].as_str().and_then(|lifetime| lifetime.strip_suffix('s')?.parse::<u64>().ok());
    match seconds.filter(|seconds| *seconds <= 3600 && !scopes.is_empty()) {
        None => Err(rpc_error(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")),
        Some(seconds) => {
            let token = state.grant(&account, &scopes.join(" "), Duration::from_secs(seconds));
            let expires = Timestamp::now() + Duration::from_secs(seconds);
            let expires = format!("{expires:.0}");
            Ok(Response::json(200, &json!({ "accessToken": token, "expireTime": expires })))
        }
    }
}
