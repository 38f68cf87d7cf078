//! What differs between two versions of an object, field by field, and whose the fields are.

use super::live::{Live, Manager, is_ours};
use super::ownership;
use crate::render::mask::{MASKED, mask};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fmt;

/// What the API server keeps by itself, and what is reported through the status.
const SERVERS: [&str; 7] =
    ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink", "deletionTimestamp"];

/// What tells the items of a list apart, in this order of preference.
const KEYS: [&str; 5] = ["name", "type", "mountPath", "key", "containerPort"];

/// One field that differs. Secrets are masked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The field, as `spec.template.spec.containers[registry].image`.
    pub path: String,
    /// What it is; none if it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// What it would be; none if it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// Managers that own it, other than the operator's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
}

/// One step from an object to a field of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Field(String),
    /// The item with this value of this key.
    Item(&'static str, Value),
    Index(usize),
}

/// Where a field is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Path(Vec<Segment>);

impl Path {
    fn then(&self, segment: Segment) -> Self {
        Path(self.0.iter().cloned().chain([segment]).collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            match segment {
                // A dot in a key of a map separates nothing.
                Segment::Field(name) if name.contains(['.', '/']) => write!(formatter, "[{name}]")?,
                Segment::Field(name) if index == 0 => formatter.write_str(name)?,
                Segment::Field(name) => write!(formatter, ".{name}")?,
                Segment::Item(_, Value::String(text)) => write!(formatter, "[{text}]")?,
                Segment::Item(_, value) => write!(formatter, "[{value}]")?,
                Segment::Index(at) => write!(formatter, "[{at}]")?,
            }
        }
        Ok(())
    }
}

/// What is different in the new version of an object, status and what the API server keeps left out.
pub fn between(before: &Live, new: &Value) -> Vec<Change> {
    let (old, new) = (comparable(before.body()), comparable(new));
    changes(before, &old, &new, false)
}

/// Which of the wanted fields are otherwise, or not there.
pub fn wanted(before: &Live, wanted: &Value) -> Vec<Change> {
    changes(before, before.body(), wanted, true)
}

fn changes(before: &Live, old: &Value, new: &Value, only_new: bool) -> Vec<Change> {
    let mut paths = Vec::new();
    walk(&Path::default(), Some(old), Some(new), only_new, &mut paths);
    let (masked_old, masked_new) = (masked(old, before), masked(new, before));
    let change = |path: Path| Change {
        old: shown(&masked_old, &path.0),
        new: shown(&masked_new, &path.0),
        owners: owners(before, &path.0),
        path: path.to_string(),
    };
    paths.into_iter().map(change).collect()
}

/// The fields that go when what some managers own becomes ours, and is not rendered.
pub(super) fn left_behind(before: &Live, managers: &[&str], rendered: &Value) -> Vec<Change> {
    let mut owned = Value::Object(Map::new());
    for manager in theirs(before, managers) {
        ownership::merge(&mut owned, &manager.fields);
    }
    let others = |path: &Path| owners(before, &path.0).iter().any(|owner| !managers.contains(&owner.as_str()));
    removals(before, &owned, rendered, |path| !others(path))
}

/// What others have added to the part of an object that is the operator's as a whole, and that goes therefore.
pub(super) fn additions(before: &Live, part: &[&str], rendered: &Value) -> Vec<Change> {
    let mut owned = Value::Object(Map::new());
    let others = before.managers().iter().filter(|manager| manager.subresource.is_empty() && !is_ours(&manager.name));
    for manager in others {
        if let Some(fields) = manager.fields.pointer(&format!("/{}", part.join("/"))) {
            let fields = part.iter().rev().fold(fields.clone(), |fields, name| json!({ *name: fields }));
            ownership::merge(&mut owned, &fields);
        }
    }
    removals(before, &owned, rendered, |_| true)
}

fn removals(before: &Live, owned: &Value, rendered: &Value, goes: impl Fn(&Path) -> bool) -> Vec<Change> {
    let mut paths = Vec::new();
    unrendered(&Path::default(), owned, before.body(), Some(rendered), &mut paths);
    let shown_old = masked(before.body(), before);
    let change = |path: Path| Change {
        old: shown(&shown_old, &path.0),
        new: None,
        owners: owners(before, &path.0),
        path: path.to_string(),
    };
    paths.into_iter().filter(goes).map(change).filter(|change| change.old.is_some()).collect()
}

fn theirs<'a>(before: &'a Live, managers: &'a [&str]) -> impl Iterator<Item = &'a Manager> {
    let is_theirs = |manager: &&Manager| managers.contains(&manager.name.as_str()) && manager.subresource.is_empty();
    before.managers().iter().filter(is_theirs)
}

fn unrendered(path: &Path, owned: &Value, live: &Value, rendered: Option<&Value>, found: &mut Vec<Path>) {
    for (key, inner) in owned.as_object().into_iter().flatten().filter(|(key, _)| *key != ".") {
        let (segment, wanted) = match (key.strip_prefix("f:"), live) {
            (Some(name), Value::Object(_)) => {
                (Segment::Field(name.to_owned()), rendered.and_then(|rendered| rendered.get(name)))
            }
            (None, Value::Array(items)) => {
                let Some(at) = items.iter().position(|item| ownership::points_to(key, item)) else { continue };
                let item = items
                    .get(at)
                    .and_then(identity)
                    .map_or(Segment::Index(at), |(key, value)| Segment::Item(key, value.clone()));
                let rendered = rendered.and_then(Value::as_array);
                (item, rendered.and_then(|items| items.iter().find(|item| ownership::points_to(key, item))))
            }
            _ => continue,
        };
        let path = path.then(segment);
        let Some(live) = path.0.last().and_then(|segment| step(live, segment)) else { continue };
        let is_leaf = inner.as_object().is_none_or(Map::is_empty);
        match wanted {
            None if is_leaf => found.push(path),
            Some(_) if is_leaf => {}
            wanted => unrendered(&path, inner, live, wanted, found),
        }
    }
}

