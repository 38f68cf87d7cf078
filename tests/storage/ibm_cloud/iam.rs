//! IAM Identity Services: tokens for API keys (<https://cloud.ibm.com/apidocs/iam-identity-token-api>).

use super::State;
use crate::support::internet::{Request, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

const GRANT: &str = "urn:ibm:params:oauth:grant-type:apikey";

pub fn answer(state: &mut State, request: &Request) -> Response {
    let refused = |status, code: &str, message: &str| {
        let context = json!({ "requestId": "r-1", "url": "https://iam.cloud.ibm.com" });
        Response::json(status, &json!({ "context": context, "errorCode": code, "errorMessage": message }))
    };
    if (request.method.as_str(), request.path.as_str(), request.query.as_str()) != ("POST", "/identity/token", "") {
        return refused(404, "BXNIM0100E", "no such thing");
    }
    if request.header("content-type") != "application/x-www-form-urlencoded"
        || request.header("accept") != "application/json"
        || !request.header("authorization").is_empty()
    {
        return refused(400, "BXNIM0109E", "headers");
    }
    let form = request.form();
    let [(grant, grant_type), (key, api_key)] = form.as_slice() else {
        return refused(400, "BXNIM0109E", "the form has other parameters");
    };
    if (grant.as_str(), grant_type.as_str(), key.as_str()) != ("grant_type", GRANT, "apikey") {
        return refused(400, "BXNIM0137E", "the form has other parameters");
    }
    if !state.api_keys.contains(api_key) {
        return refused(400, "BXNIM0415E", "Provided API key could not be found.");
    }
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let header = encode(&json!({ "kid": "1", "alg": "RS256" }).to_string());
    let token = format!("{header}.{}.signature{}", encode(&state.claims), state.next());
    state.tokens.insert(token.clone());
    Response::json(
        200,
        &json!({ "access_token": token, "refresh_token": "not_supported", "token_type": "Bearer", "expires_in": 3600,
            "expiration": 1_900_000_000, "scope": "ibm openid" }),
    )
}

impl State {
    /// Whether the request has a token that is good.
    pub(super) fn is_authorised(&self, request: &Request) -> bool {
        request.header("authorization").strip_prefix("Bearer ").is_some_and(|token| self.tokens.contains(token))
    }

    /// As if all tokens had expired.
    pub fn revoke(&mut self) {
        self.tokens.clear();
    }
}
