//! The walk over a document along its schema.

use regex_lite::Regex;
use serde_json::{Map, Value};

use super::{FieldProblem, rules};
use crate::api::duration::GoDuration;
use crate::api::nearest::LONGEST;
use crate::api::quantity::validate_quantity;
use crate::api::secret::shown_key;

/// Collects problems while walking.
#[derive(Default)]
pub(super) struct Checker {
    pub(super) problems: Vec<FieldProblem>,
}

/// What a value is, in words.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(n) if n.is_f64() => "a fraction",
        Value::Number(_) => "a whole number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

/// What a schema wants, in words.
fn wanted(schema_type: &str) -> &'static str {
    match schema_type {
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "array" => "a list",
        "object" => "a mapping",
        _ => "a string",
    }
}

/// `parent.name`, or `name` at the root.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Names in quotes, separated by commas.
pub(super) fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|n| format!("{n:?}")).collect::<Vec<_>>().join(", ")
}

/// The known name that `name` most likely stands for. A field is often meant that begins in the same way, as `claim` by
/// `claimName`.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let lower = name.to_lowercase();
    let scored = known.iter().map(|k| {
        let other = k.to_lowercase();
        let similarity = strsim::jaro_winkler(&lower, &other);
        let near = similarity >= 0.85 || strsim::damerau_levenshtein(&lower, &other) <= 2.min(lower.len() / 2);
        (if near { similarity } else { 0.0 }, *k)
    });
    scored.filter(|(s, _)| *s > 0.0).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, k)| k)
}

impl Checker {
    pub(super) fn report(&mut self, path: &str, message: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(FieldProblem { path: path.to_owned(), message: message.into(), remedy: remedy.into() });
    }

    /// Reports the fields of `object` that are not among `known`.
    pub(super) fn unknown_fields(&mut self, object: &Map<String, Value>, known: &[&str], path: &str) {
        for name in sorted_keys(object).filter(|n| !known.contains(n)) {
            let remedy = match nearest(name, known) {
                Some(near) => format!("did you mean {near:?}?"),
                None if known.is_empty() => "remove it: no fields are known here".to_owned(),
                None => format!("known fields: {}", quoted_list(known.iter().copied())),
            };
            let name = shown_key(name);
            self.report(&join(path, name), format!("unknown field {name:?}"), remedy);
        }
    }

    /// Checks a value; a null that reaches here is an error unless it may be one.
    pub(super) fn value(&mut self, schema: &Value, value: &Value, path: &str) {
        let flag = |name: &str| schema.get(name) == Some(&Value::Bool(true));
        if value.is_null() && flag("nullable") {
            return;
        }
        if flag("x-kubernetes-int-or-string") {
            return self.quantity(value, path);
        }
        let schema_type = schema.get("type").and_then(Value::as_str).unwrap_or("object");
        match (schema_type, value) {
            ("object", Value::Object(_)) if flag("x-kubernetes-preserve-unknown-fields") => {}
            ("object", Value::Object(object)) => self.object(schema, object, path),
            ("array", Value::Array(items)) => self.array(schema, items, path),
            ("string", Value::String(text)) => self.string(schema, text, path),
            ("integer", Value::Number(n)) if !n.is_f64() => self.integer(schema, n, path),
            ("boolean", Value::Bool(_)) => {}
            _ => self.wrong_type(schema_type, value, path),
        }
    }

    fn wrong_type(&mut self, schema_type: &str, value: &Value, path: &str) {
        let unquoted_fits = match (schema_type, value) {
            ("integer", Value::String(text)) => text.parse::<i64>().is_ok(),
            ("boolean", Value::String(text)) => matches!(text.as_str(), "true" | "false"),
            _ => false,
        };
        let remedy = match (schema_type, value) {
            _ if unquoted_fits => "write it without quotes".to_owned(),
            ("string", Value::Number(_) | Value::Bool(_)) => "write it in quotes".to_owned(),
            _ => format!("write {}", wanted(schema_type)),
        };
        self.report(path, format!("expected {}, found {}", wanted(schema_type), type_name(value)), remedy);
    }

