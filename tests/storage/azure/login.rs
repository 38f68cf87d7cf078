//! The login service (Microsoft identity platform, client credentials flow).

use super::state::{ASSERTION, CLIENT, CLIENT_SECRET, State, TENANT};
use crate::support::internet::{Request, Response};
use serde_json::json;

/// What tokens can be for.
pub struct Audiences {
    pub manager: String,
    pub storage: &'static str,
}

pub fn answer(state: &mut State, audiences: &Audiences, request: &Request) -> Response {
    let path = format!("/{TENANT}/oauth2/v2.0/token");
    if request.method != "POST" || (request.path != path && request.path != "/adfs/oauth2/token") {
        return refused(400, "invalid_request", "AADSTS90002: Tenant not found.");
    }
    let form = request.form();
    let value = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let by_assertion = value("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let proven =
        if by_assertion { value("client_assertion") == ASSERTION } else { value("client_secret") == CLIENT_SECRET };
    if value("grant_type") != "client_credentials" || value("client_id") != CLIENT {
        return refused(400, "unauthorized_client", "AADSTS700016: Application was not found in the directory.");
    }
    if !proven {
        let message = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1";
        return refused(401, "invalid_client", message);
    }
    let wanted = value("scope").strip_suffix("/.default").unwrap_or_default();
    let known = [audiences.manager.as_str(), audiences.storage];
    let Some(audience) = known.into_iter().find(|audience| audience.trim_end_matches('/') == wanted) else {
        return refused(400, "invalid_resource", "AADSTS500011: The resource principal was not found.");
    };
    let token = format!("token-{}", state.tokens.len() + 1);
    state.tokens.insert(token.clone(), audience.to_owned());
    Response::json(200, &json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": token }))
}

fn refused(status: u16, error: &str, description: &str) -> Response {
    Response::json(status, &json!({ "error": error, "error_description": description }))
}
