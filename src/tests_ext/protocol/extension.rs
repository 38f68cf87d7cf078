//! Who we are and which suites we have.

use super::expression::Expression;
use serde::Serialize;

/// What `info` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Extension {
    /// The version of the protocol.
    pub api_version: &'static str,
    /// What the program was built of.
    pub source: Source,
    /// What is tested.
    pub component: Component,
    /// The suites.
    pub suites: Vec<Suite>,
    /// Images that the tests need besides those of the release.
    pub images: [(); 0],
}

/// What a program was built of; what is not known is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The commit.
    pub commit: &'static str,
    /// When it was built, RFC 3339.
    pub build_date: String,
    /// `clean` or `dirty`.
    pub git_tree_state: &'static str,
}

/// What tests are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Component {
    /// The product.
    pub product: &'static str,
    /// The kind of component.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its name.
    pub name: &'static str,
}

impl Component {
    /// The component as specs name it.
    pub fn identifier(&self) -> String {
        let Component { product, kind, name } = self;
        format!("{product}:{kind}:{name}")
    }
}

/// Tests that are run together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suite {
    /// The name.
    pub name: &'static str,
    /// What it is, for people.
    pub description: &'static str,
    /// Which tests belong to it: those for which one of these holds.
    pub qualifiers: Vec<Expression>,
    /// How many tests may run at a time.
    pub parallelism: usize,
    /// `Disruptive` if the registry may be away for a while; none for suites that harm nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_stability: Option<&'static str>,
}
