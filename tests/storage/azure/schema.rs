//! Whether a body is what a published schema allows.

use serde_json::{Map, Value};

/// A shape is an object of fields (`!field` is required), a list of one shape, or the name of a type: `string`, `bool`,
/// `number`, `strings` (an object of strings), or `=a|b` for one of these strings.
///
/// # Errors
/// Where the value is not of that shape.
pub fn check(value: &Value, shape: &Value) -> Result<(), String> {
    at("", value, shape)
}

fn at(path: &str, value: &Value, shape: &Value) -> Result<(), String> {
    match (value, shape) {
        (Value::Object(value), Value::Object(shape)) => fields(path, value, shape),
        (Value::Array(items), Value::Array(shape)) => {
            items.iter().try_for_each(|item| at(&format!("{path}[]"), item, &shape[0]))
        }
        (value, Value::String(type_)) if is(value, type_) => Ok(()),
        _ => Err(format!("{path}: {value} is not {shape}")),
    }
}

fn fields(path: &str, value: &Map<String, Value>, shape: &Map<String, Value>) -> Result<(), String> {
    for name in shape.keys().filter_map(|name| name.strip_prefix('!')) {
        if !value.contains_key(name) {
            return Err(format!("{path}.{name} is missing"));
        }
    }
    value.iter().try_for_each(|(name, value)| {
        let shape = shape.get(name).or_else(|| shape.get(&format!("!{name}")));
        let path = format!("{path}.{name}");
        shape.map_or_else(|| Err(format!("{path} is not known")), |shape| at(&path, value, shape))
    })
}

fn is(value: &Value, type_: &str) -> bool {
    match (type_, value) {
        ("string", Value::String(_)) | ("bool", Value::Bool(_)) | ("number", Value::Number(_)) => true,
        ("strings", Value::Object(fields)) => fields.values().all(Value::is_string),
        (type_, Value::String(value)) => {
            type_.strip_prefix('=').is_some_and(|names| names.split('|').any(|name| name == value))
        }
        _ => false,
    }
}
