//! Printing YAML that every reader takes for the same values, whether it knows version 1.1 or 1.2.
//!
//! The order of keys is fixed and pleasant: what names an object comes first, the rest is alphabetical. It is not
//! the order of a serialiser, which is why this is not left to one.

mod scalar;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

/// One document: a line `---`, then the value, then the end of the line.
pub fn document(value: &Value) -> String {
    let mut out = "---\n".to_owned();
    match value {
        Value::Object(map) if !map.is_empty() => write_map(&mut out, map, Place { indent: 0, ..Place::default() }),
        Value::Array(items) if !items.is_empty() => write_list(&mut out, items, Place::default()),
        scalar => {
            out.push_str(&scalar::one_line(scalar));
            out.push('\n');
        }
    }
    out
}

/// Where a map or a list begins.
#[derive(Clone, Copy, Default)]
struct Place<'a> {
    /// The column of its keys or dashes.
    indent: usize,
    /// Whether the cursor is there already, after a dash.
    inline: bool,
    /// The key whose value it is; empty for the root.
    key: &'a str,
    /// Whether it is an item of a list.
    is_item: bool,
}

fn write_map(out: &mut String, map: &Map<String, Value>, place: Place<'_>) {
    for (position, (key, value)) in in_order(map, place).into_iter().enumerate() {
        if position > 0 || !place.inline {
            pad(out, place.indent);
        }
        // Kubernetes has no keys beyond the 1024 characters that YAML allows on a line.
        out.push_str(&scalar::text(key));
        out.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                write_map(out, inner, Place { indent: place.indent + 2, key, ..Place::default() });
            }
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                write_list(out, items, Place { indent: place.indent, key, ..Place::default() });
            }
            scalar => {
                out.push(' ');
                write_scalar(out, scalar, place.indent + 2);
            }
        }
    }
}

fn write_list(out: &mut String, items: &[Value], place: Place<'_>) {
    for (position, item) in items.iter().enumerate() {
        if position > 0 || !place.inline {
            pad(out, place.indent);
        }
        out.push_str("- ");
        let inner = Place { indent: place.indent + 2, inline: true, key: place.key, is_item: true };
        match item {
            Value::Object(map) if !map.is_empty() => write_map(out, map, inner),
            Value::Array(items) if !items.is_empty() => write_list(out, items, inner),
            scalar => write_scalar(out, scalar, place.indent + 2),
        }
    }
}

/// A scalar up to the end of its last line; further lines begin in column `indent`.
fn write_scalar(out: &mut String, value: &Value, indent: usize) {
    let Some((header, lines)) = value.as_str().and_then(scalar::literal) else {
        out.push_str(&scalar::one_line(value));
        out.push('\n');
        return;
    };
    out.push_str(header);
    out.push('\n');
    for line in lines {
        if !line.is_empty() {
            pad(out, indent);
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn pad(out: &mut String, columns: usize) {
    out.extend(std::iter::repeat_n(' ', columns));
}

fn in_order<'a>(map: &'a Map<String, Value>, place: Place<'_>) -> Vec<(&'a String, &'a Value)> {
    let first: &[&str] = if place.key == "metadata" && !place.is_item {
        &["name", "namespace", "labels", "annotations"]
    } else if map.contains_key("apiVersion") && map.contains_key("kind") {
        &["apiVersion", "kind", "metadata"]
    } else if place.is_item {
        &["name"]
    } else {
        &[]
    };
    let rank = |key: &str| first.iter().position(|known| *known == key).unwrap_or(first.len());
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by_key(|(key, _)| (rank(key), *key));
    entries
}
