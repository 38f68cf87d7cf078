//! From the text of a file to its objects: lists taken apart, identities checked.

use super::limits;
use super::object::{Object, reduce};
use super::origin::Origin;
use super::report::Report;
use super::yaml::{self, Document};
use super::yaml_error::{self, Trouble};
use super::{Environment, Text};
use crate::api::nearest::nearest;
use serde_json::{Map, Value};
use std::ops::ControlFlow;

const NOT_AN_OBJECT: &str = "NotKubernetesObject";
const NOT_KUBERNETES: &str = "give Kubernetes objects, with apiVersion, kind and metadata.name";

/// Hands the objects of a text to `take` and says how many documents they came from. Broken documents go to the
/// report; after many of them the rest of the text is not read.
pub(super) fn read(text: Text<'_>, report: &mut Report, mut take: impl FnMut(Object, &mut Report)) -> usize {
    let mut reader = Reader { file: text.name, objects: Vec::new(), broken: 0, report };
    let mut count = 0;
    yaml::documents(text.content.trim_start_matches('\u{feff}'), |document| {
        count += 1;
        match document {
            Ok(Document { line, value, items }) => reader.document(line, value, items),
            Err(error) => {
                let Trouble { line, message, remedy } = yaml_error::explain(&error);
                reader.refuse(line, "InvalidYaml", &message, remedy.unwrap_or(NOT_KUBERNETES));
            }
        }
        for object in reader.objects.drain(..) {
            take(object, reader.report);
        }
        if reader.broken < limits::BROKEN_DOCUMENTS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    count
}

struct Reader<'a> {
    file: &'a str,
    objects: Vec<Object>,
    broken: usize,
    report: &'a mut Report,
}

impl Reader<'_> {
    fn at(&self, line: u64) -> Origin {
        Origin { file: self.file.to_owned(), line }
    }

    fn document(&mut self, line: u64, value: Value, items: Option<Vec<(u64, Value)>>) {
        let Value::Object(mut fields) = value else {
            return self.refuse(line, NOT_AN_OBJECT, "is not a map", NOT_KUBERNETES);
        };
        let is_list = fields.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
        match items {
            Some(items) if is_list => self.list(&fields, items),
            // A field that happens to have this name belongs where it was.
            Some(items) => {
                let items = items.into_iter().map(|(_, value)| value).collect();
                fields.insert("items".to_owned(), Value::Array(items));
                self.object(line, fields);
            }
            None if is_list && matches!(fields.get("items"), None | Some(Value::Null)) => {}
            None => self.object(line, fields),
        }
    }

    /// Takes a list apart. In a typed one, the items may leave their type to the list.
    fn list(&mut self, list: &Map<String, Value>, items: Vec<(u64, Value)>) {
        let kind = list.get("kind").and_then(Value::as_str).and_then(|kind| kind.strip_suffix("List"));
        for (line, item) in items {
            let Value::Object(mut fields) = item else {
                self.refuse(line, NOT_AN_OBJECT, "is not a map", NOT_KUBERNETES);
                continue;
            };
            if let Some(kind) = kind.filter(|kind| !kind.is_empty()) {
                fields.entry("kind").or_insert_with(|| kind.into());
                if let Some(api_version) = list.get("apiVersion") {
                    fields.entry("apiVersion").or_insert_with(|| api_version.clone());
                }
            }
            // The lines within a list in a list are not known; its own has to do.
            let nested = match fields.remove("items") {
                Some(Value::Array(items)) => Some(items.into_iter().map(|item| (line, item)).collect()),
                Some(other) => {
                    fields.insert("items".to_owned(), other);
                    None
                }
                None => None,
            };
            self.document(line, Value::Object(fields), nested);
        }
    }

    fn object(&mut self, line: u64, fields: Map<String, Value>) {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let (api_version, kind) = (text(fields.get("apiVersion")), text(fields.get("kind")));
        let metadata = fields.get("metadata");
        let name = text(metadata.and_then(|metadata| metadata.get("name")));
        let namespace = text(metadata.and_then(|metadata| metadata.get("namespace")));
        let missing: Vec<&str> = [("apiVersion", &api_version), ("kind", &kind), ("metadata.name", &name)]
            .into_iter()
            .filter(|(_, value)| value.is_empty())
            .map(|(field, _)| field)
            .collect();
        if !missing.is_empty() {
            let message = format!("is not a Kubernetes object: {} missing or not text", missing.join(", "));
            let remedy = if looks_like_environment(&fields) {
                "variables of the operator are given with --env-file"
            } else {
                NOT_KUBERNETES
            };
            return self.refuse(line, NOT_AN_OBJECT, &message, remedy);
        }
        let (origin, mut document) = (self.at(line), Value::Object(fields));
        reduce(&mut document);
        self.objects.push(Object { origin, api_version, kind, namespace, name, document });
    }

    fn refuse(&mut self, line: u64, reason: &'static str, message: &str, remedy: &str) {
        let origin = self.at(line);
        self.broken += 1;
        self.report.file(&origin, reason, message, remedy);
    }
}

fn looks_like_environment(fields: &Map<String, Value>) -> bool {
    !fields.is_empty() && fields.keys().all(|name| nearest(name, Environment::known_names()).is_some())
}
