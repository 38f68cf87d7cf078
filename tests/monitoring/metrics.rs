//! The metrics there are: the operator's, as it serves them, and those of others, as `monitoring/metrics.yaml` has them.

use crate::promql::metrics_in;
use crate::rules::rules;
use crate::support::servers::promtool;
use crate::{documents, read, text};
use cluster_image_registry_operator::operator::metrics::{
    ImageStreamTags, Metrics, ObjectResult, Outcome, PrunerInstallStatus, Verb,
};
use cluster_image_registry_operator::render::status::{Condition, PrunerReport, StatusReport};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Every metric, with its labels.
pub type Known = BTreeMap<String, BTreeSet<String>>;

/// What scraping adds to every series.
const OF_TARGETS: [&str; 7] = ["namespace", "job", "service", "endpoint", "pod", "instance", "container"];

/// All metrics of an operator that has done everything once.
fn served() -> String {
    let metrics = Metrics::new();
    metrics.storage_reconfigured();
    metrics.pruner_install_status(PrunerInstallStatus::Enabled);
    metrics.storage_type(Some("S3"));
    metrics.image_stream_tags(ImageStreamTags::default());
    metrics.azure_key_cache(1, 1);
    metrics.pass_pending();
    metrics.pass(Outcome::Succeeded, Duration::from_millis(1));
    metrics.request(Verb::Apply, Outcome::Succeeded);
    metrics.object(ObjectResult::Written);
    let conditions = vec![Condition::new("Available", true, "AsExpected", "")];
    let image_pruner = Some(PrunerReport { conditions, observed_generation: None });
    metrics.conditions(&StatusReport { image_pruner, ..StatusReport::default() });
    let _watch = metrics.watch_opened();
    metrics.encode()
}

/// The operator's metrics by the text it serves.
fn of_operator() -> Known {
    let text = served();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut known = Known::new();
    for line in lines {
        let (name, labels) =
            line.rsplit_once(' ').unwrap().0.split_once('{').unwrap_or((line.split(' ').next().unwrap(), ""));
        let names = labels.split(',').filter_map(|label| label.split_once('=')).map(|(name, _)| name.to_owned());
        known.entry(name.to_owned()).or_default().extend(names);
    }
    known
}

/// The metrics of others.
fn of_others() -> Known {
    let [sources] = documents("monitoring/metrics.yaml").try_into().unwrap();
    let of_sources = sources.as_object().unwrap().values().flat_map(|metrics| metrics.as_object().unwrap());
    let labels = |value: &serde_json::Value| serde_json::from_value(value.clone()).unwrap();
    of_sources.map(|(name, value)| (name.clone(), labels(value))).collect()
}

/// Every metric that an expression may ask for.
pub fn known() -> Known {
    let rules = rules();
    let records = rules.iter().filter_map(|rule| rule["record"].as_str());
    // By which labels records can be told apart is for their own tests to say.
    let labels = || ["location", "source", "operation", "resource_type"].map(str::to_owned).into();
    let mut known: Known = records.map(|name| (name.to_owned(), labels())).collect();
    known.extend(of_others());
    known.extend(of_operator());
    known
}

/// What is asked for and does not exist.
pub fn unknown(expression: &str, known: &Known) -> Vec<String> {
    let mut unknown = Vec::new();
    for (name, labels) in metrics_in(expression) {
        let Some(has) = known.get(&name) else {
            unknown.push(name);
            continue;
        };
        let exists = |label: &&String| has.contains(*label) || OF_TARGETS.contains(&label.as_str());
        unknown.extend(labels.iter().filter(|label| !exists(label)).map(|label| format!("{name}{{{label}}}")));
    }
    unknown
}

#[test]
fn rules_ask_for_metrics_that_exist() {
    let known = known();
    for rule in rules() {
        let expression = text(&rule, "/expr");
        assert!(!metrics_in(expression).is_empty(), "{expression}");
        let unknown = unknown(expression, &known);
        assert!(unknown.is_empty(), "{expression}\nasks for {unknown:?}");
    }
}

#[test]
fn the_list_holds_only_what_is_used() {
    let mut used: BTreeSet<String> =
        rules().iter().flat_map(|rule| metrics_in(text(rule, "/expr"))).map(|(n, _)| n).collect();
    used.extend(crate::dashboard::expressions().iter().flat_map(|expression| metrics_in(expression)).map(|(n, _)| n));
    let unused: Vec<String> = of_others().into_keys().filter(|name| !used.contains(name)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

/// The name that the linter does not like is the reference's, and recording rules and telemetry depend on it.
#[test]
fn the_operators_metrics_are_as_prometheus_wants_them() {
    let complaints = promtool::lint(&served()).unwrap();
    let reference = "image_registry_image_stream_tags_total non-counter metrics should not have \"_total\" suffix";
    assert_eq!(complaints, [reference]);
}

#[test]
fn the_overview_lists_every_metric_of_the_operator() {
    let overview = read("docs/monitoring.md");
    for (name, labels) in of_operator() {
        let row = overview.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/monitoring.md has no row for {name}"));
        for label in labels {
            assert!(row.contains(&format!("`{label}`")), "docs/monitoring.md does not name label {label}: {row}");
        }
    }
}
