//! Metrics under the names of the reference, and a few of our own about the loop.

use crate::api::config::ConditionStatus;
use crate::render::status::StatusReport;
use jiff::Timestamp;
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

type Labels<const N: usize> = [(&'static str, &'static str); N];

/// The metrics of the process; clones share them.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Families>);

#[derive(Debug, Default)]
struct Families {
    registry: Registry,
    storage_reconfigured: Counter,
    pruner_install_status: Gauge,
    azure_key_cache: Family<Labels<1>, Counter>,
    image_stream_tags: Family<Labels<2>, Gauge>,
    storage_type: Family<Labels<1>, Gauge>,
    passes: Family<Labels<1>, Counter>,
    pass_duration: Gauge<f64, AtomicU64>,
    pass_failed: Gauge,
    pass_pending: Gauge,
    conditions: Family<Labels<2>, Gauge>,
    requests: Family<Labels<2>, Counter>,
    objects: Family<Labels<1>, Counter>,
    watches: Gauge,
}

/// Whether images are pruned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrunerInstallStatus {
    /// There is no CronJob.
    NotInstalled = 0,
    /// The CronJob is suspended.
    Suspended = 1,
    /// The CronJob runs on its schedule.
    Enabled = 2,
}

/// How many tags the image streams of a cluster have. A tag of the status that the spec names, too, was imported;
/// any other was pushed. Namespaces that begin with `openshift` are OpenShift's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImageStreamTags {
    /// Imported, in OpenShift's namespaces.
    pub imported_openshift: u32,
    /// Imported, elsewhere.
    pub imported_other: u32,
    /// Pushed, in OpenShift's namespaces.
    pub pushed_openshift: u32,
    /// Pushed, elsewhere.
    pub pushed_other: u32,
}

/// What requests to the API server do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the verbs of Kubernetes, with server-side apply as one of its own")]
pub enum Verb {
    Get,
    List,
    Watch,
    Create,
    Apply,
    Update,
    Delete,
}

/// How a pass of the loop or a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// As wanted.
    Succeeded,
    /// With an error.
    Failed,
}

/// What became of an object of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectResult {
    /// It was sent to the API server.
    Written,
    /// It was as planned already, and nothing was sent.
    Skipped,
}

/// A watch that is counted as open until it is dropped.
#[derive(Debug)]
pub struct OpenWatch(Gauge);

impl Drop for OpenWatch {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// Metrics at their beginning.
    pub fn new() -> Metrics {
        let mut families = Families::default();
        let mut registry = Registry::default();
        // Counters get their suffix `_total` when they are encoded.
        registry.register(
            "image_registry_operator_storage_reconfigured",
            "How often the registry was moved to another storage",
            families.storage_reconfigured.clone(),
        );
        registry.register(
            "image_registry_operator_image_pruner_install_status",
            "Whether images are pruned: 0 without a CronJob, 1 with a suspended one, 2 with an enabled one",
            families.pruner_install_status.clone(),
        );
        registry.register(
            "image_registry_operator_azure_key_cache_requests",
            "Look-ups of the key of an Azure storage account, by whether the cache had it",
            families.azure_key_cache.clone(),
        );
        registry.register(
            "image_registry_image_stream_tags_total",
            "Tags of all image streams, by how they came about and whose namespace they are in",
            families.image_stream_tags.clone(),
        );
        registry.register(
            "image_registry_storage_type",
            "1 for the kind of storage that the registry uses",
            families.storage_type.clone(),
        );
        registry.register(
            "image_registry_operator_passes",
            "Passes of the loop from observing to reporting, by result",
            families.passes.clone(),
        );
        registry.register(
            "image_registry_operator_last_pass_duration_seconds",
            "How long the last pass took",
            families.pass_duration.clone(),
        );
        registry.register(
            "image_registry_operator_last_pass_failed",
            "1 if the last pass failed, or found what keeps it from doing all it should",
            families.pass_failed.clone(),
        );
        registry.register(
            "image_registry_operator_pass_pending_timestamp_seconds",
            "Since when a pass is under way, or the first one waited for; 0 in between",
            families.pass_pending.clone(),
        );
        registry.register(
            "image_registry_operator_condition",
            "Conditions that are reported: 1 for True, 0 for False; what is Unknown is left out",
            families.conditions.clone(),
        );
        registry.register(
            "image_registry_operator_requests",
            "Requests to the API server, by verb and result",
            families.requests.clone(),
        );
        registry.register(
            "image_registry_operator_objects",
            "Objects of the plans, by whether they were written or skipped as up to date",
            families.objects.clone(),
        );
        registry.register(
            "image_registry_operator_watches_open",
            "Watches on the API server that are open",
            families.watches.clone(),
        );
        families.registry = registry;
        Metrics(Arc::new(families))
    }