    fn object(&mut self, schema: &Value, object: &Map<String, Value>, path: &str) {
        if let Some(values) = schema.get("additionalProperties") {
            for name in sorted_keys(object) {
                if let Some(value) = object.get(name).filter(|v| !v.is_null()) {
                    self.value(values, value, &join(path, shown_key(name)));
                }
            }
            return;
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let known: Vec<&str> = properties.map(|p| sorted_keys(p).collect()).unwrap_or_default();
        self.unknown_fields(object, &known, path);
        for required in strings(schema.get("required")) {
            if object.get(required).is_none_or(Value::is_null) {
                self.report(&join(path, required), "required field is missing", format!("add {required}"));
            }
        }
        for name in &known {
            // The API server drops a null of a field that is not nullable, so it is no error.
            let value = object.get(*name).filter(|v| !v.is_null());
            if let (Some(value), Some(inner)) = (value, properties.and_then(|p| p.get(*name))) {
                self.value(inner, value, &join(path, name));
            }
        }
        rules::object(self, schema, object, path);
    }

    fn array(&mut self, schema: &Value, items: &[Value], path: &str) {
        let Some(item_schema) = schema.get("items") else { return };
        let keys: Vec<&str> = strings(schema.get("x-kubernetes-list-map-keys")).collect();
        let key_of = |item: &Value| keys.iter().map(|k| item.get(*k).cloned()).collect::<Vec<_>>();
        for (index, item) in items.iter().enumerate() {
            let item_path = format!("{path}[{index}]");
            self.value(item_schema, item, &item_path);
            let first = items.iter().take(index).position(|other| key_of(other) == key_of(item));
            if let (false, Some(first)) = (keys.is_empty(), first) {
                let message = format!("same {} as {path}[{first}]", keys.join(", "));
                self.report(&item_path, message, "remove one of the two");
            }
        }
    }

    fn string(&mut self, schema: &Value, text: &str, path: &str) {
        let allowed: Vec<&str> = strings(schema.get("enum")).collect();
        if !allowed.is_empty() && !allowed.contains(&text) {
            return self.not_allowed(text, &allowed, path);
        }
        let limit = |name: &str| schema.get(name).and_then(Value::as_u64);
        let length = text.chars().count() as u64;
        if let Some(least) = limit("minLength").filter(|l| length < *l) {
            self.report(path, format!("it has {length} characters"), format!("use at least {least}"));
        }
        if let Some(most) = limit("maxLength").filter(|l| length > *l) {
            self.report(path, format!("it has {length} characters"), format!("use at most {most}"));
        }
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
            self.pattern(pattern, text, path);
        }
        match schema.get("format").and_then(Value::as_str) {
            Some("duration") => {
                if let Err(reason) = text.parse::<GoDuration>() {
                    let message = format!("{} is not a duration: {reason}", shown(text));
                    self.report(path, message, "write a duration such as \"30s\" or \"1h30m\"");
                }
            }
            Some("cron") => rules::schedule(self, text, path),
            _ => {}
        }
    }

    fn not_allowed(&mut self, text: &str, allowed: &[&str], path: &str) {
        let remedy = match nearest(text, allowed) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("use one of {}", quoted_list(allowed.iter().copied())),
        };
        self.report(path, format!("{} is not an allowed value", shown(text)), remedy);
    }

    fn pattern(&mut self, pattern: &str, text: &str, path: &str) {
        // Patterns that only list words are enumerations to the reader.
        if let Some(words) = pattern.strip_prefix("^(").and_then(|p| p.strip_suffix(")$"))
            && words.chars().all(|c| c.is_ascii_alphanumeric() || c == '|')
        {
            let allowed: Vec<&str> = words.split('|').collect();
            if !allowed.contains(&text) {
                self.not_allowed(text, &allowed, path);
            }
            return;
        }
        // The patterns are constants of the schema; a test compiles each of them.
        if Regex::new(pattern).is_ok_and(|r| !r.is_match(text)) {
            let remedy = format!("use {}", rules::pattern_in_words(pattern));
            self.report(path, format!("{} has not the required form", shown(text)), remedy);
        }
    }

    fn integer(&mut self, schema: &Value, number: &serde_json::Number, path: &str) {
        let Some(n) = number.as_i64() else {
            return self.report(path, format!("{number} is too large"), format!("use at most {}", i64::MAX));
        };
        let is_i32 = schema.get("format").is_some_and(|f| f == "int32");
        let (type_least, type_most) = if is_i32 { (i32::MIN.into(), i32::MAX.into()) } else { (i64::MIN, i64::MAX) };
        let bound = |name: &str, or: i64| schema.get(name).and_then(Value::as_i64).unwrap_or(or);
        let (least, most) = (bound("minimum", type_least), bound("maximum", type_most));
        if n < least || n > most {
            self.report(path, format!("{n} is out of range"), format!("use {least} to {most}"));
        }
    }

    fn quantity(&mut self, value: &Value, path: &str) {
        const EXAMPLES: &str = "write a quantity such as \"100m\" or \"256Mi\"";
        match value {
            Value::String(text) => {
                if let Err(reason) = validate_quantity(text) {
                    self.report(path, format!("{} is not a quantity: {reason}", shown(text)), EXAMPLES);
                }
            }
            Value::Number(n) if n.as_i64().is_some() => {}
            Value::Number(n) => {
                self.report(path, "expected a quantity, found a fraction", format!("write \"{n}\" in quotes"))
            }
            other => self.report(path, format!("expected a quantity, found {}", type_name(other)), EXAMPLES),
        }
    }
}

/// A value in quotes, cut to a readable length.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    if text.chars().count() <= MOST {
        return format!("{text:?}");
    }
    format!("{:?} (cut)", text.chars().take(MOST).collect::<String>())
}

/// Keys in a fixed order, whatever map serde_json was built with.
fn sorted_keys(map: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let mut keys: Vec<&str> = map.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys.into_iter()
}

fn strings(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