fn identity(item: &Value) -> Option<(&'static str, &Value)> {
    KEYS.into_iter().find_map(|key| Some((key, item.get(key)?)))
}

fn comparable(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|name, _| !SERVERS.contains(&name.as_str()));
        }
    }
    object
}

/// Parts of an object do not say what they are parts of; the mask has to know.
fn masked(object: &Value, of: &Live) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.insert("kind".to_owned(), of.id().kind.clone().into());
    }
    mask(&mut object);
    object
}

fn walk(path: &Path, old: Option<&Value>, new: Option<&Value>, only_new: bool, found: &mut Vec<Path>) {
    match (old, new) {
        (Some(old), Some(new)) if old == new => {}
        (None, None) => {}
        // The server adds to what is there, field by field.
        (None, Some(Value::Object(new))) if only_new && !new.is_empty() => {
            for (name, new) in new {
                walk(&path.then(Segment::Field(name.clone())), None, Some(new), only_new, found);
            }
        }
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let names: BTreeSet<&String> =
                if only_new { new.keys().collect() } else { old.keys().chain(new.keys()).collect() };
            for name in names {
                walk(&path.then(Segment::Field(name.clone())), old.get(name), new.get(name), only_new, found);
            }
        }
        (Some(Value::Array(old_items)), Some(Value::Array(new_items))) => {
            let before = found.len();
            if let Some(key) = common_key(old_items, new_items) {
                let mut values: Vec<&Value> = Vec::new();
                let own = if only_new { &[][..] } else { old_items };
                for value in own.iter().chain(new_items).filter_map(|item| item.get(key)) {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
                for value in values {
                    let find = |items: &'_ [Value]| items.iter().position(|item| item.get(key) == Some(value));
                    let old = find(old_items).and_then(|at| old_items.get(at));
                    let new = find(new_items).and_then(|at| new_items.get(at));
                    walk(&path.then(Segment::Item(key, value.clone())), old, new, only_new, found);
                }
                if only_new {
                    return;
                }
            } else if old_items.len() == new_items.len() {
                for (at, (old, new)) in old_items.iter().zip(new_items).enumerate() {
                    walk(&path.then(Segment::Index(at)), Some(old), Some(new), only_new, found);
                }
            }
            // Another length, or another order.
            if found.len() == before {
                found.push(path.clone());
            }
        }
        (Some(old), Some(new)) if ownership::contains(old, new) && ownership::contains(new, old) => {}
        _ => found.push(path.clone()),
    }
}

/// The key that all items of both lists have, each with another value.
fn common_key(old: &[Value], new: &[Value]) -> Option<&'static str> {
    let is_unique = |items: &[Value], key: &str| {
        let values: Vec<String> = items.iter().filter_map(|item| item.get(key)).map(Value::to_string).collect();
        values.len() == items.len() && values.iter().collect::<BTreeSet<_>>().len() == items.len()
    };
    KEYS.into_iter().find(|key| is_unique(old, key) && is_unique(new, key))
}

fn step<'a>(value: &'a Value, segment: &Segment) -> Option<&'a Value> {
    match segment {
        Segment::Field(name) => value.get(name),
        Segment::Item(key, wanted) => value.as_array()?.iter().find(|item| item.get(key) == Some(wanted)),
        Segment::Index(at) => value.get(at),
    }
}

/// The value at a path of a masked object. What is masked as a whole has no parts any more.
fn shown(masked: &Value, path: &[Segment]) -> Option<Value> {
    let mut value = masked;
    for segment in path {
        if value == MASKED {
            break;
        }
        value = step(value, segment)?;
    }
    Some(value.clone())
}

/// Who else owns a field, or the whole that it is a part of.
fn owners(live: &Live, path: &[Segment]) -> Vec<String> {
    let others = live.managers().iter().filter(|manager| !is_ours(&manager.name));
    let owning = others.filter(|manager| owns(&manager.fields, live.body(), path));
    let names: BTreeSet<String> = owning.map(|manager| manager.name.clone()).collect();
    names.into_iter().collect()
}

fn owns(fields: &Value, live: &Value, path: &[Segment]) -> bool {
    let Some((segment, rest)) = path.split_first() else { return true };
    let Some(fields) = fields.as_object() else { return false };
    // What is owned as a whole has an empty map; a dot is the existence alone.
    if fields.is_empty() {
        return live.is_object() || live.is_array();
    }
    let Some(inner_live) = step(live, segment) else { return false };
    let inner = match segment {
        Segment::Field(name) => fields.get(&format!("f:{name}")),
        Segment::Item(..) | Segment::Index(_) => {
            fields.iter().find(|(key, _)| ownership::points_to(key, inner_live)).map(|(_, inner)| inner)
        }
    };
    inner.is_some_and(|inner| owns(inner, inner_live, rest))
}

#[cfg(test)]
#[path = "diff/tests.rs"]
mod tests;
