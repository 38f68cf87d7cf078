//! JSON Merge Patches (RFC 7396) that lead from one value to another.

use serde_json::{Map, Value};

/// What has to be merged into `from` to make it `to`; nothing if they are equal.
pub fn difference(from: &Value, to: &Value) -> Option<Value> {
    match (from, to) {
        _ if from == to => None,
        (Value::Object(from), Value::Object(to)) => {
            let gone = from.keys().filter(|key| !to.contains_key(*key)).map(|key| (key.clone(), Value::Null));
            let changed = to
                .iter()
                .filter_map(|(key, to)| Some((key.clone(), difference(from.get(key).unwrap_or(&Value::Null), to)?)));
            Some(Value::Object(gone.chain(changed).collect::<Map<_, _>>()))
        }
        _ => Some(to.clone()),
    }
}

/// The fields below `at` that a patch changes, without their values, which may be secret.
pub fn fields(at: &str, patch: &Value) -> String {
    fn walk(at: &str, patch: &Value, out: &mut Vec<String>) {
        match patch.as_object().filter(|map| !map.is_empty()) {
            Some(map) => map.iter().for_each(|(key, value)| walk(&format!("{at}.{key}"), value, out)),
            None => out.push(at.to_owned()),
        }
    }
    let mut out = Vec::new();
    walk(at, patch, &mut out);
    out.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{difference, fields};
    use serde_json::json;

    #[test]
    fn what_came_goes_and_what_went_comes() {
        let before = json!({"a": 1, "b": {"c": [1]}, "e": {}});
        assert_eq!(difference(&before, &before), None);
        let after = json!({"a": 1, "b": {"c": [2], "d": true}, "f": {"g": "h"}});
        let patch = json!({"b": {"c": [1], "d": null}, "e": {}, "f": null});
        assert_eq!(fields("spec", &patch), "spec.b.c, spec.b.d, spec.e, spec.f");
        assert_eq!(fields("rules", &json!([1])), "rules");
        assert_eq!(difference(&after, &before), Some(patch));
        assert_eq!(difference(&json!(null), &before), Some(before));
    }
}
