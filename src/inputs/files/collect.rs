//! Putting objects where they belong in [`Inputs`].

use super::kinds::{self, Kind, Verdict};
use super::notes::Notes;
use super::object::Object;
use super::origin::Origin;
use super::report::Report;
use super::{Environment, Loaded, Objects, Text};
use super::{derive, documents, plain, strict, typed};
use crate::api::validate::{parse_config, parse_image_pruner};
use crate::inputs::{Inputs, Observed};
use crate::problem::Problem;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

/// Group, kind, namespace and name.
type Identity = (String, String, String, String);

/// Inputs in the making.
#[derive(Debug)]
pub(super) struct Collector {
    inputs: Inputs,
    notes: Notes,
    documents: usize,
    seen: BTreeMap<Identity, Vec<Origin>>,
    /// The objects as they stand in the files, if they are to be kept.
    kept: Option<Vec<Value>>,
}

impl Collector {
    /// Nothing but the environment.
    pub(super) fn new(environment: Environment) -> Self {
        let inputs = Inputs { environment, ..Inputs::default() };
        Collector { inputs, notes: Notes::default(), documents: 0, seen: BTreeMap::new(), kept: None }
    }

    /// The same, keeping the objects as they are.
    pub(super) fn keeping(self) -> Self {
        Collector { kept: Some(Vec::new()), ..self }
    }

    /// Adds the objects of a text; says how many documents it held.
    pub(super) fn add(&mut self, text: Text<'_>, report: &mut Report) -> usize {
        let documents = documents::read(text, report, |object, report| match kinds::judge(&object) {
            Verdict::Take(kind) => self.take(kind, object, report),
            Verdict::Ignore(reason) => self.notes.ignore(&object, reason),
            Verdict::Refuse(path, reason, message, remedy) => report.object(&object, path, reason, message, remedy),
        });
        self.documents += documents;
        documents
    }

    /// The inputs, unless anything is wrong with them.
    pub(super) fn finish(mut self, mut report: Report) -> Result<Loaded, Vec<Problem>> {
        self.name_duplicates(&mut report);
        if report.is_empty() {
            derive::complete(&mut self.inputs, self.documents, &mut report);
        }
        report.into_result(Loaded { inputs: self.inputs, notes: self.notes.into_lines() })
    }

    /// The kept objects, unless anything is wrong with them.
    pub(super) fn finish_objects(mut self, mut report: Report) -> Result<Objects, Vec<Problem>> {
        self.name_duplicates(&mut report);
        report.into_result(Objects { objects: self.kept.unwrap_or_default(), notes: self.notes.into_lines() })
    }

    fn name_duplicates(&mut self, report: &mut Report) {
        for ((_, kind, namespace, name), mut origins) in std::mem::take(&mut self.seen) {
            origins.sort();
            let [first, others @ ..] = origins.as_slice() else { continue };
            for origin in others {
                let place = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
                let message = format!("{kind}/{place}{name} was already given at {first}");
                report.file(origin, "DuplicateObject", message, "give each object once");
            }
        }
    }

    /// What was collected, complete or not.
    pub(super) fn into_inputs(self) -> Inputs {
        self.inputs
    }

    fn take(&mut self, kind: Kind, object: Object, report: &mut Report) {
        let namespace = if is_of_cluster(kind) { String::new() } else { object.namespace.clone() };
        let identity = (object.group().to_owned(), object.kind.clone(), namespace, object.name.clone());
        self.seen.entry(identity).or_default().push(object.origin.clone());
        if let Some(kept) = &mut self.kept {
            let mut document = object.document.clone();
            if let Some(metadata) = document.get_mut("metadata").and_then(Value::as_object_mut)
                && is_of_cluster(kind)
            {
                metadata.remove("namespace");
            }
            kept.push(document);
        }
        self.place(kind, &object, report);
    }

    /// Puts an object where it belongs; what is wrong with it goes to the report.
    pub(super) fn place(&mut self, kind: Kind, object: &Object, report: &mut Report) {
        let Inputs { config, image_pruner, cluster, objects, observed, .. } = &mut self.inputs;
        let key = || (object.namespace.clone(), object.name.clone());
        match kind {
            Kind::Config => put(config, strict::read(object, parse_config, report)),
            Kind::ImagePruner => put(image_pruner, strict::read(object, parse_image_pruner, report)),
            Kind::Infrastructure => put(&mut cluster.infrastructure, typed::read(object, openshift, report)),
            Kind::Proxy => put(&mut cluster.proxy, typed::read(object, openshift, report)),
            Kind::Image => put(&mut cluster.image, typed::read(object, openshift, report)),
            Kind::ApiServer => put(&mut cluster.api_server, typed::read(object, openshift, report)),
            Kind::Ingress => put(&mut cluster.ingress, typed::read(object, openshift, report)),
            Kind::ClusterVersion => put(&mut cluster.cluster_version, typed::read(object, openshift, report)),
            Kind::FeatureGate => put(&mut cluster.feature_gate, typed::read(object, openshift, report)),
            Kind::ClusterOperator => {}
            Kind::Namespace => {
                let annotations = plain::texts(object, "metadata.annotations", report);
                cluster.namespace_annotations = Observed::Present(annotations);
            }
            Kind::Node => {
                let labels = plain::texts(object, "metadata.labels", report);
                put_named(&mut cluster.node_labels, &object.name, Some(labels));
            }
            Kind::Secret => {
                objects.secrets.insert(key(), Observed::Present(plain::secret(object, report)));
            }
            Kind::ConfigMap => {
                objects.config_maps.insert(key(), Observed::Present(plain::config_map(object, report)));
            }
            Kind::Service => put(&mut observed.service, typed::read(object, kube_object, report)),
            Kind::Deployment => put(&mut observed.deployment, typed::read(object, kube_object, report)),
            Kind::DaemonSet => put(&mut observed.node_ca, typed::read(object, kube_object, report)),
            Kind::CronJob => put(&mut observed.pruner, typed::read(object, kube_object, report)),
            Kind::Job => put_named(&mut observed.jobs, &object.name, typed::read(object, kube_object, report)),
            Kind::Route => put_named(&mut observed.routes, &object.name, typed::read(object, openshift, report)),
            Kind::Claim => {
                if let Some(claim) = typed::read(object, kube_object, report) {
                    observed.claims.insert(object.name.clone(), Observed::Present(claim));
                }
            }
        }
    }
}

/// Whether a namespace in the metadata means nothing.
fn is_of_cluster(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Config
            | ImagePruner
            | Infrastructure
            | Proxy
            | Image
            | ApiServer
            | Ingress
            | ClusterVersion
            | FeatureGate
            | ClusterOperator
            | Namespace
            | Node
    )
}

fn put<T>(slot: &mut Observed<T>, value: Option<T>) {
    if let Some(value) = value {
        *slot = Observed::Present(value);
    }
}

fn put_named<T>(slot: &mut Observed<BTreeMap<String, T>>, name: &str, value: Option<T>) {
    let Some(value) = value else { return };
    match slot {
        Observed::Present(values) => drop(values.insert(name.to_owned(), value)),
        Observed::NotObserved | Observed::Absent => {
            *slot = Observed::Present(BTreeMap::from([(name.to_owned(), value)]));
        }
    }
}

fn kube_object<T: DeserializeOwned>(document: Value) -> Result<T, serde_json::Error> {
    serde_json::from_value(document)
}

fn openshift<T: crate::api::openshift::Kind>(document: Value) -> Result<T, serde_json::Error> {
    T::from_document(document)
}
