//! A scenario that can be changed, and what the tests ask of the plan made from it.

use cluster_image_registry_operator::api::config::Condition as Reported;
use cluster_image_registry_operator::inputs::files::{Text, environment_from_text, from_documents};
use cluster_image_registry_operator::inputs::{Environment, Inputs};
use cluster_image_registry_operator::render::status::Condition;
use cluster_image_registry_operator::render::storage::action::StorageAction;
use cluster_image_registry_operator::render::{Plan, Step, render};
use k8s_openapi::ByteString;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub const NAMESPACE: &str = "openshift-image-registry";
pub const CONFIG: &str = "Config/cluster";
pub const DEPLOYMENT: &str = "Deployment/image-registry";

/// The objects of a scenario.
#[derive(Clone)]
pub struct World {
    pub environment: Environment,
    pub objects: Vec<Value>,
}

/// The scenario of that name.
pub fn scenario(name: &str) -> World {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    let read = |file: &str| fs::read_to_string(directory.join(file)).unwrap();
    let environment = environment_from_text(Text { name: "env.yaml", content: &read("env.yaml") }).unwrap();
    let input = read("input.yaml");
    let objects = input.split("\n---\n").map(|text| serde_saphyr::from_str(text).unwrap()).collect();
    World { environment, objects }
}

impl World {
    /// Merges into the object `kind/name`; null removes a field.
    pub fn patch(mut self, object: &str, patch: Value) -> Self {
        let found = self.objects.iter_mut().find(|value| is(value, object));
        merge(found.unwrap_or_else(|| panic!("no {object}")), patch);
        self
    }

    /// Replaces the whole storage section of Config, and what the status says of it.
    pub fn storage(self, spec: Value, status: Value) -> Self {
        let empty = json!({ "spec": { "storage": null }, "status": { "storage": null, "storageManaged": null } });
        let managed = status.get("managementState").is_some_and(|state| state == "Managed");
        let status = json!({ "storage": status, "storageManaged": managed });
        self.patch(CONFIG, empty).patch(CONFIG, json!({ "spec": { "storage": spec }, "status": status }))
    }

    /// Adds an object of the registry's namespace.
    pub fn add(mut self, api_version: &str, kind: &str, name: &str, rest: Value) -> Self {
        let mut object = json!({
            "apiVersion": api_version, "kind": kind, "metadata": { "name": name, "namespace": NAMESPACE },
        });
        merge(&mut object, rest);
        self.objects.push(object);
        self
    }

    pub fn secret(self, name: &str, values: Value) -> Self {
        self.without(&format!("Secret/{name}")).add("v1", "Secret", name, json!({ "stringData": values }))
    }

    pub fn config_map(self, namespace: &str, name: &str, data: Value) -> Self {
        self.add("v1", "ConfigMap", name, json!({ "metadata": { "namespace": namespace }, "data": data }))
    }

    pub fn without(mut self, object: &str) -> Self {
        self.objects.retain(|value| !is(value, object));
        self
    }

    pub fn inputs(&self) -> Inputs {
        let texts: Vec<String> = self.objects.iter().map(Value::to_string).collect();
        let texts = texts.iter().map(|content| Text { name: "scenario", content });
        match from_documents(texts, self.environment.clone()) {
            Ok(loaded) => loaded.inputs,
            Err(problems) => panic!("{problems:#?}"),
        }
    }

    /// The plan, with or without problems.
    pub fn plan(&self) -> Plan {
        render(&self.inputs())
    }

    /// The plan, which has no problems.
    pub fn sound_plan(&self) -> Plan {
        let plan = self.plan();
        assert_eq!(plan.problems, []);
        plan
    }
}

fn is(value: &Value, object: &str) -> bool {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    object.split_once('/') == Some((text("/kind"), text("/metadata/name")))
}

/// RFC 7386.
pub fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    for (name, value) in patch {
        if value.is_null() {
            target.as_object_mut().unwrap().remove(&name);
        } else {
            merge(&mut target[&name], value);
        }
    }
}

/// The body of the manifest `kind/name`.
pub fn manifest<'a>(plan: &'a Plan, object: &str) -> Option<&'a Value> {
    plan.manifests().map(|manifest| manifest.body()).find(|body| is(body, object))
}

/// What a manifest says at a JSON pointer.
pub fn at<'a>(plan: &'a Plan, object: &str, pointer: &str) -> Option<&'a Value> {
    manifest(plan, object).unwrap_or_else(|| panic!("no {object} in the plan")).pointer(pointer)
}

/// A variable of the registry's container; a reference to a Secret counts as `<secret>`.
pub fn variable(plan: &Plan, name: &str) -> Option<String> {
    let env = at(plan, DEPLOYMENT, "/spec/template/spec/containers/0/env")?.as_array()?;
    let variable = env.iter().find(|variable| variable["name"] == name)?;
    Some(variable.get("value").map_or("<secret>", |value| value.as_str().unwrap()).to_owned())
}

/// The decoded data of a Secret in the plan.
pub fn secret_data(plan: &Plan, name: &str) -> BTreeMap<String, String> {
    let data = at(plan, &format!("Secret/{name}"), "/data").cloned().unwrap_or_else(|| json!({}));
    let data: BTreeMap<String, ByteString> = serde_json::from_value(data).unwrap();
    data.into_iter().map(|(key, bytes)| (key, String::from_utf8(bytes.0).unwrap())).collect()
}

/// The only storage action.
pub fn action(plan: &Plan) -> Option<&StorageAction> {
    let mut actions = plan.steps.iter().filter_map(|step| match step {
        Step::Storage(action) => Some(action),
        _ => None,
    });
    let first = actions.next();
    assert!(actions.next().is_none(), "two storage actions");
    first
}

/// The only storage action, as it is printed.
pub fn action_json(plan: &Plan) -> Value {
    serde_json::to_value(action(plan)).unwrap()
}

/// The names of deleted objects as `kind/name`, in order.
pub fn deletions(plan: &Plan) -> Vec<String> {
    let deleted = plan.steps.iter().filter_map(|step| match step {
        Step::Delete(deletion) => Some(format!("{}/{}", deletion.object.kind, deletion.object.name)),
        _ => None,
    });
    deleted.collect()
}

/// What is written back into Config.
pub fn write_back(plan: &Plan) -> Option<Value> {
    plan.steps.iter().find_map(|step| match step {
        Step::WriteBack(write_back) => Some(write_back.fields.clone()),
        _ => None,
    })
}

/// A condition as `Status Reason`.
pub fn short(conditions: &[Condition], type_: &str) -> String {
    let found = conditions.iter().find(|condition| condition.type_ == type_);
    let found = found.unwrap_or_else(|| panic!("no condition {type_}"));
    format!("{:?} {}", found.status, found.reason)
}

/// A condition of Config.
pub fn config_condition(plan: &Plan, type_: &str) -> String {
    short(&plan.status.config.as_ref().unwrap().conditions, type_)
}

/// A reported condition, to be observed by the next plan.
pub fn reported(type_: &str, status: &str, since: &str) -> Value {
    let condition = json!({ "type": type_, "status": status, "lastTransitionTime": since });
    // It is one that the reader understands.
    serde_json::from_value::<Reported>(condition.clone()).unwrap();
    condition
}
