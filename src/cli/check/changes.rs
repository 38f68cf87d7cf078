//! What changed between two sets of objects, field by field.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One object that is not the same any more.
#[derive(Debug, PartialEq)]
pub(super) struct ObjectChange {
    /// `Kind/namespace/name`.
    pub(super) object: String,
    pub(super) change: Change,
}

/// What happened to an object.
#[derive(Debug, PartialEq)]
pub(super) enum Change {
    Added,
    Removed,
    Fields(Vec<FieldChange>),
}

/// One field that has another value.
#[derive(Debug, PartialEq)]
pub(super) struct FieldChange {
    /// As `spec.template.spec.containers[registry].image`.
    pub(super) path: String,
    pub(super) old: Option<Value>,
    pub(super) new: Option<Value>,
}

/// Every object that differs, by name.
pub(super) fn between(old: Vec<Value>, new: Vec<Value>) -> Vec<ObjectChange> {
    let (mut old, new) = (by_id(old), by_id(new));
    let mut changes = BTreeMap::new();
    for (id, new) in new {
        let change = match old.remove(&id) {
            None => Change::Added,
            Some(old) => {
                let mut fields = Vec::new();
                compare("", Some(&old), Some(&new), &mut fields);
                Change::Fields(fields)
            }
        };
        changes.insert(id, change);
    }
    changes.extend(old.into_keys().map(|id| (id, Change::Removed)));
    let differs = |change: &Change| !matches!(change, Change::Fields(fields) if fields.is_empty());
    let changes = changes.into_iter().filter(|(_, change)| differs(change));
    changes.map(|(object, change)| ObjectChange { object, change }).collect()
}

fn by_id(objects: Vec<Value>) -> BTreeMap<String, Value> {
    objects.into_iter().map(|object| (id(&object), object)).collect()
}

fn id(object: &Value) -> String {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let parts = [text("/kind"), text("/metadata/namespace"), text("/metadata/name")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

fn compare(path: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<FieldChange>) {
    if old == new {
        return;
    }
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let separator = if path.is_empty() { "" } else { "." };
            for name in keys(old, new) {
                compare(&format!("{path}{separator}{}", field(name)), old.get(name), new.get(name), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            let before = found.len();
            match (by_name(old), by_name(new)) {
                (Some(old), Some(new)) => {
                    let mut names: Vec<&str> = old.keys().chain(new.keys()).copied().collect();
                    names.sort_unstable();
                    names.dedup();
                    for name in names {
                        let (old, new) = (old.get(name).copied(), new.get(name).copied());
                        compare(&format!("{path}[{name}]"), old, new, found);
                    }
                }
                _ => {
                    for index in 0..old.len().max(new.len()) {
                        compare(&format!("{path}[{index}]"), old.get(index), new.get(index), found);
                    }
                }
            }
            if found.len() == before {
                let order = |items: &[Value]| {
                    Value::Array(items.iter().map(|item| item.get("name").cloned().unwrap_or_default()).collect())
                };
                found.push(FieldChange {
                    path: format!("{path} (order)"),
                    old: Some(order(old)),
                    new: Some(order(new)),
                });
            }
        }
        (old, new) => found.push(FieldChange { path: path.to_owned(), old: old.cloned(), new: new.cloned() }),
    }
}

fn keys<'a>(old: &'a Map<String, Value>, new: &'a Map<String, Value>) -> Vec<&'a String> {
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A field's name; in quotes if a dot in it could be taken for the next step.
fn field(name: &str) -> String {
    if name.contains(['.', '[', ' ', '/']) { format!("[{name:?}]") } else { name.to_owned() }
}

/// The items by name, if all of them have one and no two share it.
fn by_name(items: &[Value]) -> Option<BTreeMap<&str, &Value>> {
    let named: Option<BTreeMap<&str, &Value>> =
        items.iter().map(|item| Some((item.get("name")?.as_str()?, item))).collect();
    named.filter(|named| named.len() == items.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(old: Value, new: Value) -> Vec<String> {
        let object = |spec: Value| vec![json!({"kind": "Pod", "metadata": {"name": "p"}, "spec": spec})];
        let changes = between(object(old), object(new)).into_iter().flat_map(|change| match change.change {
            Change::Fields(fields) => fields,
            Change::Added | Change::Removed => Vec::new(),
        });
        let show = |value: Option<Value>| value.map_or("-".to_owned(), |value| value.to_string());
        changes.map(|field| format!("{} {} {}", field.path, show(field.old), show(field.new))).collect()
    }

    #[test]
    fn fields_are_named_by_the_items_they_are_in() {
        let env = |value: &str| json!({"containers": [{"name": "c", "env": [{"name": "A", "value": value}]}]});
        assert_eq!(lines(env("x"), env("y")), [r#"spec.containers[c].env[A].value "x" "y""#]);
        assert_eq!(lines(json!({"a": [1, 2]}), json!({"a": [1, 3, 4]})), ["spec.a[1] 2 3", "spec.a[2] - 4"]);
        assert_eq!(lines(json!({"a/b": 1}), json!({})), [r#"spec.["a/b"] 1 -"#]);
        let ports = |first: &str, second: &str| json!({"p": [{"name": first}, {"name": second}]});
        assert_eq!(lines(ports("a", "b"), ports("b", "a")), [r#"spec.p (order) ["a","b"] ["b","a"]"#]);
        assert!(lines(env("x"), env("x")).is_empty());
    }

    #[test]
    fn objects_come_and_go() {
        let object = |name: &str| json!({"kind": "Secret", "metadata": {"namespace": "n", "name": name}});
        let changes = between(vec![object("a"), object("b")], vec![object("b"), object("c")]);
        let of = |object: &str, change| ObjectChange { object: object.to_owned(), change };
        assert_eq!(changes, [of("Secret/n/a", Change::Removed), of("Secret/n/c", Change::Added)]);
    }
}