    /// The registry was moved to another storage.
    pub fn storage_reconfigured(&self) {
        self.0.storage_reconfigured.inc();
    }

    /// Whether images are pruned now.
    pub fn pruner_install_status(&self, status: PrunerInstallStatus) {
        self.0.pruner_install_status.set(status as i64);
    }

    /// The kind of storage in use by the name that [`Backend::name`](crate::render::storage::Backend::name) gives it;
    /// the kind before it is forgotten.
    pub fn storage_type(&self, name: Option<&'static str>) {
        self.0.storage_type.clear();
        if let Some(name) = name {
            self.0.storage_type.get_or_create(&[("storage", name)]).set(1);
        }
    }

    /// The result of counting the tags.
    pub fn image_stream_tags(&self, tags: ImageStreamTags) {
        let ImageStreamTags { imported_openshift, imported_other, pushed_openshift, pushed_other } = tags;
        for (source, location, count) in [
            ("imported", "openshift", imported_openshift),
            ("imported", "other", imported_other),
            ("pushed", "openshift", pushed_openshift),
            ("pushed", "other", pushed_other),
        ] {
            let labels = [("source", source), ("location", location)];
            self.0.image_stream_tags.get_or_create(&labels).set(count.into());
        }
    }

    /// How often the key of an Azure storage account was at hand since the start, and how often it had to be asked for.
    pub fn azure_key_cache(&self, hits: u64, misses: u64) {
        for (result, count) in [("hit", hits), ("miss", misses)] {
            if count > 0 {
                self.0.azure_key_cache.get_or_create(&[("result", result)]).inner().store(count, Ordering::Relaxed);
            }
        }
    }

    /// A pass of the loop begins, or the first one is waited for.
    pub fn pass_pending(&self) {
        self.0.pass_pending.set(Timestamp::now().as_second());
    }

    /// A pass of the loop ended.
    pub fn pass(&self, outcome: Outcome, took: Duration) {
        self.0.passes.get_or_create(&[("result", outcome.label())]).inc();
        self.0.pass_duration.set(took.as_secs_f64());
        self.0.pass_failed.set((outcome == Outcome::Failed).into());
        self.0.pass_pending.set(0);
    }

    /// The conditions of Config and ImagePruner as they are reported now; those before them are forgotten.
    pub fn conditions(&self, status: &StatusReport) {
        self.0.conditions.clear();
        let config = status.config.iter().flat_map(|report| &report.conditions).map(|found| ("Config", found));
        let pruner = status.image_pruner.iter().flat_map(|report| &report.conditions);
        for (kind, condition) in config.chain(pruner.map(|found| ("ImagePruner", found))) {
            if condition.status != ConditionStatus::Unknown {
                let labels = [("kind", kind), ("type", condition.type_)];
                self.0.conditions.get_or_create(&labels).set(condition.holds().into());
            }
        }
    }

    /// A request to the API server was answered, or failed.
    pub fn request(&self, verb: Verb, outcome: Outcome) {
        self.0.requests.get_or_create(&[("verb", verb.label()), ("result", outcome.label())]).inc();
    }

    /// How many requests of the verb have ended like that.
    pub fn requests(&self, verb: Verb, outcome: Outcome) -> u64 {
        let labels = [("verb", verb.label()), ("result", outcome.label())];
        self.0.requests.get(&labels).map_or(0, |count| count.get())
    }

    /// An object of the plan was dealt with.
    pub fn object(&self, result: ObjectResult) {
        let result = match result {
            ObjectResult::Written => "written",
            ObjectResult::Skipped => "skipped",
        };
        self.0.objects.get_or_create(&[("result", result)]).inc();
    }

