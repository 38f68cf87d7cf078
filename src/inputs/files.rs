//! Reading [`Inputs`](super::Inputs) from YAML and JSON files.
//!
//! Dumps of a cluster (`oc get … -o yaml`) work as they are. The result does not depend on the
//! order of files or documents. Every problem is reported, not only the first, and no message
//! holds a value from an object, since that could be a secret.
//!
//! [`load`] does the reading; [`from_documents`] is its pure middle.

mod collect;
mod derive;
mod documents;
mod environment;
mod kinds;
mod limits;
mod live;
mod notes;
mod object;
mod origin;
mod paths;
mod plain;
mod report;
mod strict;
mod typed;
mod yaml;
mod yaml_error;

pub use self::derive::running_http_secret;
pub use self::live::{Looked, from_live};

use self::collect::Collector;
use self::origin::Origin;
use self::report::Report;
use super::{Environment, Inputs};
use crate::problem::Problem;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The inputs, ready for rendering.
    pub inputs: Inputs,
    /// Objects that were ignored, for people; sorted.
    pub notes: Vec<String>,
}

/// Where the operator's environment variables come from.
#[derive(Clone, Debug)]
pub enum EnvSource<'a> {
    /// A YAML map of variables. Names that are not variables of the operator are errors.
    File(&'a Path),
    /// The process environment, in which unknown names are normal.
    Variables(BTreeMap<String, String>),
}

/// A text to read documents from, with the name that messages use for it.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// Usually the path of the file.
    pub name: &'a str,
    /// YAML or JSON, any number of documents.
    pub content: &'a str,
}

/// Reads files, directories (recursively) and standard input (`-`).
///
/// # Errors
/// Everything that is wrong with any of them, ordered by file and line.
pub fn load(paths: &[PathBuf], env: EnvSource<'_>) -> Result<Loaded, Vec<Problem>> {
    let mut report = Report::default();
    let environment = match env {
        EnvSource::Variables(variables) => Environment::from_variables(&variables).0,
        EnvSource::File(path) => environment::read_file(path, &mut report),
    };
    let mut collector = Collector::new(environment);
    collect(paths, &mut collector, &mut report);
    collector.finish(report)
}

/// Objects of files, to take the place of live ones.
#[derive(Clone, Default)]
pub struct Objects {
    /// The objects, each complete and none twice.
    pub objects: Vec<Value>,
    /// Objects that were ignored, for people; sorted.
    pub notes: Vec<String>,
}

/// Reads the objects of files as [`load`] does, and asks nothing of them as a whole.
///
/// # Errors
/// Everything that is wrong with any of them, ordered by file and line.
pub fn load_objects(paths: &[PathBuf]) -> Result<Objects, Vec<Problem>> {
    let mut report = Report::default();
    let mut collector = Collector::new(Environment::default()).keeping();
    collect(paths, &mut collector, &mut report);
    collector.finish_objects(report)
}

/// Reads the text of an environment file from its path: a YAML map of the operator's variables.
///
/// # Errors
/// What is no map of text, and every name that is not a variable of the operator.
pub fn load_environment(path: &Path) -> Result<Environment, Vec<Problem>> {
    let mut report = Report::default();
    let environment = environment::read_file(path, &mut report);
    report.into_result(environment)
}

fn collect(paths: &[PathBuf], collector: &mut Collector, report: &mut Report) {
    let sources = paths::expand(paths, report);
    let mut budget = limits::TOTAL_BYTES;
    let mut empty_directories: BTreeMap<&str, bool> = BTreeMap::new();
    for source in &sources {
        let content = paths::read(source, &mut budget, report);
        // A file that could not be read has its problem already; it is not empty as well.
        let documents =
            content.map_or(1, |content| collector.add(Text { name: &source.name, content: &content }, report));
        if let Some(directory) = &source.directory {
            *empty_directories.entry(directory).or_insert(true) &= documents == 0;
        }
    }
    for (directory, _) in empty_directories.into_iter().filter(|(_, empty)| *empty) {
        report.file(&Origin::file(directory), "EmptyInput", "holds no document", paths::DIRECTORY_REMEDY);
    }
}

/// Turns texts into inputs, without touching a file.
///
/// # Errors
/// Everything that is wrong with any of them, ordered by name and line.
pub fn from_documents<'a>(
    texts: impl IntoIterator<Item = Text<'a>>,
    environment: Environment,
) -> Result<Loaded, Vec<Problem>> {
    let mut report = Report::default();
    let mut collector = Collector::new(environment);
    for text in texts {
        collector.add(text, &mut report);
    }
    collector.finish(report)
}

/// Reads the text of an environment file: a YAML map of the operator's variables.
///
/// # Errors
/// What is no map of text, and every name that is not a variable of the operator.
pub fn environment_from_text(text: Text<'_>) -> Result<Environment, Vec<Problem>> {
    let mut report = Report::default();
    let environment = environment::parse(text, &mut report);
    report.into_result(environment)
}
