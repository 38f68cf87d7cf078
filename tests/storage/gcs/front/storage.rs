//! The storage API, on top of the server.

use super::errors::error;
use super::partial::{fields, parameters, response};
use super::pass::pass;
use super::{Bucket, State};
use crate::support::internet::{Request, Response};
use crate::support::servers::{Gcs, http};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const RESOURCE: &[&str] = &[
    "kind",
    "id",
    "name",
    "projectNumber",
    "location",
    "locationType",
    "labels",
    "encryption",
    "metageneration",
    "etag",
    "storageClass",
    "timeCreated",
    "updated",
    "iamConfiguration",
    "versioning",
];
const CONDITIONS: &[&str] = &["ifMetagenerationMatch", "ifMetagenerationNotMatch", "projection", "userProject"];
const INSERT: &[&str] =
    &["project", "projection", "predefinedAcl", "predefinedDefaultObjectAcl", "enableObjectRetention", "userProject"];
const LIST: &[&str] = &[
    "delimiter",
    "endOffset",
    "includeTrailingDelimiter",
    "maxResults",
    "pageToken",
    "prefix",
    "projection",
    "startOffset",
    "userProject",
    "versions",
    "matchGlob",
    "softDeleted",
    "includeFoldersAsPrefixes",
    "filter",
];
const LOCATIONS: &[&str] = &["US", "US-CENTRAL1", "EUROPE-WEST1"];
/// What this cloud keeps of what can be written.
const WRITABLE: &[&str] = &["name", "location", "labels", "encryption"];

pub fn answer(state: &mut State, server: &Gcs, request: &Request) -> Result<Response, Response> {
    let Some(path) = request.path.strip_prefix("/storage/v1/b") else { return content(state, server, request) };
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("POST", []) => insert(state, server, request),
        ("GET", [bucket]) => {
            parameters(request, CONDITIONS)?;
            permitted(state, request, "storage.buckets.get", bucket)?;
            described(state, server, request, bucket)
        }
        ("PATCH", [bucket]) => patch(state, server, request, bucket),
        ("DELETE", [bucket]) => {
            parameters(request, CONDITIONS)?;
            permitted(state, request, "storage.buckets.delete", bucket)?;
            match forward(server, request).status {
                200 => {
                    state.buckets.remove(*bucket);
                    Ok(Response::new(204))
                }
                412 => Err(error(409, "conflict", "The bucket you tried to delete is not empty.")),
                _ => Err(no_bucket()),
            }
        }
        ("GET", [bucket, "o"]) => {
            parameters(request, LIST)?;
            permitted(state, request, "storage.objects.list", bucket)?;
            let answer = forward(server, request);
            if answer.status != 200 {
                return Err(no_bucket());
            }
            response(request, &answer.json, &["kind", "items", "nextPageToken", "prefixes"])
        }
        ("DELETE", [bucket, "o", _]) => {
            parameters(request, &["generation", "ifGenerationMatch", "ifMetagenerationMatch", "userProject"])?;
            permitted(state, request, "storage.objects.delete", bucket)?;
            match forward(server, request).status {
                200 => Ok(Response::new(204)),
                _ => Err(error(404, "notFound", "No such object")),
            }
        }
        (_, [_, "o", ..]) => content(state, server, request),
        _ => Err(error(404, "notFound", "Not Found")),
    }
}

/// What the registry does with objects: uploads, downloads, metadata, copies.
fn content(state: &State, server: &Gcs, request: &Request) -> Result<Response, Response> {
    let permission = if request.method == "GET" { "storage.objects.get" } else { "storage.objects.create" };
    state.may_store(request, permission)?;
    Ok(pass(&server.address, request))
}

struct Answer {
    status: u16,
    json: Value,
}

fn forward(server: &Gcs, request: &Request) -> Answer {
    let http::Answer { status, body, .. } =
        http::send(&server.address, &request.method, &request.target, &request.text());
    Answer { status, json: serde_json::from_str(&body).unwrap_or_default() }
}

fn no_bucket() -> Response {
    error(404, "notFound", "The specified bucket does not exist.")
}

/// Buckets of other projects are nobody's here.
fn permitted(state: &State, request: &Request, permission: &str, bucket: &str) -> Result<(), Response> {
    state.may_store(request, permission)?;
    match state.buckets.get(bucket) {
        Some(bucket) if bucket.project != "demo-project" => {
            let message = format!("the caller does not have {permission} access to the Google Cloud Storage bucket.");
            Err(error(403, "forbidden", &message))
        }
        _ => Ok(()),
    }
}

