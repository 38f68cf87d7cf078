//! What requests have to be like.

use crate::support::internet::{Request, Response};
use serde_json::{Value, json};

/// Refuses as the platform's services do.
pub fn refused(status: u16, code: &str, message: &str) -> Response {
    let body = json!({ "message": message, "status_code": status, "error_code": code, "transaction_id": "t-1" });
    Response::json(status, &body)
}

/// The query has no other parameters than these.
pub fn query(request: &Request, allowed: &[&str]) -> Result<(), Response> {
    match request.query_pairs().into_iter().find(|(name, _)| !allowed.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, _)) => Err(refused(400, "RC-BadQuery", &format!("unknown parameter {name}"))),
    }
}

/// The body is JSON with all of these fields and no other.
pub fn json_body(request: &Request, required: &[&str], optional: &[&str]) -> Result<Value, Response> {
    let bad = |why: String| Err(refused(400, "RC-BadBody", &why));
    if request.header("content-type") != "application/json" {
        return bad(format!("content type {:?}", request.header("content-type")));
    }
    let body = request.json();
    let Some(fields) = body.as_object() else { return bad("no JSON".to_owned()) };
    if let Some(missing) = required.iter().find(|field| !fields.contains_key(**field)) {
        return bad(format!("{missing} is missing"));
    }
    let known = |field: &&String| required.contains(&field.as_str()) || optional.contains(&field.as_str());
    match fields.keys().find(|field| !known(field)) {
        None => Ok(body.clone()),
        Some(unknown) => bad(format!("unknown field {unknown}")),
    }
}

/// A request without a body.
pub fn no_body(request: &Request) -> Result<(), Response> {
    if request.body.is_empty() { Ok(()) } else { Err(refused(400, "RC-BadBody", "a body is not allowed")) }
}
