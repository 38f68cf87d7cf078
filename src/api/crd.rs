//! The CustomResourceDefinitions and the editor schemas, generated from the types.

use serde_json::{Map, Value, json};

use super::config::{ConfigSpec, ConfigStatus};
use super::image_pruner::{ImagePrunerSpec, ImagePrunerStatus};
use super::schema::structural;

/// API group of both resources.
pub const GROUP: &str = "imageregistry.operator.openshift.io";
/// The one version of both resources.
pub const VERSION: &str = "v1";

/// What tells the two definitions apart.
struct Resource {
    kind: &'static str,
    singular: &'static str,
    plural: &'static str,
    description: &'static str,
    /// Pull request of openshift/api in which the API was approved.
    approved_in: &'static str,
    spec: fn() -> Value,
    status: fn() -> Value,
}

const CONFIG: Resource = Resource {
    kind: "Config",
    singular: "config",
    plural: "configs",
    description: "Configuration of the image registry; only the object named cluster is used.",
    approved_in: "519",
    spec: structural::<ConfigSpec>,
    status: structural::<ConfigStatus>,
};

const IMAGE_PRUNER: Resource = Resource {
    kind: "ImagePruner",
    singular: "imagepruner",
    plural: "imagepruners",
    description: "Configuration of the image pruner; only the object named cluster is used.",
    approved_in: "555",
    spec: structural::<ImagePrunerSpec>,
    status: structural::<ImagePrunerStatus>,
};

/// Both CustomResourceDefinitions as documents: Config, then ImagePruner.
pub fn crds() -> Vec<Value> {
    [CONFIG, IMAGE_PRUNER].iter().map(definition).collect()
}

/// [`crds`] as YAML, each document after a `---` line.
pub fn crds_yaml() -> Result<String, String> {
    crds().iter().map(crd_yaml).collect()
}

/// One document as YAML after a `---` line: a file of the `manifests` directory.
pub fn crd_yaml(crd: &Value) -> Result<String, String> {
    let text = serde_saphyr::to_string(crd).map_err(|e| format!("a CRD cannot be written as YAML: {e}"))?;
    Ok(format!("---\n{}\n", text.trim_end()))
}

/// JSON Schemas (draft 2020-12) of whole documents, by kind, for editors and offline
/// validators. Stricter than the API server, which drops unknown fields silently.
pub fn json_schemas() -> Value {
    let mut schemas = Map::new();
    for resource in [CONFIG, IMAGE_PRUNER] {
        let mut schema = root_schema(&resource);
        close(&mut schema);
        if let Some(map) = schema.as_object_mut() {
            map.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
            map.insert("title".to_owned(), resource.kind.into());
            map.insert("required".to_owned(), json!(["apiVersion", "kind", "metadata", "spec"]));
        }
        for (key, value) in [("apiVersion", format!("{GROUP}/{VERSION}")), ("kind", resource.kind.to_owned())] {
            schema["properties"][key] = json!({"const": value});
        }
        // Metadata is the API server's; its fields are not listed here.
        schema["properties"]["metadata"]["additionalProperties"] = true.into();
        schemas.insert(resource.kind.to_owned(), schema);
    }
    Value::Object(schemas)
}

/// What validation runs on, as compact JSON: the schemas of `spec` of Config and
/// ImagePruner, without descriptions and without what only merging needs.
pub fn validation_schemas() -> [String; 2] {
    [CONFIG, IMAGE_PRUNER].map(|resource| {
        let mut schema = (resource.spec)();
        compact(&mut schema);
        if let Some(schedule) = schema.pointer_mut("/properties/schedule").and_then(Value::as_object_mut) {
            // Not in the CRD: the API takes any string here, the CronJob does not.
            schedule.insert("format".to_owned(), "cron".into());
        }
        schema.sort_all_objects();
        schema.to_string()
    })
}

fn definition(resource: &Resource) -> Value {
    let mut crd = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": format!("{}.{GROUP}", resource.plural),
            "annotations": {
                "api-approved.openshift.io": format!("https://github.com/openshift/api/pull/{}", resource.approved_in),
                "api.openshift.io/merged-by-featuregates": "true",
                "include.release.openshift.io/ibm-cloud-managed": "true",
                "include.release.openshift.io/self-managed-high-availability": "true",
            },
        },
        "spec": {
            "group": GROUP,
            "names": {
                "kind": resource.kind,
                "listKind": format!("{}List", resource.kind),
                "plural": resource.plural,
                "singular": resource.singular,
            },
            "scope": "Cluster",
            "versions": [{
                "name": VERSION,
                "served": true,
                "storage": true,
                "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": root_schema(resource)},
            }],
        },
    });
    crd.sort_all_objects();
    crd
}

fn root_schema(resource: &Resource) -> Value {
    json!({
        "description": resource.description,
        "type": "object",
        "required": ["metadata", "spec"],
        "properties": {
            "apiVersion": {"type": "string", "description": "Group and version of this document."},
            "kind": {"type": "string", "description": "Kind of this document."},
            "metadata": {"type": "object"},
            "spec": (resource.spec)(),
            "status": (resource.status)(),
        },
    })
}

/// Calls `f` on every subschema directly within a schema.
fn each_child(map: &mut Map<String, Value>, mut f: impl FnMut(&mut Value)) {
    map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut).for_each(&mut f);
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = map.get_mut(key) {
            f(inner);
        }
    }
}

fn compact(schema: &mut Value) {
    if let Some(map) = schema.as_object_mut() {
        for key in ["description", "default", "x-kubernetes-list-type", "x-kubernetes-map-type"] {
            map.remove(key);
        }
        each_child(map, compact);
    }
}

/// Turns a structural schema into plain JSON Schema that refuses unknown fields.
fn close(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else { return };
    let free = map.contains_key("x-kubernetes-preserve-unknown-fields");
    if map.get("type").is_some_and(|t| t == "object") && !free && !map.contains_key("additionalProperties") {
        map.insert("additionalProperties".to_owned(), false.into());
    }
    if map.remove("nullable").is_some() {
        map.insert("type".to_owned(), json!([map.get("type"), "null"]));
    }
    // Go's notation of durations is not the ISO notation that JSON Schema means.
    if map.get("format").is_some_and(|f| f == "duration") {
        map.remove("format");
    }
    map.retain(|key, _| !key.starts_with("x-kubernetes-"));
    each_child(map, close);
}
