//! YAML to JSON values, with the lines of documents and of the items of lists.

use super::limits;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::{Error, Spanned};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::ControlFlow;

/// The message of an error that means: too much text after aliases were expanded.
pub(super) const OVERSIZE: &str = "expanded text too large";

/// One document.
#[derive(Debug)]
pub(super) struct Document {
    /// Where it begins.
    pub(super) line: u64,
    /// The document, without `items` if these are a list.
    pub(super) value: Value,
    /// The elements of a list in `items`, with their lines.
    pub(super) items: Option<Vec<(u64, Value)>>,
}

/// Reads the documents of a text one by one, as long as `take` wants more; empty ones are left out.
pub(super) fn documents(text: &str, mut take: impl FnMut(Result<Document, Error>) -> ControlFlow<()>) {
    let mut bytes = text.as_bytes();
    let mut expanded = 0_usize;
    for document in serde_saphyr::read_with_options::<_, Spanned<Root>>(&mut bytes, limits::yaml()) {
        let document = document.and_then(|root| {
            expanded = expanded.saturating_add(root.value.bytes);
            let line = root.referenced.line();
            if expanded > limits::EXPANDED_BYTES { Err(Error::custom(OVERSIZE)) } else { Ok(root.value.document(line)) }
        });
        if take(document).is_break() || expanded > limits::EXPANDED_BYTES {
            break;
        }
    }
}

struct Root {
    value: Value,
    items: Option<Vec<(u64, Value)>>,
    bytes: usize,
}

impl Root {
    fn document(self, line: u64) -> Document {
        let Root { value, items, bytes: _ } = self;
        Document { line, value, items }
    }
}

impl<'de> Deserialize<'de> for Root {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (bytes, items) = (Cell::new(0), RefCell::new(None));
        let value = deserializer.deserialize_any(Reader { bytes: &bytes, role: Role::Root(&items) })?;
        Ok(Root { value, items: items.into_inner(), bytes: bytes.get() })
    }
}

/// An element of `items`, read by itself because a position can only be had of a whole value.
struct Item {
    value: Value,
    bytes: usize,
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Cell::new(0);
        let value = deserializer.deserialize_any(Reader { bytes: &bytes, role: Role::Plain })?;
        Ok(Item { value, bytes: bytes.get() })
    }
}

type Items = RefCell<Option<Vec<(u64, Value)>>>;

/// Builds a value and counts its text, since an alias can repeat a long one many times.
#[derive(Clone, Copy)]
struct Reader<'a> {
    bytes: &'a Cell<usize>,
    role: Role<'a>,
}

#[derive(Clone, Copy)]
enum Role<'a> {
    Root(&'a Items),
    Items(&'a Items),
    Plain,
}

impl Reader<'_> {
    fn count<E: serde::de::Error>(&self, bytes: usize) -> Result<(), E> {
        let total = self.bytes.get().saturating_add(bytes);
        self.bytes.set(total);
        if total > limits::EXPANDED_BYTES { Err(E::custom(OVERSIZE)) } else { Ok(()) }
    }
}

impl<'de> serde::de::DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    // JSON knows no such integers; readers of JSON take the nearest float.
    fn visit_i128<E: serde::de::Error>(self, value: i128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u128<E: serde::de::Error>(self, value: u128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        self.count(value.len())?;
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        if let Role::Items(items) = self.role {
            let mut found = Vec::new();
            while let Some(item) = sequence.next_element::<Spanned<Item>>()? {
                self.count(item.value.bytes)?;
                found.push((item.referenced.line(), item.value.value));
            }
            items.replace(Some(found));
            return Ok(Value::Null);
        }
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(Reader { role: Role::Plain, ..self })? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            self.count(key.len())?;
            let role = match self.role {
                Role::Root(items) if key == "items" => Role::Items(items),
                _ => Role::Plain,
            };
            let value = map.next_value_seed(Reader { role, ..self })?;
            let kept_apart = matches!(role, Role::Items(items) if items.borrow().is_some());
            if !kept_apart {
                values.insert(key, value);
            }
        }
        Ok(Value::Object(values))
    }
}
