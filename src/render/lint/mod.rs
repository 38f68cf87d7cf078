//! Checks any plan for what an API server or a registry would refuse later. Every check is one small function.

mod names;
mod references;
mod secrets;
mod selectors;
mod shape;

use super::manifest::Manifest;
use super::plan::Plan;
use crate::problem::{Concern, Problem};

/// Everything that is wrong with the plan's objects; nothing, for a good plan.
pub fn lint(plan: &Plan) -> Vec<Problem> {
    let mut findings = Vec::new();
    for manifest in plan.manifests() {
        names::check_name(manifest, &mut findings);
        names::check_namespace(manifest, &mut findings);
        selectors::check_selector_matches_labels(manifest, &mut findings);
        shape::check_nothing_empty(manifest, &mut findings);
        shape::check_unique_keys(manifest, &mut findings);
        secrets::check_no_secret_outside(manifest, &mut findings);
    }
    names::check_unique(plan, &mut findings);
    references::check_references(plan, &mut findings);
    findings
}

/// A finding about one field of a rendered object.
fn finding(manifest: &Manifest, path: &str, reason: &'static str, message: String, remedy: &str) -> Problem {
    Problem {
        concern: Concern::Registry,
        object: manifest.id().to_string(),
        path: path.to_owned(),
        reason,
        message,
        remedy: remedy.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::manifest::ObjectId;
    use crate::render::plan::Step;
    use crate::render::status::StatusReport;
    use serde_json::{Value, json};

    fn plan(objects: Vec<(&str, &str, &str, Value)>) -> Plan {
        let manifests = objects.into_iter().map(|(kind, namespace, name, body)| {
            let id = ObjectId {
                api_version: "v1".to_owned(),
                kind: kind.to_owned(),
                namespace: namespace.to_owned(),
                name: name.to_owned(),
            };
            Step::Apply(Manifest::from_value(id, body))
        });
        Plan {
            steps: manifests.collect(),
            status: StatusReport::default(),
            problems: Vec::new(),
            assumptions: Vec::new(),
        }
    }

    fn meta(namespace: &str, name: &str) -> Value {
        json!({ "name": name, "namespace": namespace })
    }

    #[test]
    fn each_defect_is_found_by_the_check_that_looks_for_it() {
        let ns = "openshift-image-registry";
        let cases = [
            ("InvalidName", ("Route", ns, "Up_Case", json!({ "metadata": meta(ns, "Up_Case") }))),
            ("NamespaceMissing", ("Service", "", "a", json!({ "metadata": { "name": "a" } }))),
            ("NamespaceMissing", ("ClusterRole", ns, "a", json!({ "metadata": meta(ns, "a") }))),
            (
                "SelectorMismatch",
                (
                    "Deployment",
                    ns,
                    "a",
                    json!({ "metadata": meta(ns, "a"), "spec": {
                    "selector": { "matchLabels": { "a": "b" } }, "template": { "metadata": { "labels": { "a": "c" } } },
                } }),
                ),
            ),
            ("EmptyValue", ("Service", ns, "a", json!({ "metadata": meta(ns, "a"), "spec": { "ports": [] } }))),
            (
                "DuplicateKey",
                (
                    "Deployment",
                    ns,
                    "a",
                    json!({ "metadata": meta(ns, "a"), "spec": { "template": { "spec": {
                    "containers": [{ "name": "r", "env": [{ "name": "A" }, { "name": "A" }] }] } } } }),
                ),
            ),
            (
                "SecretOutsideSecret",
                (
                    "ConfigMap",
                    ns,
                    "a",
                    json!({ "metadata": meta(ns, "a"),
                    "data": { "k": "-----BEGIN PRIVATE KEY-----" } }),
                ),
            ),
            (
                "ReferenceUnresolved",
                (
                    "Deployment",
                    ns,
                    "a",
                    json!({ "metadata": meta(ns, "a"), "spec": { "template": { "spec": {
                    "volumes": [{ "name": "v", "configMap": { "name": "nobody-makes-me" } }] } } } }),
                ),
            ),
        ];
        for (reason, object) in cases {
            let found = lint(&plan(vec![object.clone()]));
            assert!(found.iter().any(|finding| finding.reason == reason), "{reason}: {found:?}");
        }
        let service = || ("Service", ns, "a", json!({ "metadata": meta(ns, "a") }));
        assert_eq!(lint(&plan(vec![service()])), vec![]);
        assert!(lint(&plan(vec![service(), service()])).iter().any(|finding| finding.reason == "DuplicateObject"));
    }
}
