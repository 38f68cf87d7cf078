//! The Resource Manager: who may ask for what, and which provider answers.

use super::accounts;
use super::blobs::Blobs;
use super::network;
use super::state::{Answer, GROUP, REGION, State, error};
use crate::support::internet::{Request, Response};
use serde_json::json;

/// A request for a resource, taken apart.
pub struct Asked<'a> {
    pub request: &'a Request,
    /// As it came.
    pub path: String,
    /// As `Microsoft.Storage/storageAccounts/blobServices/containers`, followed by what is done to it.
    pub action: String,
    /// The types without the provider.
    pub types: Vec<String>,
    pub names: Vec<String>,
}

pub fn answer(state: &mut State, blobs: &Blobs, audience: &str, request: &Request) -> Response {
    dispatch(state, blobs, audience, request).unwrap_or_else(|refusal| refusal)
}

fn dispatch(state: &mut State, blobs: &Blobs, audience: &str, request: &Request) -> Answer {
    let bearer = request.header("authorization").strip_prefix("Bearer ").unwrap_or_default();
    if state.tokens.get(bearer).is_none_or(|of| of != audience) {
        return Err(error(401, "InvalidAuthenticationToken", "The access token is invalid."));
    }
    let path = request.decoded_path();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    if segments.len() < 3 || segments[0] != "subscriptions" || segments[1] != state.subscription {
        return Err(error(404, "SubscriptionNotFound", "The subscription could not be found."));
    }
    if segments[2..4] == ["providers", "Microsoft.Test"] {
        return state.progress(request);
    }
    if segments[2..] == ["providers", "Microsoft.Storage", "checkNameAvailability"] {
        versions(state, request, "Microsoft.Storage", &[])?;
        allowed(state, "Microsoft.Storage/checknameavailability/read")?;
        return accounts::name(state, request);
    }
    if segments[2] != "resourceGroups" || !segments.get(3).is_some_and(|group| group.eq_ignore_ascii_case(GROUP)) {
        return Err(error(404, "ResourceGroupNotFound", "Resource group could not be found."));
    }
    if segments.len() == 4 && request.method == "GET" {
        return Ok(Response::json(200, &json!({ "name": GROUP, "location": REGION })));
    }
    let asked = taken_apart(request, &path, &segments[4..]).ok_or_else(|| error(400, "InvalidUri", &path))?;
    let expand: &[&str] = if asked.action.ends_with("/listKeys/action") { &["$expand"] } else { &[] };
    versions(state, request, &asked.action, expand)?;
    allowed(state, &asked.action)?;
    match asked.action.split('/').next() {
        Some("Microsoft.Storage") => accounts::answer(state, blobs, &asked),
        Some("Microsoft.Network") => network::answer(state, &asked),
        _ => Err(error(404, "InvalidResourceNamespace", &path)),
    }
}

fn taken_apart<'a>(request: &'a Request, path: &str, segments: &[&str]) -> Option<Asked<'a>> {
    let ["providers", provider, rest @ ..] = segments else { return None };
    let types: Vec<String> = rest.iter().step_by(2).map(|part| (*part).to_owned()).collect();
    let names: Vec<String> = rest.iter().skip(1).step_by(2).map(|part| (*part).to_owned()).collect();
    let verb = match request.method.as_str() {
        "GET" => "read",
        "PUT" | "PATCH" => "write",
        "DELETE" => "delete",
        "POST" => "action",
        _ => return None,
    };
    let action = format!("{provider}/{}/{verb}", types.join("/"));
    Some(Asked { request, path: path.to_owned(), action, types, names })
}

/// Every provider has versions of its own, and knows no parameter but these.
fn versions(state: &State, request: &Request, action: &str, others: &[&str]) -> Result<(), Response> {
    let wanted = match action {
        action if action.starts_with("Microsoft.Storage") && state.stack => "2019-06-01",
        action if action.starts_with("Microsoft.Storage") => "2023-01-01",
        action if action.starts_with("Microsoft.Network/privateDnsZones") => "2020-06-01",
        _ => "2023-05-01",
    };
    for (name, value) in request.query_pairs() {
        let known = match name.as_str() {
            "api-version" => value == wanted,
            "$skipToken" => true,
            "$expand" => others.contains(&"$expand") && value == "kerb",
            _ => false,
        };
        if !known {
            return Err(error(400, "NoRegisteredProviderFound", &format!("{name}={value} is not known for {action}")));
        }
    }
    match request.parameter("api-version") {
        Some(_) => Ok(()),
        None => Err(error(400, "MissingApiVersionParameter", "The api-version query parameter is required.")),
    }
}

fn allowed(state: &State, action: &str) -> Result<(), Response> {
    let is_granted =
        state.only.as_ref().is_none_or(|only| only.iter().any(|granted| granted.eq_ignore_ascii_case(action)));
    if is_granted && !state.denied.iter().any(|denied| action.starts_with(denied)) {
        return Ok(());
    }
    let message = format!(
        "The client '01234567-89ab-cdef-0123-456789abcdef' with object id 'fedcba98-7654-3210-fedc-ba9876543210' does not have authorization to perform action '{action}' over scope \
         '{}' or the scope is invalid.",
        state.group_path()
    );
    Err(error(403, "AuthorizationFailed", &message))
}
