//! The Resource Controller and the Resource Manager, version 2, at one host.

use super::rules::{json_body, no_body, query, refused};
use super::{ACCOUNT, PLAN, State};
use crate::support::internet::{Request, Response};
use serde_json::{Value, json};

type Answer = Result<Response, Response>;

pub fn answer(state: &mut State, request: &Request) -> Response {
    if !state.is_authorised(request) {
        return refused(401, "RC-Unauthorized", "The token is expired or not valid.");
    }
    if request.header("accept") != "application/json" {
        return refused(406, "RC-NotAcceptable", "accept application/json");
    }
    let path = request.path.strip_prefix("/v2/").unwrap_or_default().to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    let decoded = request.decoded_path();
    let id = || decoded.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
    let answer = match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["resource_groups"]) => groups(state, request),
        ("GET", ["resource_groups", group]) => one_group(state, request, group),
        ("GET", ["resource_instances"]) => instances(state, request),
        ("POST", ["resource_instances"]) => create_instance(state, request),
        ("GET", ["resource_instances", _]) => query(request, &[]).map(|()| match state.find(&id()) {
            Some(found) => Response::json(200, found),
            None => missing(),
        }),
        ("DELETE", ["resource_instances", _]) => delete_instance(state, request, &id()),
        ("GET", ["resource_instances", instance, "resource_keys"]) => keys(state, request, instance),
        ("POST", ["resource_keys"]) => create_key(state, request),
        ("GET", ["resource_keys", _]) => query(request, &[]).map(|()| {
            let found = state.keys.iter().find(|key| key["crn"] == id() || key["guid"] == id());
            found.map_or_else(missing, |key| Response::json(200, key))
        }),
        ("DELETE", ["resource_keys", _]) => no_body(request).map(|()| {
            let before = state.keys.len();
            state.keys.retain(|key| key["crn"] != id() && key["guid"] != id());
            if state.keys.len() == before { refused(410, "RC-Gone", "the key is removed") } else { Response::new(204) }
        }),
        _ => Ok(refused(404, "RC-NoRoute", "no such route")),
    };
    answer.unwrap_or_else(|refusal| refusal)
}

fn missing() -> Response {
    refused(404, "RC-ResourceNotFound", "The resource is not found.")
}

fn page(state: &State, request: &Request, found: Vec<Value>) -> Response {
    let start = request.parameter("start").map_or(0, |start| start.trim_start_matches("p=").parse().unwrap());
    let end = (start + state.page).min(found.len());
    let path = &request.path;
    let next = (end < found.len()).then(|| format!("{path}?limit={}&start=p%3D{end}", state.page));
    Response::json(200, &json!({ "rows_count": end - start, "next_url": next, "resources": found[start..end] }))
}

fn groups(state: &State, request: &Request) -> Answer {
    query(request, &["account_id", "name", "date", "default", "include_deleted"])?;
    if request.parameter("account_id").is_some_and(|account| account != ACCOUNT) {
        return Err(refused(403, "RM-Forbidden", "another account"));
    }
    let name = request.parameter("name");
    let found = state.groups.iter().filter(|(group, _)| name.as_ref().is_none_or(|name| name == group));
    let found: Vec<Value> = found.map(group).collect();
    Ok(Response::json(200, &json!({ "resources": found })))
}

fn group((name, id): &(String, String)) -> Value {
    json!({ "id": id, "name": name, "account_id": ACCOUNT, "state": "ACTIVE", "default": false })
}

fn one_group(state: &State, request: &Request, id: &str) -> Answer {
    query(request, &[])?;
    let found = state.groups.iter().find(|(_, group)| group == id);
    Ok(found.map_or_else(missing, |found| Response::json(200, &group(found))))
}

