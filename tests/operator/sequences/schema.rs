//! Values from a CRD's schema: ordinary ones, those at the edge of what it accepts, and those that it refuses.

use super::words::words;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The schema of `spec` of one of our kinds, as the CRD has it.
pub fn spec_of(kind: &str) -> Value {
    let crds = cluster_image_registry_operator::api::crd::crds();
    let crd = crds.into_iter().find(|crd| crd["spec"]["names"]["kind"] == kind).unwrap();
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"].clone()
}

/// A value that makes sense: the words for its field, else what its schema says.
pub fn ordinary(schema: &Value, field: &str) -> BoxedStrategy<Value> {
    let words = words(field);
    if !words.is_empty() {
        return prop::sample::select(words).boxed();
    }
    if let Some(values) = choices(schema) {
        return prop::sample::select(values).boxed();
    }
    match schema["type"].as_str() {
        Some("object") => object(schema),
        Some("array") => vec(ordinary(&schema["items"], field), 0..3).prop_map(Value::Array).boxed(),
        Some("integer") => prop_oneof![3 => 0..4_i64, 1 => 0..1000_i64].prop_map(Value::from).boxed(),
        Some("boolean") => any::<bool>().prop_map(Value::Bool).boxed(),
        _ => "[a-z][a-z0-9-]{0,8}[a-z0-9]".prop_map(Value::String).boxed(),
    }
}

/// Required fields always, others now and then.
fn object(schema: &Value) -> BoxedStrategy<Value> {
    let Some(properties) = schema["properties"].as_object() else {
        let values = ordinary(&schema["additionalProperties"], "");
        let map = btree_map("[a-z]{1,8}", values, 0..3);
        return map.prop_map(|map| Value::Object(map.into_iter().collect())).boxed();
    };
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let field = |(name, inner): (&String, &Value)| {
        let is_required = required.iter().any(|field| field == name);
        let name = name.clone();
        let value = ordinary(inner, &name).prop_map(move |value| (name.clone(), value));
        if is_required { value.prop_map(Some).boxed() } else { prop::option::weighted(0.3, value).boxed() }
    };
    let fields: Vec<_> = properties.iter().map(field).collect();
    fields.prop_map(|fields| Value::Object(fields.into_iter().flatten().collect())).boxed()
}

/// What may be chosen from: an enumeration, or a pattern that only lists words.
fn choices(schema: &Value) -> Option<Vec<Value>> {
    if let Some(values) = schema["enum"].as_array() {
        return Some(values.clone());
    }
    let words = schema["pattern"].as_str()?.strip_prefix("^(")?.strip_suffix(")$")?;
    Some(words.split('|').map(Value::from).collect())
}

/// Every field that a value may have, whether it has it or not: JSON pointer and schema. Lists and maps have an item.
pub fn fields(schema: &Value) -> Vec<(Vec<String>, Value)> {
    fn walk(at: Vec<String>, schema: &Value, found: &mut Vec<(Vec<String>, Value)>) {
        let below = |name: &str| [at.as_slice(), &[name.to_owned()]].concat();
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            walk(below(name), inner, found);
        }
        for (key, name) in [("items", "0"), ("additionalProperties", "edge")] {
            if schema[key].is_object() {
                walk(below(name), &schema[key], found);
            }
        }
        if !at.is_empty() {
            found.push((at, schema.clone()));
        }
    }
    let mut found = Vec::new();
    walk(Vec::new(), schema, &mut found);
    found
}

/// What the schema accepts, but hardly anybody writes.
pub fn edges(schema: &Value) -> Vec<Value> {
    if schema["x-kubernetes-int-or-string"] == true {
        return [json!(0), json!(-1), json!("1e3"), json!("0.0001"), json!("5E"), json!("1.5Gi"), json!("")].into();
    }
    if schema["x-kubernetes-preserve-unknown-fields"] == true {
        return vec![
            json!({}),
            json!({"deployment": 1}),
            json!({"deployment": {"annotations": {"a": 1}}}),
            json!({"servingInfo": "no"}),
        ];
    }
    match schema["type"].as_str() {
        Some("object") => vec![json!({})],
        Some("array") => vec![json!([])],
        Some("boolean") => vec![json!(true), json!(false)],
        Some("integer") if schema["format"] == "int32" => [-1, 0, 1, i32::MAX, i32::MIN].map(Value::from).into(),
        Some("integer") => {
            let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
            let most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
            vec![json!(least), json!(most), json!(least.max(-1)), json!(0), json!(1)]
        }
        _ if schema["format"] == "duration" => ["0s", "1.5h", "-1s", "1us", "2562047h"].map(Value::from).into(),
        _ => choices(schema).unwrap_or_else(|| TEXTS.map(Value::from).into()),
    }
}

/// Texts that YAML, the API server or a registry read in their own way.
const TEXTS: [&str; 12] = [
    "",
    " ",
    "010",
    "yes",
    "null",
    "a: b",
    "12:30",
    "$(HOME) $${x}",
    "Ä\u{2028}\u{2029}\u{85}\u{feff}\u{1f600}",
    "\u{1}\t\n\r",
    "-",
    "x-that-is-longer-than-a-label-may-be-which-is-63-characters-and-no-more-than-these-are",
];

/// What the schema does not accept; nothing if it accepts everything.
pub fn refused(schema: &Value) -> Vec<Value> {
    if schema["x-kubernetes-int-or-string"] == true {
        return vec![json!([1]), json!(true), json!("1 Gi")];
    }
    if schema["x-kubernetes-preserve-unknown-fields"] == true {
        return vec![json!("text"), json!([1])];
    }
    match schema["type"].as_str() {
        Some("object") => vec![json!("text"), json!([])],
        Some("array") => vec![json!("text"), json!({})],
        Some("boolean") => vec![json!("true"), json!(0)],
        Some("integer") => vec![json!("1"), json!(1.5), json!(true)],
        _ if choices(schema).is_some() => vec![json!("no-such-word"), json!(1)],
        _ if schema["format"] == "duration" => vec![json!("soon"), json!(1)],
        _ => vec![json!(1), json!({}), json!(false)],
    }
}

/// Puts a value in its place, and what it lacks around it.
pub fn put(into: &mut Value, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *into = value;
        return;
    };
    if first == "0" {
        if !into.is_array() {
            *into = json!([]);
        }
        let items = into.as_array_mut().unwrap();
        if items.is_empty() {
            items.push(Value::Null);
        }
        return put(&mut items[0], rest, value);
    }
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    put(&mut into[first.as_str()], rest, value);
}
