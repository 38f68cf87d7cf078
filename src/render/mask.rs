//! Takes secrets out of objects that are shown to people.

use super::plan::{Plan, Step};
use crate::api::url::without_userinfo;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Stands where a secret was.
pub const MASKED: &str = "<masked>";

/// Replaces every secret in an object, rendered or live: the data of Secrets, private keys of Routes, the HTTP secret
/// in Config and in the registry's environment, copies of all that in annotations, and users and passwords in URLs of
/// proxies, wherever they are.
pub fn mask(object: &mut Value) {
    mask_urls(object);
    let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    let annotations = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
    let copy = annotations.and_then(|all| all.get_mut("kubectl.kubernetes.io/last-applied-configuration"));
    copy.into_iter().for_each(mask_scalar);
    match kind.as_str() {
        "Secret" => {
            for field in ["data", "stringData"] {
                let values = object.get_mut(field).and_then(Value::as_object_mut);
                values.into_iter().flat_map(|map| map.values_mut()).for_each(mask_scalar);
            }
        }
        "Route" => object.pointer_mut("/spec/tls/key").into_iter().for_each(mask_scalar),
        "Config" => object.pointer_mut("/spec/httpSecret").into_iter().for_each(mask_scalar),
        "Deployment" | "ReplicaSet" => {
            let containers = object.pointer_mut("/spec/template/spec/containers").and_then(Value::as_array_mut);
            containers.into_iter().flatten().for_each(mask_environment);
        }
        _ => {}
    }
}

/// The whole plan as a value without secrets.
pub fn masked_plan(plan: &Plan) -> Value {
    let steps: Vec<Value> = plan.steps.iter().map(masked_step).collect();
    let Plan { steps: _, status, problems, assumptions } = plan;
    let mut value = json!({ "steps": steps, "status": status, "problems": problems, "assumptions": assumptions });
    mask_urls(&mut value);
    value
}

/// A step as a value without secrets.
pub fn masked_step(step: &Step) -> Value {
    let mut value = json!(step);
    mask_urls(&mut value);
    match step {
        Step::Create(_) | Step::Apply(_) => {
            value.as_object_mut().into_iter().flat_map(|map| map.values_mut()).for_each(mask);
        }
        Step::WriteBack(_) => {
            if let Some(secret) = value.pointer_mut("/writeBack/fields/spec/httpSecret") {
                *secret = MASKED.into();
            }
        }
        // There is no secret in these.
        Step::Storage(_) | Step::Delete(_) | Step::ReleaseFinalizer(_) => {}
    }
    value
}

fn mask_environment(container: &mut Value) {
    let variables = container.get_mut("env").and_then(Value::as_array_mut);
    for variable in variables.into_iter().flatten() {
        if variable.get("name").and_then(Value::as_str) == Some("REGISTRY_HTTP_SECRET") {
            variable.get_mut("value").into_iter().for_each(mask_scalar);
        }
    }
}

/// Whatever is in a URL in front of its host.
fn mask_urls(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(masked) = without_userinfo(text, MASKED) {
                *text = masked;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask_urls),
        Value::Object(fields) => fields.values_mut().for_each(mask_urls),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// An empty value stays: that there is none is not a secret, and is worth knowing.
fn mask_scalar(value: &mut Value) {
    if !matches!(value, Value::Null) && value.as_str() != Some("") {
        *value = Value::String(MASKED.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_secret_is_masked_and_nothing_else() {
        for (mut object, want) in [
            (
                json!({"kind": "Secret", "data": {"a": "c2VjcmV0", "b": ""}, "stringData": {"c": "secret"}}),
                json!({"kind": "Secret", "data": {"a": MASKED, "b": ""}, "stringData": {"c": MASKED}}),
            ),
            (
                json!({"kind": "Route", "spec": {"host": "h", "tls": {"key": "secret", "certificate": "C"}}}),
                json!({"kind": "Route", "spec": {"host": "h", "tls": {"key": MASKED, "certificate": "C"}}}),
            ),
            (
                json!({"kind": "Config", "spec": {"httpSecret": "secret", "replicas": 1}}),
                json!({"kind": "Config", "spec": {"httpSecret": MASKED, "replicas": 1}}),
            ),
            (
                json!({"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"env": [
                    {"name": "REGISTRY_HTTP_SECRET", "value": "secret"}, {"name": "REGISTRY_STORAGE", "value": "s3"},
                ]}]}}}}),
                json!({"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"env": [
                    {"name": "REGISTRY_HTTP_SECRET", "value": MASKED}, {"name": "REGISTRY_STORAGE", "value": "s3"},
                ]}]}}}}),
            ),
            (
                json!({"kind": "ConfigMap", "metadata": {"annotations": {
                    "kubectl.kubernetes.io/last-applied-configuration": "secret", "a": "b"}}, "data": {"k": "v"}}),
                json!({"kind": "ConfigMap", "metadata": {"annotations": {
                    "kubectl.kubernetes.io/last-applied-configuration": MASKED, "a": "b"}}, "data": {"k": "v"}}),
            ),
            (
                json!({"kind": "Config", "spec": {"proxy": {"https": "http://u:p@proxy:1", "http": "http://proxy:1"}}}),
                json!({"kind": "Config", "spec": {"proxy": {
                    "https": "http://<masked>@proxy:1", "http": "http://proxy:1"}}}),
            ),
            (
                json!({"kind": "DaemonSet", "spec": {"template": {"spec": {"initContainers": [{"env": [
                    {"name": "HTTP_PROXY", "value": "http://u:p@proxy:1"}]}]}}}}),
                json!({"kind": "DaemonSet", "spec": {"template": {"spec": {"initContainers": [{"env": [
                    {"name": "HTTP_PROXY", "value": "http://<masked>@proxy:1"}]}]}}}}),
            ),
        ] {
            mask(&mut object);
            assert_eq!(object, want);
        }
    }
}
