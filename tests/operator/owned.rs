//! What the operator owns in the cluster, by `metadata.managedFields`.

use crate::cluster::Cluster;
use serde_json::{Value, json};

/// The operator's field manager.
pub const MANAGER: &str = "image-registry-operator";

/// The kinds of which the operator owns objects, and where.
const PLACES: [(&str, &str, &str); 13] = [
    ("apps/v1", "Deployment", "openshift-image-registry"),
    ("apps/v1", "DaemonSet", "openshift-image-registry"),
    ("batch/v1", "CronJob", "openshift-image-registry"),
    ("v1", "Service", "openshift-image-registry"),
    ("v1", "ServiceAccount", "openshift-image-registry"),
    ("v1", "Secret", "openshift-image-registry"),
    ("v1", "ConfigMap", "openshift-image-registry"),
    ("v1", "ConfigMap", "openshift-config-managed"),
    ("networking.k8s.io/v1", "NetworkPolicy", "openshift-image-registry"),
    ("policy/v1", "PodDisruptionBudget", "openshift-image-registry"),
    ("route.openshift.io/v1", "Route", "openshift-image-registry"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", ""),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", ""),
];

/// Every object that the operator has applied.
pub async fn owned(cluster: &Cluster) -> Vec<Value> {
    let mut found = Vec::new();
    for (api_version, kind, namespace) in PLACES {
        let objects = cluster.list(api_version, kind, namespace).await.unwrap();
        found.extend(objects.into_iter().filter(|object| fields(object).is_some()));
    }
    found
}

/// The fields that the operator owns in an object, as FieldsV1.
pub fn fields(object: &Value) -> Option<&Value> {
    let entries = object["metadata"]["managedFields"].as_array()?;
    let is_ours = |entry: &&Value| {
        entry["manager"] == MANAGER && entry["operation"] == "Apply" && entry.get("subresource").is_none()
    };
    entries.iter().find(is_ours).map(|entry| &entry["fieldsV1"])
}

/// `Kind name`, for messages.
pub fn title(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    format!("{} {}", text("/kind"), text("/metadata/name"))
}

/// A path within FieldsV1: `f:<field>`, `k:<keys of an item>`, `v:<value of an item>`.
pub type Path = Vec<String>;

/// The paths that end in a value, and those of everything that is owned as a whole (which includes the former).
pub fn paths(fields: &Value) -> (Vec<Path>, Vec<Path>) {
    fn walk(at: &Path, fields: &Value, leaves: &mut Vec<Path>, wholes: &mut Vec<Path>) {
        let inner: Vec<_> = fields.as_object().into_iter().flatten().filter(|(name, _)| *name != ".").collect();
        if inner.is_empty() {
            leaves.push(at.clone());
        }
        if inner.is_empty() || fields.get(".").is_some() {
            wholes.push(at.clone());
        }
        for (name, fields) in inner {
            walk(&[at.as_slice(), std::slice::from_ref(name)].concat(), fields, leaves, wholes);
        }
    }
    let (mut leaves, mut wholes) = (Vec::new(), Vec::new());
    walk(&Vec::new(), fields, &mut leaves, &mut wholes);
    (leaves, wholes)
}

/// The JSON pointer to which a path leads in an object.
pub fn pointer(path: &Path, object: &Value) -> Option<String> {
    let (mut pointer, mut at) = (String::new(), object);
    for step in path {
        let (kind, text) = step.split_at(2);
        let name = match kind {
            "f:" => text.to_owned(),
            _ => {
                let wanted: Value = serde_json::from_str(text).ok()?;
                let is_it = |item: &Value| match kind {
                    "k:" => wanted.as_object().is_some_and(|keys| keys.iter().all(|(key, value)| item[key] == *value)),
                    _ => *item == wanted,
                };
                at.as_array()?.iter().position(is_it)?.to_string()
            }
        };
        pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        at = object.pointer(&pointer)?;
    }
    Some(pointer)
}

/// Values of the same type that could stand instead, the likeliest first; which of them are valid is for the API
/// server to say.
pub fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![json!("drift")],
        Value::Bool(flag) => vec![json!(!flag)],
        Value::Number(number) => {
            let number = number.as_i64().unwrap_or_default();
            [number + 1, number - 1].into_iter().map(Value::from).collect()
        }
        Value::String(text) => {
            let mut texts = vec![format!("{text}x")];
            texts.extend(WORDS.iter().filter(|word| *word != text).map(|word| (*word).to_owned()));
            texts.into_iter().map(Value::from).collect()
        }
        Value::Array(items) => {
            let shorter = items.split_last().map(|(_, rest)| json!(rest));
            let changed = items.last().into_iter().flat_map(others).map(|last| {
                let mut items = items.clone();
                items.pop();
                items.push(last);
                json!(items)
            });
            changed.chain(shorter).collect()
        }
        Value::Object(fields) => {
            let extra = |name: &str, value: Value| {
                let mut fields = fields.clone();
                fields.insert(name.to_owned(), value);
                json!(fields)
            };
            let mut changed = vec![extra("drift", json!("drift")), extra("matchLabels", json!({"drift": "drift"}))];
            for (name, value) in fields {
                changed.extend(others(value).into_iter().map(|value| extra(name, value)));
            }
            changed
        }
    }
}

/// What enumerations, quantities and encoded texts may be.
const WORDS: [&str; 25] = [
    "50%",
    "1 1 * * *",
    "Ignore",
    "ScheduleAnyway",
    "IfHealthyBudget",
    "OnFailure",
    "Never",
    "IfNotPresent",
    "Always",
    "RollingUpdate",
    "OnDelete",
    "Recreate",
    "Default",
    "Allow",
    "Forbid",
    "NodePort",
    "UDP",
    "HTTP",
    "edge",
    "Egress",
    "File",
    "17",
    "17Mi",
    "eyJhdXRocyI6e319",
    "ZHJpZnQ=",
];
