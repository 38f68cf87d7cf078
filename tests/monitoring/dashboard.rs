//! `monitoring/dashboard.json`: every expression can be computed, of metrics that exist.

use crate::metrics::{known, unknown};
use crate::support::servers::promtool;
use crate::{list, read, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

fn dashboard() -> Value {
    serde_json::from_str(&read("monitoring/dashboard.json")).unwrap()
}

fn panels() -> Vec<Value> {
    list(&dashboard(), "/panels").to_vec()
}

/// What the panels ask Prometheus for.
pub fn expressions() -> Vec<String> {
    let panels = panels();
    let targets = panels.iter().filter_map(|panel| panel.get("targets")).flat_map(|targets| list(targets, ""));
    targets.map(|target| text(target, "/expr").to_owned()).collect()
}

#[test]
fn panels_ask_for_metrics_that_exist() {
    let (known, expressions) = (known(), expressions());
    assert!(expressions.len() > 10, "{expressions:?}");
    for expression in expressions {
        let unknown = unknown(&expression, &known);
        assert!(unknown.is_empty(), "{expression}\nasks for {unknown:?}");
    }
}

#[test]
fn prometheus_reads_the_expressions() {
    let expressions = expressions();
    let rule = |(index, expression): (usize, &String)| json!({"record": format!("panel:{index}"), "expr": expression});
    let rules: Vec<Value> = expressions.iter().enumerate().map(rule).collect();
    let directory = promtool::directory().unwrap();
    let content = json!({"groups": [{"name": "dashboard", "rules": rules}]});
    fs::write(directory.path().join("dashboard.yaml"), content.to_string()).unwrap();
    promtool::run(directory.path(), &["check", "rules", "dashboard.yaml"]).unwrap_or_else(|said| panic!("{said}"));
}

#[test]
fn panels_are_told_apart_and_take_the_data_source_that_is_chosen() {
    let dashboard = dashboard();
    let variables = list(&dashboard, "/templating/list");
    assert!(variables.iter().any(|variable| variable["type"] == "datasource" && variable["name"] == "datasource"));
    let panels = panels();
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "two panels of an id");
    let titles: BTreeSet<&str> = panels.iter().map(|panel| text(panel, "/title")).collect();
    assert_eq!(titles.len(), panels.len(), "two panels of a title");
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert_eq!(text(panel, "/datasource"), "$datasource", "{}", panel["title"]);
        assert!(
            ["graph", "singlestat"].contains(&text(panel, "/type")),
            "OpenShift's console shows no {}",
            panel["type"]
        );
    }
}
