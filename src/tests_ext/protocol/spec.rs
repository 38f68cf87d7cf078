//! What is told of a test before it runs.

use super::expression::{Expression, Scope};
use serde::Serialize;
use std::collections::BTreeMap;

/// A test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    /// The name, by which its history is kept.
    pub name: &'static str,
    /// The first name that it ever had, if it has been renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_name: Option<&'static str>,
    /// Always empty: ours are told apart by their names.
    pub labels: BTreeMap<String, ()>,
    /// What it needs.
    pub resources: Resources,
    /// The component.
    pub source: String,
    /// Whether its failure fails the run.
    pub lifecycle: Lifecycle,
    /// For which clusters it is.
    pub environment_selector: Selector,
}

/// What a test needs; ours need nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Resources {
    /// From whom it has to be kept apart: nobody.
    pub isolation: BTreeMap<String, ()>,
}

/// Whether a failure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lifecycle {
    /// It fails the run.
    Blocking,
    /// It is told, and the run goes on to succeed.
    Informing,
}

/// The clusters that a test is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Selector {
    /// Only those for which this holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<Expression>,
    /// None for which this holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude: Option<Expression>,
}

/// For the qualifiers of suites.
impl Scope for Spec {
    fn text(&self, variable: &str) -> &str {
        match variable {
            "name" => self.name,
            "originalName" => self.original_name.unwrap_or_default(),
            "source" => &self.source,
            _ => "",
        }
    }

    fn list(&self, _: &str) -> &[String] {
        &[]
    }
}
