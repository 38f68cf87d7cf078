//! Reading an object into its type, with the paths of the fields that do not fit.

use super::object::Object;
use super::report::Report;
use crate::api::secret::shown_key;
use serde_json::{Map, Value};

/// Wrong fields that are named for one object.
const NAMED: usize = 20;

/// The object in its type; what does not fit goes to the report.
pub(super) fn read<T>(
    object: &Object,
    parse: fn(Value) -> Result<T, serde_json::Error>,
    report: &mut Report,
) -> Option<T> {
    let error = match parse(object.document.clone()) {
        Ok(value) => return Some(value),
        Err(error) => error,
    };
    let mut search = Search { parse: &|probe| parse(probe).err(), path: Vec::new(), found: Vec::new() };
    search.children(&object.document);
    let mut found = search.found;
    if found.is_empty() {
        found.push((String::new(), explain(&error)));
    }
    for (path, message) in found {
        report.object(object, path, "InvalidInput", message, "correct the field, or dump the object again");
    }
    None
}

/// What the error says, without any value that it quotes.
pub(super) fn explain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let mismatch = text.strip_prefix("invalid type: ").or_else(|| text.strip_prefix("invalid value: "));
    if let Some((found, expected)) = mismatch.and_then(|rest| rest.rsplit_once(", expected ")) {
        // The type comes first; a quoted value follows it.
        let found = found.split(['`', '"']).next().unwrap_or_default().trim();
        return format!("has the wrong type: {found} instead of {expected}");
    }
    if text.starts_with("missing field") {
        return text;
    }
    "has a value that cannot be read".to_owned()
}

/// Finds wrong fields by reading the object again with one field at a time; serde itself names no path.
struct Search<'a> {
    parse: &'a dyn Fn(Value) -> Option<serde_json::Error>,
    path: Vec<Step>,
    found: Vec<(String, String)>,
}

#[derive(Clone)]
enum Step {
    Key(String),
    Index(usize),
}

impl Search<'_> {
    fn children(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.child(Step::Key(key.clone()), value);
                }
            }
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.child(Step::Index(index), value);
                }
            }
            _ => {}
        }
    }

    fn child(&mut self, step: Step, value: &Value) {
        if self.found.len() >= NAMED {
            return;
        }
        self.path.push(step);
        let empty = self.error(Value::Object(Map::new())).filter(|_| value.is_object());
        // An object that is refused for what it lacks is no sign of a wrong field within it.
        if let Some(error) = self.error(value.clone()) {
            let before = self.found.len();
            self.children(value);
            let lacking = empty.is_some_and(|empty| empty.to_string() == error.to_string());
            if self.found.len() == before && !lacking {
                self.found.push((path(&self.path), explain(&error)));
            }
        }
        self.path.pop();
    }

    /// What is wrong with an object that has nothing but this value at the current path.
    fn error(&self, value: Value) -> Option<serde_json::Error> {
        let probe = self.path.iter().rev().fold(value, |inner, step| match step {
            Step::Key(key) => Value::Object(Map::from_iter([(key.clone(), inner)])),
            Step::Index(_) => Value::Array(vec![inner]),
        });
        (self.parse)(probe)
    }
}

fn path(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Index(index) => path.push_str(&format!("[{index}]")),
            Step::Key(key) => path = field(&path, key),
        }
    }
    path
}

/// The path of a field within another; keys that are no words stand in brackets, and those that may be a value in the
/// wrong place are not told.
pub(super) fn field(path: &str, key: &str) -> String {
    let key = shown_key(key);
    let is_word = !key.is_empty() && key.chars().all(|char| char.is_ascii_alphanumeric() || char == '_' || char == '-');
    match (path.is_empty(), is_word) {
        (true, _) => key.to_owned(),
        (false, true) => format!("{path}.{key}"),
        (false, false) => format!("{path}[{key}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn a_key_that_may_be_a_secret_is_not_told() {
        assert_eq!(field("data", "tls.crt"), "data[tls.crt]");
        assert_eq!(field("metadata.annotations", "a.io/b"), "metadata.annotations[a.io/b]");
        let token = "eyJhbGciOiJSUzI1NiJ9.".to_owned() + &"s".repeat(61);
        for key in ["my pass phrase", "c2VjcmV0+c2VjcmV0==", "-----BEGIN PRIVATE KEY-----\n", token.as_str()] {
            assert_eq!(field("data", key), "data[…]", "{key}");
        }
    }
}
