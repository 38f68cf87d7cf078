//! `docs/runbooks/`: one for every alert, and nothing else.

use crate::rules::alerts;
use crate::{files, read, text};
use regex_lite::Regex;
use std::collections::BTreeSet;

/// Where readers of an alert find them.
const PUBLISHED: &str = "https://github.com/openshift/cluster-image-registry-operator/blob/main/docs/runbooks";

#[test]
fn every_alert_links_to_its_runbook_and_every_runbook_is_of_an_alert() {
    let alerts = alerts();
    let names: BTreeSet<String> = alerts.iter().map(|alert| format!("{}.md", text(alert, "/alert"))).collect();
    let runbooks: BTreeSet<String> = files("docs/runbooks", ".md").into_iter().collect();
    assert_eq!(runbooks, names);
    for alert in &alerts {
        let name = text(alert, "/alert");
        assert_eq!(text(alert, "/annotations/runbook_url"), format!("{PUBLISHED}/{name}.md"));
    }
}

#[test]
fn runbooks_have_the_form_of_openshifts() {
    for alert in alerts() {
        let name = text(&alert, "/alert");
        let runbook = read(&format!("docs/runbooks/{name}.md"));
        let headings: Vec<&str> = runbook.lines().filter(|line| line.starts_with('#')).collect();
        let title = format!("# {name}");
        assert_eq!(headings, [&title, "## Meaning", "## Impact", "## Diagnosis", "## Mitigation"], "{name}");
        let (_, diagnosis) = runbook.split_once("## Diagnosis").unwrap();
        assert!(diagnosis.contains("```console\n$ oc "), "{name}: no command to diagnose with");
    }
}

#[test]
fn commands_select_by_labels_that_exist() {
    let selector = Regex::new(r"-l ([\w.-]+)=([\w.-]+)").unwrap();
    let objects = format!("{}{}", read("snapshots/aws-default.yaml"), read("manifests/07-operator.yaml"));
    let mut selected = 0;
    for file in files("docs/runbooks", ".md") {
        for found in selector.captures_iter(&read(&format!("docs/runbooks/{file}"))) {
            let label = format!(" {}: {}\n", &found[1], &found[2]);
            assert!(objects.contains(&label), "{file}: nothing is labelled{label}");
            selected += 1;
        }
    }
    assert!(selected > 3, "{selected}");
}

#[test]
fn texts_name_only_alerts_that_exist() {
    let alerts = alerts();
    let names: BTreeSet<&str> = alerts.iter().map(|alert| text(alert, "/alert")).collect();
    let own = alerts.iter().map(|alert| format!("docs/runbooks/{}.md", text(alert, "/alert")));
    for file in own.chain(["docs/monitoring.md".to_owned()]) {
        let content = read(&file);
        let words =
            content.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.starts_with("ImageRegistry"));
        let unknown: Vec<&str> = words.filter(|word| !names.contains(word)).collect();
        assert!(unknown.is_empty(), "{file} names {unknown:?}");
    }
}

#[test]
fn the_overview_lists_every_alert() {
    let overview = read("docs/monitoring.md");
    for alert in alerts() {
        let name = text(&alert, "/alert");
        let row = format!("| [{name}](runbooks/{name}.md) | {} |", text(&alert, "/labels/severity"));
        assert!(overview.contains(&row), "docs/monitoring.md has no row {row}");
    }
}
