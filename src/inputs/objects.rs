//! Secrets and ConfigMaps, by namespace and name.

use super::Observed;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Bytes of a Secret. They never appear in Debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// The bytes themselves; whoever calls this decides where they go.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text, if they are UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        SecretBytes(bytes)
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<redacted>")
    }
}

/// The content of a Secret: `data`, with `stringData` merged in as the API server does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretData {
    /// The Secret's `type`; empty means Opaque.
    pub type_: String,
    /// Values by key.
    pub data: BTreeMap<String, SecretBytes>,
    /// Whether the Secret is immutable.
    pub immutable: Option<bool>,
}

/// The content of a ConfigMap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigMapData {
    /// Text values by key.
    pub data: BTreeMap<String, String>,
    /// Binary values by key.
    pub binary_data: BTreeMap<String, Vec<u8>>,
    /// Whether the ConfigMap is immutable.
    pub immutable: Option<bool>,
}

/// Namespace and name.
pub type Key = (String, String);

/// The Secrets and ConfigMaps that were given or looked up.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// Secrets; a key that is missing here was not looked at.
    pub secrets: BTreeMap<Key, Observed<SecretData>>,
    /// ConfigMaps; a key that is missing here was not looked at.
    pub config_maps: BTreeMap<Key, Observed<ConfigMapData>>,
    /// Kind and namespace of which everything was seen: a key that is missing above is absent.
    pub complete: BTreeSet<(String, String)>,
}

impl Objects {
    /// The Secret's content, if it was seen.
    pub fn secret(&self, namespace: &str, name: &str) -> Option<&SecretData> {
        self.secrets.get(&key(namespace, name)).and_then(Observed::present)
    }

    /// The ConfigMap's content, if it was seen.
    pub fn config_map(&self, namespace: &str, name: &str) -> Option<&ConfigMapData> {
        self.config_maps.get(&key(namespace, name)).and_then(Observed::present)
    }

    /// Whether anybody looked for the Secret.
    pub fn secret_was_looked_at(&self, namespace: &str, name: &str) -> bool {
        self.secrets.get(&key(namespace, name)).is_some_and(Observed::was_looked_at)
            || self.is_complete("Secret", namespace)
    }

    /// Whether anybody looked for the ConfigMap.
    pub fn config_map_was_looked_at(&self, namespace: &str, name: &str) -> bool {
        self.config_maps.get(&key(namespace, name)).is_some_and(Observed::was_looked_at)
            || self.is_complete("ConfigMap", namespace)
    }

    fn is_complete(&self, kind: &str, namespace: &str) -> bool {
        self.complete.contains(&(kind.to_owned(), namespace.to_owned()))
    }
}

fn key(namespace: &str, name: &str) -> Key {
    (namespace.to_owned(), name.to_owned())
}
