//! A string that must not be seen: its value reaches serialised manifests and
//! nothing else.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// What is printed in place of a secret value.
pub const REDACTED: &str = "<redacted>";

/// A secret string (HTTP secret, private key). `Debug` and `Display` print
/// [`REDACTED`], so that logs, panics and diffs of the typed value cannot leak it;
/// serialisation writes the real value, because manifests need it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The real value. Call it only where the value is about to be written to
    /// the object that is meant to hold it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True if there is no value; says nothing else about it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// A key as a message may name it. What cannot be the name of a field, a label or a file, or has a part longer than a
/// label's, may be a secret that stands where a key should be.
pub fn shown_key(key: &str) -> &str {
    let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-' | '/' | '$');
    let is_short = key.split(['.', '/']).all(|part| part.len() <= 60);
    if is_short && key.chars().all(is_name) { key } else { "…" }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn is_never_printed() {
        let secret = Secret::from("hunter2".to_owned());
        assert_eq!(
            format!("{secret} {secret:?} {:#?}", Some(&secret)),
            "<redacted> <redacted> Some(\n    <redacted>,\n)"
        );
        assert_eq!(secret.expose(), "hunter2");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"hunter2\"");
    }
}
