//! An object as the API server has it, and who manages which of its fields.

use crate::render::ObjectId;
use serde_json::{Map, Value};

/// The operator's field manager for what it renders and reports.
pub const MANAGER: &str = "image-registry-operator";
/// The operator's field manager for derived values in Config.
pub const DEFAULTS: &str = "image-registry-operator-defaults";
/// The reference's field managers; what they own is taken over.
pub const REFERENCE: [&str; 2] = ["cluster-image-registry-operator", "ImageRegistryConfigObserver-ConfigObserver"];

/// What is the operator's as a whole, as in the reference: additions of others go. A container more, a variable more, or
/// a label more in a selector would change what the object does although every rendered field still stands.
///
/// Kind, and the path in FieldsV1. The rest of a workload's spec and its pods' annotations are not among it, so that a
/// rollout can be paused or started by hand.
const WHOLE: [(&str, &[&str]); 5] = [
    ("Deployment", &["f:spec", "f:template", "f:spec"]),
    ("DaemonSet", &["f:spec", "f:template", "f:spec"]),
    ("CronJob", &["f:spec", "f:jobTemplate", "f:spec", "f:template", "f:spec"]),
    ("NetworkPolicy", &["f:spec"]),
    ("PodDisruptionBudget", &["f:spec"]),
];

/// One entry of `metadata.managedFields`.
#[derive(Clone, Debug, PartialEq)]
pub struct Manager {
    /// Whose it is.
    pub name: String,
    /// Whether it came by server-side apply.
    pub applies: bool,
    /// The subresource it came through; empty for the object itself.
    pub subresource: String,
    /// When the manager last changed a field; it changes with every change.
    pub time: String,
    /// The fields, in the form of FieldsV1 (structured-merge-diff).
    pub fields: Value,
}

/// A live object. Its Debug output names it and shows no content.
#[derive(Clone, PartialEq)]
pub struct Live {
    id: ObjectId,
    body: Value,
    managers: Vec<Manager>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Live({})", self.id)
    }
}

impl Live {
    /// Takes an object apart; none if it is not one. Who manages what is kept for the operator's own managers, the
    /// reference's, and those who intrude: the rest is most of an object and of no use.
    pub fn new(body: Value) -> Option<Self> {
        let mut live = Live::with_all_managers(body)?;
        let kind = live.id.kind.clone();
        let is_of_use = |manager: &Manager| {
            is_ours(&manager.name) || REFERENCE.contains(&manager.name.as_str()) || intrudes(&kind, manager)
        };
        live.managers.retain(is_of_use);
        live.managers.shrink_to_fit();
        Some(live)
    }

    /// The same, with everybody's entries.
    pub fn with_all_managers(mut body: Value) -> Option<Self> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let metadata = body.get("metadata")?;
        let id = ObjectId {
            api_version: text(body.get("apiVersion")),
            kind: text(body.get("kind")),
            namespace: text(metadata.get("namespace")),
            name: text(metadata.get("name")),
        };
        let managed = body.get_mut("metadata")?.as_object_mut()?.remove("managedFields");
        let entries = managed.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let managers = entries.iter().map(manager).collect();
        Some(Live { id, body, managers })
    }

    /// Which object it is.
    pub fn id(&self) -> &ObjectId {
        &self.id
    }

    /// The object, without managedFields.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// The entries of managedFields that were kept.
    pub fn managers(&self) -> &[Manager] {
        &self.managers
    }

    /// The entry of one of the operator's managers for the object or a subresource.
    pub fn entry(&self, name: &str, subresource: &str) -> Option<&Manager> {
        self.managers
            .iter()
            .find(|manager| manager.applies && manager.name == name && manager.subresource == subresource)
    }

    /// Whether the object, or its subresource, has fields to take over: the reference's, the operator's own that it
    /// wrote in another way than by applying, or additions to what is the operator's as a whole.
    pub fn has_to_be_taken_over(&self, subresource: &str) -> bool {
        let is_to_be = |manager: &Manager| {
            REFERENCE.contains(&manager.name.as_str())
                || manager.name == MANAGER && !manager.applies
                || intrudes(&self.id.kind, manager)
        };
        self.managers.iter().any(|manager| is_to_be(manager) && manager.subresource == subresource)
    }

    /// A text of the metadata, as `uid`; empty if it is not there.
    pub fn metadata(&self, field: &str) -> &str {
        self.body.get("metadata").and_then(|metadata| metadata.get(field)).and_then(Value::as_str).unwrap_or_default()
    }

    /// The version of the object as a number, so that older news can be told from newer.
    ///
    /// Source: Kubernetes API concepts, "Resource versions": comparable as numbers within a resource since 1.35;
    /// earlier servers keep to it in practice.
    pub fn version(&self) -> u64 {
        self.metadata("resourceVersion").parse().unwrap_or(0)
    }
}

/// The part of a kind's objects that is the operator's as a whole, if there is one.
pub fn whole(kind: &str) -> Option<&'static [&'static str]> {
    WHOLE.iter().find(|(whole, _)| *whole == kind).map(|(_, path)| *path)
}

/// Whether somebody else has a hand in what is the operator's as a whole.
fn intrudes(kind: &str, manager: &Manager) -> bool {
    let is_others = manager.subresource.is_empty() && !is_ours(&manager.name);
    is_others && whole(kind).is_some_and(|path| manager.fields.pointer(&format!("/{}", path.join("/"))).is_some())
}

/// Whether a manager is one of the operator's.
pub fn is_ours(name: &str) -> bool {
    name == MANAGER || name == DEFAULTS
}

fn manager(entry: &Value) -> Manager {
    let text = |field: &str| entry.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    Manager {
        name: text("manager"),
        applies: text("operation") == "Apply",
        subresource: text("subresource"),
        time: text("time"),
        fields: entry.get("fieldsV1").cloned().unwrap_or_else(|| Value::Object(Map::new())),
    }
}
