//! An object as it stands in a file: its identity, its position and its fields.

use super::paths::Origin;
use serde_json::Value;

/// An object of any kind.
#[derive(Debug)]
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
