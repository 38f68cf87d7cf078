//! The environment file: a YAML map of the operator's variables.

use super::limits;
use super::origin::Origin;
use super::paths;
use super::report::Report;
use super::yaml_error::{self, Trouble};
use super::{Environment, Text};
use crate::api::nearest::nearest;
use crate::api::secret::shown_key;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;
use std::path::Path;

const SHAPE_REMEDY: &str = "write one map of variables and text, as in `RELEASE_VERSION: 4.22.3`";

/// Reads and parses the file; problems go to the report.
pub(super) fn read_file(path: &Path, report: &mut Report) -> Environment {
    let source = paths::Source::environment(path);
    let mut budget = limits::FILE_BYTES;
    let content = paths::read(&source, &mut budget, report);
    content.map_or_else(Environment::default, |content| parse(Text { name: &source.name, content: &content }, report))
}

/// Parses the text; problems go to the report.
pub(super) fn parse(text: Text<'_>, report: &mut Report) -> Environment {
    // Read as text, whatever YAML would make of it: the version 4.20 is not the number 4.2.
    type Variables = Option<BTreeMap<String, Spanned<Option<String>>>>;
    let variables = match serde_saphyr::from_str_with_options::<Variables>(text.content, limits::yaml()) {
        Ok(variables) => variables.unwrap_or_default(),
        Err(error) => {
            let Trouble { line, message, remedy } = yaml_error::explain(&error);
            // What is well-formed but no map of text has a remedy that only this file knows.
            let remedy = remedy.unwrap_or(SHAPE_REMEDY);
            report.file(&Origin { file: text.name.to_owned(), line }, "InvalidEnvironment", message, remedy);
            return Environment::default();
        }
    };
    let lines: BTreeMap<&String, u64> = variables.iter().map(|(name, value)| (name, value.referenced.line())).collect();
    let values =
        variables.iter().map(|(name, value)| (name.clone(), value.value.clone().unwrap_or_default())).collect();
    let (environment, unknown) = Environment::from_variables(&values);
    for name in unknown {
        let line = lines.get(&name).copied().unwrap_or_default();
        let remedy = match nearest(&name, Environment::known_names()) {
            Some(known) => format!("did you mean {known}?"),
            None => format!("leave it out; known are {}", Environment::known_names().collect::<Vec<_>>().join(", ")),
        };
        let message = format!("{} is not a variable of the operator", shown_key(&name));
        report.file(&Origin { file: text.name.to_owned(), line }, "UnknownVariable", message, remedy);
    }
    environment
}
