//! What a manager owns, in the form in which the API server keeps it: FieldsV1 of structured-merge-diff.
//!
//! A path is a chain of `f:<field>`, `k:<keys of a list item>` and `v:<value of a set>`; an empty map ends it.

use serde_json::{Map, Value};

/// Whether a manager owns exactly the rendered fields, and their live values are the rendered ones.
///
/// Ownership is the better half of the comparison: whoever else changes a field takes it away from its manager.
/// What identifies the object (`apiVersion`, `kind`, `metadata.name`, `metadata.namespace`) is owned by nobody.
pub fn is_as_rendered(owned: &Value, rendered: &Value, live: &Value) -> bool {
    let mut rendered = rendered.clone();
    if let Some(map) = rendered.as_object_mut() {
        map.remove("apiVersion");
        map.remove("kind");
        if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("name");
            metadata.remove("namespace");
            if metadata.is_empty() {
                map.remove("metadata");
            }
        }
    }
    is_same(owned, &rendered, live)
}

fn is_same(owned: &Value, rendered: &Value, live: &Value) -> bool {
    let empty = Map::new();
    let owned = owned.as_object().unwrap_or(&empty);
    match rendered {
        // Fields are owned one by one, or the whole as one.
        Value::Object(fields) if !owned.is_empty() || fields.is_empty() => {
            let rendered = fields.iter().all(|(name, value)| {
                let owned = owned.get(&format!("f:{name}"));
                owned.is_some_and(|owned| match live.get(name) {
                    Some(live) => is_same(owned, value, live),
                    None => is_taken_empty(owned, value),
                })
            });
            rendered && owned.keys().filter_map(|key| key.strip_prefix("f:")).all(|name| fields.contains_key(name))
        }
        Value::Array(items) if !owned.is_empty() => {
            let paths: Vec<&String> = owned.keys().filter(|key| *key != ".").collect();
            paths.len() == items.len()
                && items.iter().all(|item| {
                    let path = paths.iter().find(|path| points_to(path, item));
                    path.is_some_and(|path| {
                        let live = live.as_array().and_then(|live| live.iter().find(|live| points_to(path, live)));
                        live.is_some_and(|live| path.starts_with("v:") || is_same(&owned[*path], item, live))
                    })
                })
        }
        _ => owned.keys().all(|key| key == ".") && contains(live, rendered),
    }
}

/// Whether a field that is not there is one that was applied empty. Where an apply takes the last part out of a map, the
/// API server removes the map with it, and the next apply would put the empty map there: the object would change once
/// more, and a workload be rolled out, for what says the same.
fn is_taken_empty(owned: &Value, rendered: &Value) -> bool {
    let is_empty = |value: &Value| match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    is_empty(owned) && is_empty(rendered)
}

/// Whether a path element means this list item. A key that the item lacks has its default there.
pub(super) fn points_to(path: &str, item: &Value) -> bool {
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    if let Some(keys) = path.strip_prefix("k:") {
        let keys = parse(keys);
        let keys = keys.as_object();
        return keys.is_some_and(|keys| keys.iter().all(|(key, value)| item.get(key).is_none_or(|own| own == value)));
    }
    path.strip_prefix("v:").is_some_and(|value| parse(value) == *item)
}

/// Whether the live value says at least what the wanted one says: defaults may have been added to it, and
/// quantities may be written in another way.
pub fn contains(live: &Value, wanted: &Value) -> bool {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| live.get(name).is_some_and(|live| contains(live, wanted)))
        }
        (Value::Array(live), Value::Array(wanted)) => {
            live.len() == wanted.len() && live.iter().zip(wanted).all(|(live, wanted)| contains(live, wanted))
        }
        (live, wanted) => live == wanted || quantity(live).is_some_and(|live| quantity(wanted) == Some(live)),
    }
}

/// The amount that a quantity stands for, in thousandths; none if it is none or does not fit.
fn quantity(value: &Value) -> Option<i128> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = format!("{fraction:0<9}");
    let nanos: i128 = format!("{whole}{fraction}").parse().ok().filter(|_| fraction.len() == 9)?;
    let factor: i128 = match suffix {
        "n" => return Some(nanos / 1_000_000_000 / 1_000_000),
        "u" => return Some(nanos / 1_000_000_000 / 1_000),
        "m" => return Some(nanos / 1_000_000_000),
        "" => 1,
        "k" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "T" => 1_000_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1 << 40,
        _ => return None,
    };
    nanos.checked_mul(factor).map(|nanos| nanos / 1_000_000)
}

/// The live values of the owned fields: what the manager would have to apply to keep them.
pub fn extract(owned: &Value, live: &Value) -> Option<Value> {
    let owned = owned.as_object()?;
    let paths: Vec<(&String, &Value)> = owned.iter().filter(|(path, _)| *path != ".").collect();
    if paths.is_empty() {
        return Some(live.clone());
    }
    match live {
        Value::Object(live) => {
            let fields = paths.iter().filter_map(|(path, owned)| {
                let name = path.strip_prefix("f:")?;
                Some((name.to_owned(), extract(owned, live.get(name)?)?))
            });
            Some(Value::Object(fields.collect()))
        }
        Value::Array(live) => {
            let items = live.iter().filter_map(|item| {
                let (path, owned) = paths.iter().find(|(path, _)| points_to(path, item))?;
                if path.starts_with("v:") { Some(item.clone()) } else { extract(owned, item) }
            });
            Some(Value::Array(items.collect()))
        }
        _ => None,
    }
}

/// Adds one manager's fields to another's.
pub fn merge(into: &mut Value, fields: &Value) {
    if let (Some(into), Some(fields)) = (into.as_object_mut(), fields.as_object()) {
        for (path, inner) in fields {
            merge(into.entry(path.clone()).or_insert_with(|| Value::Object(Map::new())), inner);
        }
    }
}

/// Adds values over others: maps field by field, everything else as a whole.
pub fn overlay(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (name, value) in over {
                overlay(base.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

#[cfg(test)]
#[path = "ownership/tests.rs"]
mod tests;
