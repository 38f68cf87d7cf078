//! Schemas of single fields that the derive cannot express, and the shapes that
//! Kubernetes' own types lack in k8s-openapi (list types, quantities).

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::storage::Storage;

/// Marks a default that belongs into the schema. `default` itself is no use: the
/// derive writes one for every field that serde may leave out.
const DEFAULT: &str = "x-crd-default";

/// Resource quantities, as the API server constrains them.
const QUANTITY_PATTERN: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

/// `spec.managementState`: constrained by pattern in the real schema.
pub(super) fn management_state(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": "^(Managed|Unmanaged|Force|Removed)$"})
}

/// `spec.rolloutStrategy`: constrained by pattern in the real schema.
pub(super) fn rollout_strategy(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": "^(RollingUpdate|Recreate)$"})
}

/// An object of any content, or null.
pub(super) fn free_form(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "nullable": true, "x-kubernetes-preserve-unknown-fields": true})
}

/// An integer whose width the real schema leaves open.
pub(super) fn plain_integer(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "integer"})
}

/// A point in time (RFC 3339).
pub(super) fn date_time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "date-time"})
}

/// `status.storage`: as in spec, but a status is not refused for a mismatch of
/// `oss.encryption`.
pub(super) fn status_storage(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = Storage::json_schema(generator);
    if let Some(encryption) = schema.pointer_mut("/properties/oss/properties/encryption") {
        // The derive writes `{anyOf: [<the struct>, {type: null}]}` or the struct itself.
        denull(encryption);
        remove(encryption, "anyOf");
    }
    schema
}

/// Schema of an object type of Kubernetes.
pub(super) fn k8s_object<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = T::json_schema(generator);
    if let Some(map) = schema.as_object_mut() {
        complete_k8s(map);
    }
    schema
}

/// Schema of a list of a Kubernetes type; the list type is up to the field.
pub(super) fn k8s_list<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let items = k8s_object::<T>(generator);
    json_schema!({"type": "array", "items": items})
}

/// Adds what k8s-openapi leaves out: list and map types, the form of quantities, and
/// the one default among these types. Its descriptions go: they are most of the size.
fn complete_k8s(schema: &mut Map<String, Value>) {
    schema.remove("description");
    if schema.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true)) {
        // Quantities are the only such fields of the types used here.
        schema.insert("anyOf".to_owned(), json!([{"type": "integer"}, {"type": "string"}]));
        schema.insert("pattern".to_owned(), QUANTITY_PATTERN.into());
    }
    if schema.get("type").and_then(Value::as_str) == Some("array") {
        schema.insert("x-kubernetes-list-type".to_owned(), "atomic".into());
    }
    let has = |name: &str| schema.get("properties").is_some_and(|p| p.get(name).is_some());
    let is_key_selector = has("key") && has("name") && has("optional");
    if is_key_selector || ["matchExpressions", "matchFields", "nodeSelectorTerms"].into_iter().any(has) {
        schema.insert("x-kubernetes-map-type".to_owned(), "atomic".into());
    }
    if is_key_selector {
        schema.insert("required".to_owned(), json!(["key"]));
    }
    for (name, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let Some(property) = property.as_object_mut() else { continue };
        complete_k8s(property);
        if name == "claims" {
            property.insert("x-kubernetes-list-type".to_owned(), "map".into());
            property.insert("x-kubernetes-list-map-keys".to_owned(), json!(["name"]));
        }
        if name == "name" && is_key_selector {
            property.insert(DEFAULT.to_owned(), "".into());
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get_mut(key).and_then(Value::as_object_mut) {
            complete_k8s(inner);
        }
    }
}

/// Generates the structural schema of a type: no references, no nulls for optional
/// fields, enumerations as `enum`, and only the defaults that were asked for.
pub(super) fn structural<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| {
        s.inline_subschemas = true;
        s.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    make_structural(&mut schema);
    schema
}

fn make_structural(schema: &mut Value) {
    denull(schema);
    let Some(map) = schema.as_object_mut() else { return };
    map.remove("title");
    map.remove("default");
    if let Some(default) = map.remove(DEFAULT) {
        map.insert("default".to_owned(), default);
    }
    if let Some(Value::Array(variants)) = map.get("oneOf")
        && let Some(names) = variants.iter().map(|v| v.get("const").cloned()).collect::<Option<Vec<_>>>()
    {
        map.remove("oneOf");
        map.insert("type".to_owned(), "string".into());
        map.insert("enum".to_owned(), Value::Array(names));
    }
    if let Some(Value::String(text)) = map.get_mut("description") {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if let Some(Value::Array(names)) = map.get_mut("required") {
        names.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    }
    for property in map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        make_structural(property);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = map.get_mut(key) {
            make_structural(inner);
        }
    }
}

/// Takes the null out of the forms in which the derive writes an optional field. The
/// API server drops nulls of fields that are not nullable, so none of ours is.
fn denull(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|t| t != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = map.get_mut("enum") {
        values.retain(|v| !v.is_null());
    }
    if let Some(Value::Array(branches)) = map.get_mut("anyOf")
        && let [Value::Object(inner), null] = branches.as_mut_slice()
        && null.get("type").is_some_and(|t| t == "null")
    {
        let inner = std::mem::take(inner);
        map.remove("anyOf");
        for (key, value) in inner {
            // What the field says (its description) stands before what its type says.
            map.entry(key).or_insert(value);
        }
    }
}

fn remove(schema: &mut Value, key: &str) {
    if let Some(map) = schema.as_object_mut() {
        map.remove(key);
    }
}
