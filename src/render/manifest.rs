//! An object to apply: exactly the fields that the operator owns.

use k8s_openapi::Resource;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// Which object, without its content. Ordered by group, kind, namespace, name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectId {
    /// `group/version`, or the version alone for the core group.
    pub api_version: String,
    /// The kind, as `Deployment`.
    pub kind: String,
    /// The namespace; empty for cluster-scoped objects.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl ObjectId {
    /// Names an object of a type that is known at compile time.
    pub fn of<K: Resource>(namespace: &str, name: &str) -> Self {
        ObjectId {
            api_version: K::API_VERSION.to_owned(),
            kind: K::KIND.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ObjectId { api_version: _, kind, namespace, name } = self;
        match namespace.as_str() {
            "" => write!(formatter, "{kind}/{name}"),
            namespace => write!(formatter, "{kind}/{namespace}/{name}"),
        }
    }
}

/// A rendered object. Its Debug output names it and shows no content, since the content may be secret.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Manifest {
    body: Value,
    #[serde(skip)]
    id: ObjectId,
}

impl Manifest {
    /// Wraps a typed object: sets `apiVersion` and `kind`, and drops every null, empty map and empty list that
    /// the API server would drop as well (sending them makes repeated applies differ for ever).
    ///
    /// An empty map or list that carries meaning (`podSelector: {}`, `emptyDir: {}`, `egress: [{}]`) is kept:
    /// only fields of [`DROPPED_WHEN_EMPTY`] are dropped.
    pub fn new<K: Resource + Serialize>(namespace: &str, name: &str, object: &K) -> Self {
        Manifest::from_value(ObjectId::of::<K>(namespace, name), serde_json::to_value(object).unwrap_or_default())
    }

    /// The same for an object whose type is ours.
    pub fn from_value(id: ObjectId, value: Value) -> Self {
        let mut body = match value {
            Value::Object(map) => map,
            // Every object is a struct and serialises to a map.
            _ => Map::new(),
        };
        body.insert("apiVersion".to_owned(), Value::String(id.api_version.clone()));
        body.insert("kind".to_owned(), Value::String(id.kind.clone()));
        let mut body = Value::Object(body);
        drop_empty(&mut body);
        Manifest { body, id }
    }

    /// Which object it is.
    pub fn id(&self) -> &ObjectId {
        &self.id
    }

    /// The fields to apply.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// The fields to apply, for a caller that changes its own copy.
    pub fn into_body(self) -> Value {
        self.body
    }
}

impl fmt::Debug for Manifest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Manifest({})", self.id)
    }
}

/// Fields that say nothing when empty. `status` never comes from us. The second half is what a user may have left empty
/// within an affinity, a constraint on spreading or resources.
const DROPPED_WHEN_EMPTY: [&str; 22] = [
    "metadata",
    "annotations",
    "labels",
    "data",
    "binaryData",
    "env",
    "tolerations",
    "nodeSelector",
    "resources",
    "topologySpreadConstraints",
    "limits",
    "requests",
    "claims",
    "matchExpressions",
    "matchFields",
    "matchLabelKeys",
    "matchLabels",
    "mismatchLabelKeys",
    "namespaces",
    "preferredDuringSchedulingIgnoredDuringExecution",
    "requiredDuringSchedulingIgnoredDuringExecution",
    "values",
];

fn drop_empty(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(drop_empty);
            map.retain(|name, value| match value {
                Value::Null => false,
                Value::Object(inner) if inner.is_empty() => !DROPPED_WHEN_EMPTY.contains(&name.as_str()),
                Value::Array(inner) if inner.is_empty() => !DROPPED_WHEN_EMPTY.contains(&name.as_str()),
                _ => true,
            });
        }
        Value::Array(items) => items.iter_mut().for_each(drop_empty),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Name and namespace as metadata; an empty namespace means cluster-scoped.
pub fn metadata(namespace: &str, name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: (!namespace.is_empty()).then(|| namespace.to_owned()),
        ..ObjectMeta::default()
    }
}

/// A map of strings, as labels, annotations and selectors are.
pub fn strings<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;
    use crate::render::lint::lint;
    use crate::render::plan::{Plan, Step};
    use crate::render::status::StatusReport;
    use serde_json::json;

    /// What the API server drops would be applied again and again; what it keeps changes what the pods do.
    #[test]
    fn empty_parts_of_a_users_affinity_and_resources_are_dropped_where_the_api_server_drops_them() {
        let pod = |affinity: Value, resources: Value| {
            let spec = json!({ "affinity": affinity, "containers": [{ "name": "r", "resources": resources }] });
            json!({ "metadata": { "name": "a", "namespace": "openshift-image-registry" }, "spec": spec })
        };
        let given = pod(
            json!({
                "nodeAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        { "weight": 1, "preference": { "matchExpressions": [], "matchFields": [] } },
                    ],
                    "requiredDuringSchedulingIgnoredDuringExecution": { "nodeSelectorTerms": [{ "matchFields": [] }] },
                },
                "podAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [] },
                "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [{
                    "topologyKey": "k", "namespaces": [], "namespaceSelector": {}, "matchLabelKeys": [],
                    "labelSelector": { "matchLabels": {}, "matchExpressions": [{ "key": "k", "operator": "Exists", "values": [] }] },
                }] },
            }),
            json!({ "limits": {}, "requests": { "cpu": "1" }, "claims": [] }),
        );
        let wanted = pod(
            json!({
                "nodeAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [{ "weight": 1, "preference": {} }],
                    "requiredDuringSchedulingIgnoredDuringExecution": { "nodeSelectorTerms": [{}] },
                },
                "podAffinity": {},
                "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [{
                    "topologyKey": "k", "namespaceSelector": {},
                    "labelSelector": { "matchExpressions": [{ "key": "k", "operator": "Exists" }] },
                }] },
            }),
            json!({ "requests": { "cpu": "1" } }),
        );
        let id = ObjectId::of::<k8s_openapi::api::core::v1::Pod>("openshift-image-registry", "a");
        let manifest = Manifest::from_value(id, given);
        assert_eq!(manifest.body()["spec"], wanted["spec"]);
        let plan = Plan {
            steps: vec![Step::Apply(manifest)],
            status: StatusReport::default(),
            problems: Vec::new(),
            assumptions: Vec::new(),
        };
        let empty: Vec<Problem> = lint(&plan).into_iter().filter(|problem| problem.reason == "EmptyValue").collect();
        assert_eq!(empty, []);
    }
}