    /// A watch was opened.
    pub fn watch_opened(&self) -> OpenWatch {
        self.0.watches.inc();
        OpenWatch(self.0.watches.clone())
    }

    /// All metrics in the text format of Prometheus, version 0.0.4, as the reference serves them.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode_registry(&mut text, &self.0.registry);
        text_format(&text)
    }
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics::new()
    }
}

impl Outcome {
    /// The label's value.
    pub fn label(self) -> &'static str {
        match self {
            Outcome::Succeeded => "succeeded",
            Outcome::Failed => "failed",
        }
    }
}

impl Verb {
    /// The label's value.
    pub fn label(self) -> &'static str {
        match self {
            Verb::Get => "get",
            Verb::List => "list",
            Verb::Watch => "watch",
            Verb::Create => "create",
            Verb::Apply => "apply",
            Verb::Update => "update",
            Verb::Delete => "delete",
        }
    }
}

/// OpenMetrics, which the library writes, to the older text format, which every scraper reads. They differ in that
/// OpenMetrics describes a counter without the suffix of its samples.
fn text_format(openmetrics: &str) -> String {
    let counters: Vec<&str> = openmetrics.lines().filter_map(counter_name).collect();
    let mut text = String::with_capacity(openmetrics.len() + 6 * 2 * counters.len());
    for line in openmetrics.lines() {
        let described = counters.iter().find_map(|name| {
            let (before, after) = line.split_once(name)?;
            let is_description = matches!(before, "# HELP " | "# TYPE ") && after.starts_with(' ');
            is_description.then_some((before, name, after))
        });
        // Writing to a String cannot fail.
        let _ = match described {
            Some((before, name, after)) => writeln!(text, "{before}{name}_total{after}"),
            None => writeln!(text, "{line}"),
        };
    }
    text
}

