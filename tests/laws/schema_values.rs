//! Values that a schema accepts, and a few that it nearly accepts.

use cluster_image_registry_operator::api::validate::{CONFIG_SCHEMA, IMAGE_PRUNER_SCHEMA};
use proptest::prelude::*;
use proptest::strategy::Union;
use serde_json::{Map, Value, json};

/// Any `spec` of a Config, mostly Managed and with at most a few backends.
pub fn config_spec() -> impl Strategy<Value = Value> {
    let schema: Value = serde_json::from_str(CONFIG_SCHEMA).unwrap();
    let storage = storage(schema.pointer("/properties/storage").unwrap());
    let state = prop_oneof![6 => Just("Managed"), 1 => Just("Removed"), 1 => Just("Unmanaged"), 1 => Just("Force")];
    (value(&schema, "spec"), storage, state, 0..4_i32).prop_map(|(mut spec, storage, state, replicas)| {
        let fields = spec.as_object_mut().unwrap();
        fields.insert("storage".to_owned(), storage);
        fields.insert("managementState".to_owned(), json!(state));
        fields.insert("replicas".to_owned(), json!(replicas));
        fields.insert("httpSecret".to_owned(), json!("shared"));
        spec
    })
}

/// Any `spec` of an ImagePruner.
pub fn image_pruner_spec() -> impl Strategy<Value = Value> {
    let schema: Value = serde_json::from_str(IMAGE_PRUNER_SCHEMA).unwrap();
    value(&schema, "spec")
}

/// One backend, seldom none or two.
fn storage(schema: &Value) -> BoxedStrategy<Value> {
    let backends = schema["properties"].as_object().unwrap().clone();
    let one = |name: &'static str| value(&backends[name], name).prop_map(move |value| (name, value)).boxed();
    let names = ["emptyDir", "pvc", "s3", "gcs", "swift", "azure", "ibmcos", "oss"];
    let any_backend = Union::new(names.map(one));
    let count = prop_oneof![1 => Just(0_usize), 8 => Just(1_usize), 1 => Just(2_usize)];
    let chosen = count.prop_flat_map(move |count| prop::collection::vec(any_backend.clone(), count));
    let state = prop::option::of(prop_oneof![Just("Managed"), Just("Unmanaged")]);
    (chosen, state)
        .prop_map(|(chosen, state)| {
            let mut storage: Map<String, Value> =
                chosen.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            storage.extend(state.map(|state| ("managementState".to_owned(), json!(state))));
            Value::Object(storage)
        })
        .boxed()
}

fn value(schema: &Value, field: &str) -> BoxedStrategy<Value> {
    if let Some(values) = schema["enum"].as_array() {
        return prop::sample::select(values.clone()).boxed();
    }
    if schema["x-kubernetes-int-or-string"] == json!(true) {
        return select(&[json!(1), json!("100m"), json!("256Mi"), json!("1e3"), json!("0.5")]);
    }
    if schema["x-kubernetes-preserve-unknown-fields"] == json!(true) {
        return free_form(field);
    }
    match schema["type"].as_str() {
        Some("object") => object(schema),
        Some("array") => prop::collection::vec(value(&schema["items"], field), 0..3).prop_map(Value::Array).boxed(),
        Some("integer") => integer(schema),
        Some("boolean") => any::<bool>().prop_map(Value::Bool).boxed(),
        Some("string") => string(schema, field),
        _ => Just(Value::Null).boxed(),
    }
}

fn select(values: &[Value]) -> BoxedStrategy<Value> {
    prop::sample::select(values.to_vec()).boxed()
}

fn free_form(field: &str) -> BoxedStrategy<Value> {
    match field {
        "observedConfig" => select(&[
            json!({}),
            json!({ "servingInfo": { "minTLSVersion": "VersionTLS12", "cipherSuites": ["TLS_AES_128_GCM_SHA256"] } }),
            json!({ "servingInfo": null }),
        ]),
        _ => select(&[json!({}), json!({ "deployment": { "annotations": { "a": "b" } } }), json!({ "other": [1] })]),
    }
}

fn object(schema: &Value) -> BoxedStrategy<Value> {
    let Some(properties) = schema["properties"].as_object() else {
        let inner = value(&schema["additionalProperties"], "");
        let map = prop::collection::btree_map("[a-z]{1,8}", inner, 0..3);
        return map.prop_map(|map| Value::Object(map.into_iter().collect())).boxed();
    };
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut fields: Vec<BoxedStrategy<Option<(String, Value)>>> = Vec::new();
    for (name, inner) in properties {
        let named = name.clone();
        let pair = value(inner, name).prop_map(move |value| (named.clone(), value));
        let is_required = required.contains(&name.as_str());
        fields.push(if is_required { pair.prop_map(Some).boxed() } else { prop::option::weighted(0.3, pair).boxed() });
    }
    fields.prop_map(|fields| Value::Object(fields.into_iter().flatten().collect())).boxed()
}

fn integer(schema: &Value) -> BoxedStrategy<Value> {
    let smallest = schema["minimum"].as_i64().unwrap_or(0);
    let largest = schema["maximum"].as_i64().unwrap_or(i64::from(i32::MAX));
    prop_oneof![Just(smallest), Just(largest), smallest..=largest.min(smallest + 100)].prop_map(Value::from).boxed()
}

fn string(schema: &Value, field: &str) -> BoxedStrategy<Value> {
    if schema["format"] == json!("duration") {
        return select(&[json!("60m"), json!("1h30m"), json!("0s"), json!("1.5h")]);
    }
    if field == "schedule" {
        return select(&[json!(""), json!("15 3 * * 0"), json!("@daily"), json!("*/5 1-4 * JAN MON-FRI")]);
    }
    if let Some(pattern) = schema["pattern"].as_str() {
        // The generator knows no anchors; it always makes whole matches.
        let pattern = pattern.replace(['^', '$'], "").replace(".+", "[a-z0-9]{1,8}");
        let longest = usize::try_from(schema["maxLength"].as_u64().unwrap_or(60)).unwrap();
        let shortest = usize::try_from(schema["minLength"].as_u64().unwrap_or(0)).unwrap();
        let fits = move |text: &String| (shortest..=longest).contains(&text.len());
        let matching = prop::string::string_regex(&pattern).unwrap();
        return matching.prop_filter("the length", fits).prop_map(Value::String).boxed();
    }
    // Texts that YAML readers take for something else, and ordinary ones.
    prop_oneof![
        4 => "[a-z][a-z0-9-]{0,20}[a-z0-9]".prop_map(Value::String),
        1 => select(&[json!(""), json!("010"), json!("yes"), json!("12:30"), json!("a: b"), json!("ÄÖ\u{2028}"), json!("https://x/v3")]),
    ]
    .boxed()
}