fn described(state: &State, server: &Gcs, request: &Request, name: &str) -> Result<Response, Response> {
    let answer = http::send(&server.address, "GET", &format!("/storage/v1/b/{name}"), "");
    let Some(bucket) = state.buckets.get(name).filter(|_| answer.status == 200) else { return Err(no_bucket()) };
    let mut resource: Value = serde_json::from_str(&answer.body).unwrap();
    resource["location"] = json!(bucket.location);
    resource["projectNumber"] = json!("1");
    if !bucket.labels.is_empty() {
        resource["labels"] = json!(bucket.labels);
    }
    if let Some(key) = &bucket.kms_key {
        resource["encryption"] = json!({ "defaultKmsKeyName": key });
    }
    response(request, &resource, RESOURCE)
}

fn insert(state: &mut State, server: &Gcs, request: &Request) -> Result<Response, Response> {
    parameters(request, INSERT)?;
    state.may_store(request, "storage.buckets.create")?;
    let project = request.parameter("project").unwrap_or_default();
    if !state.projects.contains(&project) {
        return Err(error(400, "invalid", &format!("Unknown project id: {project}")));
    }
    let body = request.json();
    let mut bucket = Bucket { project, location: "US".to_owned(), ..Bucket::default() };
    write(state, &mut bucket, &body)?;
    let name = body["name"].as_str().unwrap_or_default().to_owned();
    if let Some(other) = state.buckets.get(&name) {
        let message = if other.project == bucket.project {
            "Your previous request to create the named bucket succeeded and you already own it."
        } else {
            "The requested bucket name is not available. The bucket namespace is shared by all users of the system. \
             Please select a different name and try again."
        };
        return Err(error(409, "conflict", message));
    }
    match forward(server, request) {
        Answer { status: 200, .. } => {
            state.buckets.insert(name.clone(), bucket);
            described(state, server, request, &name)
        }
        Answer { json, .. } => Err(error(400, "invalid", &json["error"]["message"].to_string())),
    }
}

fn patch(state: &mut State, server: &Gcs, request: &Request, name: &str) -> Result<Response, Response> {
    parameters(request, CONDITIONS)?;
    permitted(state, request, "storage.buckets.update", name)?;
    let mut bucket = state.buckets.get(name).cloned().ok_or_else(no_bucket)?;
    write(state, &mut bucket, &request.json())?;
    state.buckets.insert(name.to_owned(), bucket);
    described(state, server, request, name)
}

/// Writes what is given into the bucket.
fn write(state: &State, bucket: &mut Bucket, body: &Value) -> Result<(), Response> {
    fields(body, WRITABLE)?;
    if let Some(location) = body["location"].as_str() {
        bucket.location = location.to_ascii_uppercase();
    }
    if !LOCATIONS.contains(&bucket.location.as_str()) {
        return Err(error(400, "invalid", "The specified location constraint is not valid."));
    }
    if let Some(labels) = body["labels"].as_object() {
        for (key, value) in labels {
            match value.as_str() {
                Some(value) => bucket.labels.insert(key.clone(), value.to_owned()),
                None => bucket.labels.remove(key),
            };
        }
        check(&bucket.labels)?;
    }
    if !body["encryption"].is_null() {
        fields(&body["encryption"], &["defaultKmsKeyName"])?;
        let key = body["encryption"]["defaultKmsKeyName"].as_str().unwrap_or_default();
        if !state.kms_keys.contains(key) {
            let message = "Permission denied on Cloud KMS key. Please ensure that your Cloud Storage service account has \
                           been authorized to use this key.";
            return Err(error(403, "forbidden", message));
        }
        bucket.kms_key = Some(key.to_owned());
    }
    Ok(())
}

fn check(labels: &BTreeMap<String, String>) -> Result<(), Response> {
    let is_one = |text: &str| text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    let is_good = |key: &str, value: &str| {
        key.starts_with(|first: char| first.is_ascii_lowercase())
            && is_one(key)
            && is_one(value)
            && key.len().max(value.len()) <= 63
    };
    if labels.len() > 64 || !labels.iter().all(|(key, value)| is_good(key, value)) {
        return Err(error(400, "invalid", "Invalid labels"));
    }
    Ok(())
}
