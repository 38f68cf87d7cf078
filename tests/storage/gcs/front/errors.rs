//! Errors in Google's forms.

use crate::support::internet::Response;
use serde_json::json;

/// Of the storage API.
pub fn error(status: u16, reason: &str, message: &str) -> Response {
    let errors = [json!({ "message": message, "domain": "global", "reason": reason })];
    Response::json(status, &json!({ "error": { "code": status, "message": message, "errors": errors } }))
}

/// Of the newer APIs (AIP-193).
pub fn rpc_error(status: u16, name: &str, message: &str) -> Response {
    Response::json(status, &json!({ "error": { "code": status, "message": message, "status": name } }))
}

/// Of token endpoints (RFC 6749, 5.2).
pub fn oauth_error(status: u16, code: &str, description: &str) -> Response {
    Response::json(status, &json!({ "error": code, "error_description": description }))
}
