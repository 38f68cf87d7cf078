//! PrometheusRules: promtool accepts them, and they do as `monitoring/tests/` says.

use crate::support::servers::promtool;
use crate::{documents, files, in_repository, list, manifests, text};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use tempfile::TempDir;

/// Every rule of the manifests.
pub fn rules() -> Vec<Value> {
    let objects = manifests("PrometheusRule");
    let groups = objects.iter().flat_map(|(_, object)| list(object, "/spec/groups"));
    groups.flat_map(|group| list(group, "/rules")).cloned().collect()
}

/// Every alert of the manifests.
pub fn alerts() -> Vec<Value> {
    rules().into_iter().filter(|rule| rule.get("alert").is_some()).collect()
}

/// A directory with the rules as Prometheus reads them, each in a file named as the manifest, and with the tests.
fn laid_out() -> TempDir {
    let directory = promtool::directory().unwrap();
    for (file, object) in manifests("PrometheusRule") {
        fs::write(directory.path().join(file), object["spec"].to_string()).unwrap();
    }
    for file in files("monitoring/tests", ".yaml") {
        fs::copy(in_repository(&format!("monitoring/tests/{file}")), directory.path().join(file)).unwrap();
    }
    directory
}

/// Every case of the tests.
fn cases() -> Vec<Value> {
    let files = files("monitoring/tests", ".yaml").into_iter();
    let documents = files.flat_map(|file| documents(&format!("monitoring/tests/{file}")));
    documents.flat_map(|document| list(&document, "/tests").to_vec()).collect()
}

#[test]
fn prometheus_reads_the_rules() {
    let directory = laid_out();
    for (file, _) in manifests("PrometheusRule") {
        promtool::run(directory.path(), &["check", "rules", &file]).unwrap_or_else(|said| panic!("{said}"));
    }
}

#[test]
fn rules_do_as_their_tests_say() {
    let directory = laid_out();
    let tests = files("monitoring/tests", ".yaml");
    let arguments: Vec<&str> = ["test", "rules"].into_iter().chain(tests.iter().map(String::as_str)).collect();
    let said = promtool::run(directory.path(), &arguments).unwrap_or_else(|said| panic!("{said}"));
    assert_eq!(said.matches("SUCCESS").count(), tests.len(), "{said}");
}

#[test]
fn every_alert_is_seen_to_fire_and_to_be_silent() {
    let cases = cases();
    let seen = |fires: bool| -> BTreeSet<&str> {
        let checks = cases.iter().filter_map(|case| case.get("alert_rule_test")).flat_map(|checks| list(checks, ""));
        let wanted = checks.filter(|check| list(check, "/exp_alerts").is_empty() != fires);
        wanted.map(|check| text(check, "/alertname")).collect()
    };
    let alerts = alerts();
    let names: BTreeSet<&str> = alerts.iter().map(|alert| text(alert, "/alert")).collect();
    assert_eq!(names.len(), alerts.len(), "two alerts of a name");
    assert_eq!(seen(true), names, "alerts that some case sees fire");
    assert_eq!(seen(false), names, "alerts that some case sees silent");
}

#[test]
fn every_record_is_computed_in_a_case() {
    let cases = cases();
    let checks = cases.iter().filter_map(|case| case.get("promql_expr_test")).flat_map(|checks| list(checks, ""));
    let asked: BTreeSet<&str> = checks.map(|check| text(check, "/expr")).collect();
    let rules = rules();
    let records: BTreeSet<&str> =
        rules.iter().filter_map(|rule| rule.get("record")).map(|name| name.as_str().unwrap()).collect();
    assert_eq!(asked, records);
    assert!(records.len() >= 2, "{records:?}");
}

/// OpenShift's guidelines (openshift/enhancements, alerting-consistency).
#[test]
fn alerts_are_as_openshift_wants_them() {
    for alert in alerts() {
        let name = text(&alert, "/alert");
        assert!(name.starts_with("ImageRegistry") && name.chars().all(|c| c.is_ascii_alphanumeric()), "{name}");
        assert!(["critical", "warning", "info"].contains(&text(&alert, "/labels/severity")), "{name}");
        assert_eq!(text(&alert, "/labels/kubernetes_operator_part_of"), "image-registry", "{name}");
        text(&alert, "/for");
        let summary = text(&alert, "/annotations/summary");
        assert!(summary.len() <= 80 && !summary.contains("{{"), "{name}: {summary}");
        let description = text(&alert, "/annotations/description");
        assert!(description.contains("namespace {{ $labels.namespace }}"), "{name}: {description}");
    }
}

#[test]
fn every_firing_case_tells_the_namespace() {
    for case in cases() {
        let checks = case.get("alert_rule_test").map(|checks| list(checks, "").to_vec()).unwrap_or_default();
        for alert in checks.iter().flat_map(|check| list(check, "/exp_alerts")) {
            assert_eq!(text(alert, "/exp_labels/namespace"), "openshift-image-registry", "{alert:#}");
        }
    }
}
