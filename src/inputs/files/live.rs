//! Inputs from a live cluster: the same reading of objects as from files.
//!
//! Files that are wrong are refused as a whole. In a cluster the rest has to go on, so an object that cannot be read
//! is left out and named among the refused ones.

use super::Environment;
use super::collect::Collector;
use super::kinds::{self, Kind, NAMESPACE, Verdict};
use super::object::{Object, reduce};
use super::origin::Origin;
use super::report::Report;
use crate::inputs::{Inputs, Observed};
use serde_json::Value;
use std::collections::BTreeMap;

/// Where somebody looked for objects.
#[derive(Clone, Copy, Debug)]
pub struct Looked<'a> {
    /// The kind.
    pub kind: &'a str,
    /// The namespace; empty for objects of the cluster.
    pub namespace: &'a str,
    /// The only name that was looked for; none means all.
    pub name: Option<&'a str>,
}

/// Turns live objects into inputs. What was looked for and is not among them is absent.
pub fn from_live<'a>(
    objects: impl IntoIterator<Item = &'a Value>,
    looked: impl IntoIterator<Item = Looked<'a>>,
    environment: Environment,
) -> Inputs {
    let mut report = Report::default();
    let mut collector = Collector::new(environment);
    let mut previous = crate::inputs::PreviousStatus::default();
    for body in objects {
        let object = object(body);
        let Verdict::Take(kind) = kinds::judge(&object) else { continue };
        let before = report.len();
        collector.place(kind, &object, &mut report);
        if report.len() > before {
            let status = || previous_status(body);
            match kind {
                Kind::Config => previous.config = status(),
                Kind::ImagePruner => previous.image_pruner = status(),
                _ => {}
            }
        }
    }
    let mut inputs = collector.into_inputs();
    inputs.refused = report.into_result(()).err().unwrap_or_default();
    inputs.previous_status = previous;
    for looked in looked {
        mark(&mut inputs, &looked);
    }
    inputs
}

/// The status as it was reported, except for the generation: what is refused now is the newest one.
fn previous_status(body: &Value) -> Option<Value> {
    let mut status = body.get("status")?.clone();
    if let (Some(fields), Some(generation)) = (status.as_object_mut(), body.pointer("/metadata/generation")) {
        fields.insert("observedGeneration".to_owned(), generation.clone());
    }
    Some(status)
}

fn object(body: &Value) -> Object {
    let mut document = body.clone();
    reduce(&mut document);
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    Object {
        origin: Origin::default(),
        api_version: text("/apiVersion"),
        kind: text("/kind"),
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name"),
        document,
    }
}

/// Turns "not observed" into "absent" where somebody has looked. What was refused exists, and stays as it is.
fn mark(inputs: &mut Inputs, looked: &Looked<'_>) {
    let is_refused = |kind: &str| inputs.refused.iter().any(|problem| problem.object.starts_with(&format!("{kind}/")));
    if is_refused(looked.kind) {
        return;
    }
    let Inputs { config, image_pruner, cluster, objects, observed, .. } = inputs;
    let of_registry = looked.namespace == NAMESPACE;
    match (looked.kind, looked.name) {
        ("Config", _) => absent(config),
        ("ImagePruner", _) => absent(image_pruner),
        ("Infrastructure", _) => absent(&mut cluster.infrastructure),
        ("Proxy", _) => absent(&mut cluster.proxy),
        ("Image", _) => absent(&mut cluster.image),
        ("APIServer", _) => absent(&mut cluster.api_server),
        ("ClusterVersion", _) => absent(&mut cluster.cluster_version),
        ("FeatureGate", _) => absent(&mut cluster.feature_gate),
        ("Namespace", Some(NAMESPACE)) => absent(&mut cluster.namespace_annotations),
        ("Node", _) => none(&mut cluster.node_labels),
        ("Deployment", _) if of_registry => absent(&mut observed.deployment),
        ("DaemonSet", _) if of_registry => absent(&mut observed.node_ca),
        ("CronJob", _) if of_registry => absent(&mut observed.pruner),
        ("Service", _) if of_registry => absent(&mut observed.service),
        ("Job", None) if of_registry => none(&mut observed.jobs),
        ("Route", None) if of_registry => none(&mut observed.routes),
        ("PersistentVolumeClaim", Some(name)) if of_registry => {
            observed.claims.entry(name.to_owned()).or_insert(Observed::Absent);
        }
        ("Secret" | "ConfigMap", None) => {
            objects.complete.insert((looked.kind.to_owned(), looked.namespace.to_owned()));
        }
        ("Secret", Some(name)) => {
            let key = (looked.namespace.to_owned(), name.to_owned());
            objects.secrets.entry(key).or_insert(Observed::Absent);
        }
        ("ConfigMap", Some(name)) => {
            let key = (looked.namespace.to_owned(), name.to_owned());
            objects.config_maps.entry(key).or_insert(Observed::Absent);
        }
        _ => {}
    }
}

fn absent<T>(fact: &mut Observed<T>) {
    if !fact.was_looked_at() {
        *fact = Observed::Absent;
    }
}

fn none<T>(fact: &mut Observed<BTreeMap<String, T>>) {
    if !fact.was_looked_at() {
        *fact = Observed::Present(BTreeMap::new());
    }
}
