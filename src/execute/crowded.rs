//! What others left beside the operator's fields, where the API server does not accept both together.
//!
//! An apply adds to what is there. Whoever renames a port of a Service leaves theirs beside the one that comes back,
//! whoever gives a volume another source leaves two sources; the API server then refuses every apply. The part that
//! it names is therefore replaced by what is rendered.

use super::request::Refusal;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A JSON patch that makes the refused parts of the live object what they are in the rendered one; none if that
/// changes nothing or the refusal names no part of it.
pub fn patch(refusal: &Refusal, rendered: &Value, live: &Value) -> Option<Value> {
    if refusal.code != 422 {
        return None;
    }
    let parts = refusal.causes.iter().filter_map(|(field, _, _)| part(field, rendered, live));
    let parts: BTreeSet<String> = parts.collect();
    let operations: Vec<Value> = parts
        .iter()
        .filter(|part| rendered.pointer(part) != live.pointer(part))
        .map(|part| json!({ "op": "replace", "path": part, "value": rendered.pointer(part) }))
        .collect();
    (!operations.is_empty()).then_some(Value::Array(operations))
}

/// The JSON pointer of the smallest part around a field, as `spec.ports[1].name`, that both objects have. An index
/// counts items of the merged object, so that only the whole list is known.
fn part(field: &str, rendered: &Value, live: &Value) -> Option<String> {
    let names = field.split('[').next().unwrap_or_default().split('.').filter(|name| !name.is_empty());
    let mut pointer = String::new();
    for name in names {
        let inner = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        if rendered.pointer(&inner).is_none() || live.pointer(&inner).is_none() {
            break;
        }
        pointer = inner;
    }
    // Not the identity, and not the whole object.
    (!pointer.is_empty() && !pointer.starts_with("/metadata")).then_some(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(field: &str) -> Refusal {
        let causes = vec![(field.to_owned(), "FieldValueInvalid".to_owned(), String::new())];
        let (request, reason, message) = (String::new(), "Invalid".to_owned(), String::new());
        Refusal { code: 422, request, reason, message, causes }
    }

    #[test]
    fn the_part_around_the_refused_field_is_replaced() {
        let rendered = json!({ "spec": { "ports": [{ "port": 1 }], "strategy": { "type": "Recreate" }, "size": 1 } });
        let live = json!({ "spec": { "ports": [{ "port": 2 }], "size": 1,
            "strategy": { "type": "RollingUpdate", "rollingUpdate": {} } } });
        let replaced = |field: &str| patch(&refusal(field), &rendered, &live).map(|patch| patch[0]["path"].clone());
        assert_eq!(replaced("spec.ports[1].name"), Some(json!("/spec/ports")));
        assert_eq!(replaced("spec.strategy.rollingUpdate"), Some(json!("/spec/strategy")));
        assert_eq!(replaced("spec.size"), None);
        assert_eq!(replaced("metadata.name"), None);
        assert_eq!(replaced(""), None);
    }
}
