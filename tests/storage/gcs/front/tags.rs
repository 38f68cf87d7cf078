//! Tags of the Resource Manager.

use super::errors::rpc_error;
use super::partial::fields;
use super::{Bucket, State};
use crate::support::internet::{Request, Response};
use serde_json::{Value, json};

/// Small, so that there are several.
const PAGE: usize = 2;

pub fn answer(state: &mut State, request: &Request) -> Result<Response, Response> {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/v3/effectiveTags") => list(state, request),
        ("POST", "/v3/tagBindings") => bind(state, request),
        ("GET", path) if path.starts_with("/v3/operations/") => {
            state.may_manage(request, "storage.buckets.createTagBinding")?;
            let looks =
                state.operations.get_mut(path).ok_or_else(|| rpc_error(404, "NOT_FOUND", "No such operation"))?;
            *looks += 1;
            let name = path.trim_start_matches("/v3/");
            Ok(Response::json(200, &json!({ "name": name, "done": *looks > 1 })))
        }
        _ => Err(rpc_error(404, "NOT_FOUND", "Method not found.")),
    }
}

/// The bucket of that full name, if it is asked for at its own place.
fn named<'a>(state: &'a mut State, request: &Request, parent: &str) -> Result<&'a mut Bucket, Response> {
    let name = parent.strip_prefix("//storage.googleapis.com/projects/_/buckets/").unwrap_or_default();
    let invalid = || rpc_error(400, "INVALID_ARGUMENT", "Request contains an invalid argument.");
    let bucket = state.buckets.get_mut(name).ok_or_else(invalid)?;
    let place = request.host.strip_suffix("-cloudresourcemanager.googleapis.com").unwrap_or_default();
    if place == bucket.location.to_ascii_lowercase() { Ok(bucket) } else { Err(invalid()) }
}

fn list(state: &mut State, request: &Request) -> Result<Response, Response> {
    state.may_manage(request, "storage.buckets.listEffectiveTags")?;
    let known = ["parent", "pageSize", "pageToken"];
    if request.query_pairs().iter().any(|(name, _)| !known.contains(&name.as_str())) {
        return Err(rpc_error(400, "INVALID_ARGUMENT", "Invalid JSON payload received. Unknown name"));
    }
    let inherited = state.inherited.clone();
    let parent = request.parameter("parent").unwrap_or_default();
    let bound = &named(state, request, &parent)?.tags;
    let effective = |tag: &String, inherited: bool| json!({ "namespacedTagValue": tag, "inherited": inherited });
    let own = bound.iter().map(|tag| effective(tag, false));
    let tags: Vec<Value> = own.chain(inherited.iter().map(|tag| effective(tag, true))).collect();
    let start = request.parameter("pageToken").map_or(0, |token| token.parse().unwrap());
    let page = tags.get(start..).unwrap_or_default();
    let mut answer = json!({ "effectiveTags": page.iter().take(PAGE).collect::<Vec<_>>() });
    if page.len() > PAGE {
        answer["nextPageToken"] = json!((start + PAGE).to_string());
    }
    Ok(Response::json(200, &answer))
}

fn bind(state: &mut State, request: &Request) -> Result<Response, Response> {
    state.may_manage(request, "storage.buckets.createTagBinding")?;
    let body = request.json();
    fields(&body, &["parent", "tagValueNamespacedName"])?;
    let tag = body["tagValueNamespacedName"].as_str().unwrap_or_default().to_owned();
    if !state.tags.contains(&tag) {
        return Err(rpc_error(404, "NOT_FOUND", &format!("TagValue {tag} not found.")));
    }
    let slow = state.slow_binding;
    let bucket = named(state, request, body["parent"].as_str().unwrap_or_default())?;
    if !bucket.tags.insert(tag) {
        return Err(rpc_error(
            409,
            "ALREADY_EXISTS",
            "A binding already exists between the given resource and TagValue.",
        ));
    }
    if slow {
        state.issued += 1;
        let name = format!("operations/rctb.us-central1.{}", state.issued);
        state.operations.insert(format!("/v3/{name}"), 0);
        return Ok(Response::json(200, &json!({ "name": name, "done": false })));
    }
    Ok(Response::json(200, &json!({ "done": true, "response": {} })))
}