fn counter_name(line: &str) -> Option<&str> {
    line.strip_prefix("# TYPE ")?.strip_suffix(" counter")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::status::{Condition, PrunerReport};

    /// The lines about a metric, sorted.
    fn about(metrics: &Metrics, name: &str) -> Vec<String> {
        let text = metrics.encode();
        let of = |line: &&str| line.split([' ', '{']).any(|word| word == name);
        let mut lines: Vec<String> = text.lines().filter(of).map(str::to_owned).collect();
        lines.sort();
        lines
    }

    fn samples(metrics: &Metrics, name: &str) -> Vec<String> {
        about(metrics, name).into_iter().filter(|line| !line.starts_with('#')).collect()
    }

    #[test]
    fn a_new_process_tells_what_needs_no_label() {
        let lines = |name| about(&Metrics::new(), name);
        let name = "image_registry_operator_storage_reconfigured_total";
        let [help, kind, sample] = lines(name).try_into().unwrap();
        assert!(help.starts_with(&format!("# HELP {name} How often")), "{help}");
        assert_eq!([kind, sample], [format!("# TYPE {name} counter"), format!("{name} 0")]);
        let name = "image_registry_operator_image_pruner_install_status";
        assert_eq!(lines(name)[1..], [format!("# TYPE {name} gauge"), format!("{name} 0")]);
        assert_eq!(samples(&Metrics::new(), "image_registry_storage_type"), [""; 0]);
    }

    #[test]
    fn names_and_labels_are_those_of_the_reference() {
        let metrics = Metrics::new();
        metrics.storage_reconfigured();
        assert_eq!(
            samples(&metrics, "image_registry_operator_storage_reconfigured_total"),
            ["image_registry_operator_storage_reconfigured_total 1"]
        );
        metrics.pruner_install_status(PrunerInstallStatus::Enabled);
        assert_eq!(
            samples(&metrics, "image_registry_operator_image_pruner_install_status"),
            ["image_registry_operator_image_pruner_install_status 2"]
        );
        metrics.azure_key_cache(2, 1);
        let name = "image_registry_operator_azure_key_cache_requests_total";
        assert_eq!(
            about(&metrics, name)[1..],
            [
                format!("# TYPE {name} counter"),
                format!("{name}{{result=\"hit\"}} 2"),
                format!("{name}{{result=\"miss\"}} 1")
            ]
        );
        metrics.image_stream_tags(ImageStreamTags {
            imported_openshift: 1,
            imported_other: 2,
            pushed_openshift: 3,
            pushed_other: 4,
        });
        let name = "image_registry_image_stream_tags_total";
        assert_eq!(
            about(&metrics, name)[1..],
            [
                format!("# TYPE {name} gauge"),
                format!("{name}{{source=\"imported\",location=\"openshift\"}} 1"),
                format!("{name}{{source=\"imported\",location=\"other\"}} 2"),
                format!("{name}{{source=\"pushed\",location=\"openshift\"}} 3"),
                format!("{name}{{source=\"pushed\",location=\"other\"}} 4"),
            ]
        );
    }

    #[test]
    fn a_storage_that_is_left_leaves_no_series() {
        let metrics = Metrics::new();
        metrics.storage_type(Some("PVC"));
        metrics.clone().storage_type(Some("S3"));
        let name = "image_registry_storage_type";
        assert_eq!(about(&metrics, name)[1..], [format!("# TYPE {name} gauge"), format!("{name}{{storage=\"S3\"}} 1")]);
        metrics.storage_type(None);
        assert_eq!(samples(&metrics, name), [""; 0]);
    }

    #[test]
    fn a_pass_is_pending_until_it_ends() {
        let pending = |metrics: &Metrics| {
            let found = samples(metrics, "image_registry_operator_pass_pending_timestamp_seconds");
            found[0].split(' ').nth(1).unwrap().parse::<i64>().unwrap()
        };
        let metrics = Metrics::new();
        assert_eq!(pending(&metrics), 0);
        let before = Timestamp::now().as_second();
        metrics.pass_pending();
        assert!(pending(&metrics) >= before);
        let failed = |metrics: &Metrics| samples(metrics, "image_registry_operator_last_pass_failed");
        assert_eq!(failed(&metrics), ["image_registry_operator_last_pass_failed 0"]);
        metrics.pass(Outcome::Failed, Duration::ZERO);
        assert_eq!(pending(&metrics), 0);
        assert_eq!(failed(&metrics), ["image_registry_operator_last_pass_failed 1"]);
        metrics.pass(Outcome::Succeeded, Duration::ZERO);
        assert_eq!(failed(&metrics), ["image_registry_operator_last_pass_failed 0"]);
    }

    #[test]
    fn conditions_are_those_of_the_last_report() {
        let metrics = Metrics::new();
        let report = |conditions| StatusReport {
            image_pruner: Some(PrunerReport { conditions, observed_generation: None }),
            ..StatusReport::default()
        };
        let available = Condition::new("Available", true, "AsExpected", "");
        let failed = Condition::new("Failed", false, "Complete", "");
        metrics.conditions(&report(vec![available, failed, Condition::unknown("Scheduled", "")]));
        let name = "image_registry_operator_condition";
        let sample = |type_: &str, value: u8| format!("{name}{{kind=\"ImagePruner\",type=\"{type_}\"}} {value}");
        assert_eq!(samples(&metrics, name), [sample("Available", 1), sample("Failed", 0)]);
        metrics.conditions(&report(vec![Condition::new("Available", false, "Error", "")]));
        assert_eq!(samples(&metrics, name), [sample("Available", 0)]);
    }

    #[test]
    fn the_loop_counts_its_work() {
        let metrics = Metrics::new();
        metrics.pass(Outcome::Failed, Duration::from_millis(1500));
        metrics.request(Verb::Apply, Outcome::Succeeded);
        metrics.object(ObjectResult::Written);
        metrics.object(ObjectResult::Skipped);
        let watch = metrics.watch_opened();
        let text = metrics.encode();
        for line in [
            "# TYPE image_registry_operator_passes_total counter",
            "image_registry_operator_passes_total{result=\"failed\"} 1",
            "image_registry_operator_last_pass_duration_seconds 1.5",
            "image_registry_operator_requests_total{verb=\"apply\",result=\"succeeded\"} 1",
            "image_registry_operator_objects_total{result=\"written\"} 1",
            "image_registry_operator_objects_total{result=\"skipped\"} 1",
            "image_registry_operator_watches_open 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
        drop(watch);
        assert_eq!(
            samples(&metrics, "image_registry_operator_watches_open"),
            ["image_registry_operator_watches_open 0"]
        );
        assert!(!text.contains("# EOF") && !text.contains("_total_total"), "{text}");
    }
}