fn instances(state: &State, request: &Request) -> Answer {
    let allowed =
        ["guid", "name", "resource_group_id", "resource_id", "resource_plan_id", "type", "sub_type", "limit", "start"];
    query(request, &allowed)?;
    let is = |instance: &Value, parameter: &str| {
        request.parameter(parameter).is_none_or(|value| instance[parameter] == value.as_str())
    };
    // Without a state, only these are listed.
    let listed = |instance: &&Value| {
        ["active", "provisioning"].iter().any(|state| instance["state"] == *state)
            && ["name", "resource_group_id", "resource_plan_id"].iter().all(|parameter| is(instance, parameter))
    };
    Ok(page(state, request, state.instances.iter().filter(listed).cloned().collect()))
}

fn create_instance(state: &mut State, request: &Request) -> Answer {
    query(request, &[])?;
    let required = ["name", "target", "resource_group", "resource_plan_id"];
    let body = json_body(request, &required, &["tags", "allow_cleanup", "parameters"])?;
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    let (name, group) = (text("name"), text("resource_group"));
    let is_good = name.chars().all(|letter| letter.is_ascii_alphanumeric() || " -._:".contains(letter));
    if name.is_empty() || name.len() > 180 || !is_good {
        return Err(refused(400, "RC-InvalidName", "the name is not valid"));
    }
    if !state.groups.iter().any(|(_, id)| *id == group) {
        return Err(refused(400, "RC-InvalidGroup", "there is no such resource group"));
    }
    if (text("target").as_str(), text("resource_plan_id").as_str()) != ("bluemix-global", PLAN) {
        return Err(refused(400, "RC-InvalidPlan", "the plan is not to be had there"));
    }
    let tags: Vec<&str> = body["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if tags != ["kubernetes.io_cluster_demo-x7k2p:owned"] {
        return Err(refused(400, "RC-InvalidTags", "the tags are not the cluster's"));
    }
    let new_state = state.new_state.clone();
    let crn = state.instance(&name, &group, &new_state);
    let status = if new_state == "active" { 201 } else { 202 };
    Ok(Response::json(status, state.find(&crn).unwrap()))
}

fn delete_instance(state: &mut State, request: &Request, id: &str) -> Answer {
    query(request, &["recursive"])?;
    no_body(request)?;
    let Some(instance) = state.find(id) else { return Ok(missing()) };
    if instance["state"] == "pending_reclamation" {
        return Err(refused(400, "RC-Reclamation", "Instance is already in pending_reclamation state."));
    }
    let crn = instance["crn"].clone();
    if state.keys.iter().any(|key| key["source_crn"] == crn) {
        return Err(refused(400, "RC-HasKeys", "The instance has resource keys."));
    }
    state.find(id).unwrap()["state"] = json!("pending_reclamation");
    Ok(Response::new(204))
}

fn keys(state: &mut State, request: &Request, instance: &str) -> Answer {
    query(request, &["limit", "start"])?;
    let Some(found) = state.find(instance) else { return Ok(missing()) };
    let crn = found["crn"].clone();
    Ok(page(state, request, state.keys.iter().filter(|key| key["source_crn"] == crn).cloned().collect()))
}

fn create_key(state: &mut State, request: &Request) -> Answer {
    query(request, &[])?;
    let body = json_body(request, &["name", "source"], &["parameters", "role"])?;
    let source = body["source"].as_str().unwrap_or_default();
    let crn = match state.find(source) {
        Some(found) if found["state"] == "active" => found["crn"].as_str().unwrap().to_owned(),
        _ => return Err(refused(400, "RC-InvalidSource", "there is no such service instance")),
    };
    let role = body["role"].as_str().unwrap_or_default();
    if !role.starts_with("crn:v1:bluemix:public:iam::::serviceRole:") {
        return Err(refused(400, "RC-InvalidRole", "there is no such role"));
    }
    let hmac = body["parameters"] == json!({ "HMAC": true });
    let crn = state.key(body["name"].as_str().unwrap_or_default(), &crn, role, hmac);
    let key = state.keys.iter().find(|key| key["crn"] == crn.as_str()).unwrap();
    Ok(Response::json(201, key))
}
