//! An object as it stands in a file: its identity, its position and its fields.

use super::origin::Origin;
use serde_json::Value;
use std::fmt;

/// Where kubectl keeps a copy of the whole object, secrets included.
const COPY: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// An object of any kind. Its Debug output names it and shows no content.
pub(super) struct Object {
    pub(super) origin: Origin,
    pub(super) api_version: String,
    pub(super) kind: String,
    /// Empty for objects of the cluster.
    pub(super) namespace: String,
    pub(super) name: String,
    /// The whole document.
    pub(super) document: Value,
}

impl fmt::Debug for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Object({} at {})", self.label(), self.origin)
    }
}

/// Takes out what nothing depends on: the copy of the object, and who wrote which field, which is half of every dump.
pub(super) fn reduce(document: &mut Value) {
    if let Some(Value::Object(metadata)) = document.get_mut("metadata") {
        metadata.remove("managedFields");
        if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
            annotations.remove(COPY);
        }
    }
}

impl Object {
    /// `Kind/name` or `Kind/namespace/name`.
    pub(super) fn label(&self) -> String {
        let Object { kind, namespace, name, .. } = self;
        if namespace.is_empty() { format!("{kind}/{name}") } else { format!("{kind}/{namespace}/{name}") }
    }

    /// The part of `apiVersion` before the slash; empty for the core group.
    pub(super) fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }
}

#[cfg(test)]
mod tests {
    use super::reduce;
    use serde_json::json;

    #[test]
    fn the_copy_of_the_object_goes_and_other_annotations_stay() {
        let mut object = json!({ "metadata": { "managedFields": [{}], "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": "{\"data\":{\"key\":\"c2VjcmV0\"}}", "a": "b" } } });
        reduce(&mut object);
        assert_eq!(object, json!({ "metadata": { "annotations": { "a": "b" } } }));
        for odd in [json!(7), json!({ "metadata": [] }), json!({ "metadata": { "annotations": "x" } })] {
            let mut reduced = odd.clone();
            reduce(&mut reduced);
            assert_eq!(reduced, odd);
        }
    }
}
