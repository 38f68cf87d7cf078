//! What is asked for, checked against the published API (its discovery document), and partial responses.

use super::errors::error;
use crate::support::internet::{Request, Response};
use serde_json::{Map, Value};

/// The parameters that every method takes.
const STANDARD: [&str; 6] = ["alt", "fields", "key", "prettyPrint", "quotaUser", "userIp"];

/// Whether a request has only these parameters besides the standard ones.
pub fn parameters(request: &Request, known: &[&str]) -> Result<(), Response> {
    for (name, _) in request.query_pairs() {
        if !STANDARD.contains(&name.as_str()) && !known.contains(&name.as_str()) {
            return Err(error(
                400,
                "invalidParameter",
                &format!("Unknown name \"{name}\": Cannot bind query parameter."),
            ));
        }
    }
    Ok(())
}

/// Whether an object has only these fields.
pub fn fields(value: &Value, known: &[&str]) -> Result<(), Response> {
    let Value::Object(map) = value else { return Err(error(400, "parseError", "Parse Error")) };
    match map.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(error(400, "invalid", &format!("Invalid JSON payload received. Unknown name \"{name}\""))),
        None => Ok(()),
    }
}

/// The part of the response that `fields` asks for, of a resource with these fields.
pub fn response(request: &Request, value: &Value, known: &[&str]) -> Result<Response, Response> {
    let Some(selector) = request.parameter("fields") else { return Ok(Response::json(200, value)) };
    for (name, _) in parts(&selector) {
        if !known.contains(&name) {
            return Err(error(400, "invalidParameter", &format!("Invalid field selection {name}")));
        }
    }
    Ok(Response::json(200, &select(value, &selector)))
}

fn select(value: &Value, selector: &str) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| select(item, selector)).collect(),
        Value::Object(map) => {
            let mut selected = Map::new();
            for (name, below) in parts(selector) {
                if let Some(found) = map.get(name) {
                    selected.insert(name.to_owned(), below.map_or_else(|| found.clone(), |below| select(found, below)));
                }
            }
            Value::Object(selected)
        }
        other => other.clone(),
    }
}

/// `a,b(c,d)` as `a` and `b` with `c,d` below it.
fn parts(selector: &str) -> Vec<(&str, Option<&str>)> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in selector.char_indices().chain([(selector.len(), ',')]) {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                let part = &selector[start..at];
                start = at + 1;
                parts.push(match part.split_once('(') {
                    Some((name, below)) => (name, below.strip_suffix(')')),
                    None => (part, None),
                });
            }
            _ => {}
        }
    }
    parts
}
