//! Who we are, and our suites.

use super::protocol::{Component, Expression, Extension, Source, Suite};
use super::{Refused, names};

/// What stands for the component if none is named.
pub(super) const DEFAULT: &str = "default";

/// What is tested.
pub(super) const COMPONENT: Component =
    Component { product: "openshift", kind: "payload", name: "cluster-image-registry-operator" };

/// The version of the protocol.
const API_VERSION: &str = "v1.1";

/// What `info` tells.
pub(super) fn extension() -> Extension {
    Extension { api_version: API_VERSION, source: source(), component: COMPONENT, suites: suites(), images: [] }
}

/// The variables are those that OpenShift's builds set.
fn source() -> Source {
    let built = option_env!("SOURCE_DATE_EPOCH").and_then(|seconds| seconds.parse().ok());
    let built = built.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    Source {
        commit: option_env!("SOURCE_GIT_COMMIT").unwrap_or_default(),
        build_date: built.map(|time| time.to_string()).unwrap_or_default(),
        git_tree_state: option_env!("SOURCE_GIT_TREE_STATE").unwrap_or_default(),
    }
}

/// The suites: tests that need the registry for themselves, and the rest.
pub(super) fn suites() -> Vec<Suite> {
    let alone = || Expression::Any(["[Serial]", "[Disruptive]"].map(|tag| Expression::Contains("name", tag)).to_vec());
    // Suites are evaluated over the tests of all components.
    let ours = |which| {
        Expression::All(vec![Expression::Is("source", "openshift:payload:cluster-image-registry-operator"), which])
    };
    vec![
        Suite {
            name: "openshift/cluster-image-registry-operator/operator/serial",
            description: "Changes the registry's Config and objects, one test after the other, and puts them back",
            qualifiers: vec![ours(alone())],
            parallelism: 1,
            cluster_stability: Some("Disruptive"),
        },
        Suite {
            name: "openshift/cluster-image-registry-operator/operator/parallel",
            description: "Looks at the registry and changes nothing but a namespace of its own",
            qualifiers: vec![ours(alone().not())],
            parallelism: 4,
            cluster_stability: None,
        },
    ]
}

/// The suite of that name.
///
/// # Errors
/// There is none; the nearest that there is.
pub(super) fn suite(name: &str) -> Result<Suite, Refused> {
    let suites = suites();
    let known: Vec<&str> = suites.iter().map(|suite| suite.name).collect();
    let hint = names::hint(name, &known);
    suites.into_iter().find(|suite| suite.name == name).ok_or_else(|| format!("there is no suite {name:?}; {hint}"))
}

/// Whether the component is ours.
///
/// # Errors
/// It is another.
pub(super) fn is_ours(component: &str) -> Result<(), Refused> {
    let identifier = COMPONENT.identifier();
    if [DEFAULT, &identifier].contains(&component) {
        return Ok(());
    }
    Err(format!("there are no tests of component {component:?} here; name {identifier}, or none"))
}

#[cfg(test)]
mod tests {
    use super::{COMPONENT, suite, suites};
    use crate::tests_ext::cases;

    #[test]
    fn suites_are_disjoint_and_complete() {
        let source = format!("source == {:?}", COMPONENT.identifier());
        for suite in suites() {
            assert!(suite.qualifiers.iter().all(|qualifier| qualifier.to_string().contains(&source)));
        }
        for test in cases::all() {
            let of = suites().into_iter().filter(|suite| suite.qualifiers.iter().any(|q| q.holds(&test.spec)));
            let of: Vec<&str> = of.map(|suite| suite.name).collect();
            let serial = test.spec.name.contains("[Serial]");
            let wanted = if serial { "serial" } else { "parallel" };
            assert!(of.len() == 1 && of[0].ends_with(wanted), "{}: {of:?}", test.spec.name);
        }
    }

    #[test]
    fn an_unknown_suite_is_answered_with_the_nearest() {
        let error = suite("openshift/cluster-image-registry-operator/serial").unwrap_err();
        assert!(error.contains("operator/serial\"?"), "{error}");
    }
}
