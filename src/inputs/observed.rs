//! What was seen of the live cluster, with "not looked at" kept apart from "not there".

use super::storage::StorageObservation;
use crate::api::openshift::Route;
use crate::problem::Concern;
use k8s_openapi::api::{
    apps::v1::{DaemonSet, Deployment},
    batch::v1::{CronJob, Job},
    core::v1::{PersistentVolumeClaim, Service},
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::collections::BTreeMap;
use std::fmt;

/// One fact about the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Observed<T> {
    /// Nobody looked: offline, the object was not among the inputs.
    #[default]
    NotObserved,
    /// The cluster said that it does not exist.
    Absent,
    /// It exists.
    Present(T),
}

impl<T> Observed<T> {
    /// The value, if there is one.
    pub fn present(&self) -> Option<&T> {
        match self {
            Observed::Present(value) => Some(value),
            Observed::NotObserved | Observed::Absent => None,
        }
    }

    /// Whether somebody looked.
    pub fn was_looked_at(&self) -> bool {
        !matches!(self, Observed::NotObserved)
    }
}

/// Something that the last execution could not carry out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it stopped.
    pub concern: Concern,
    /// Object and reason, for people. It never holds a secret's value.
    pub message: String,
    /// Since when the concern has been failing without a success in between, whatever the messages were.
    pub since: Time,
}

/// The live state of the operator's own objects.
///
/// Its Debug output says what was observed and shows no content: the live Deployment holds the HTTP secret.
#[derive(Clone, Default)]
pub struct ObservedWorld {
    /// The time of the observation; without it, nothing that depends on elapsed time is concluded.
    pub now: Option<Time>,
    /// Deployment openshift-image-registry/image-registry.
    pub deployment: Observed<Deployment>,
    /// DaemonSet openshift-image-registry/node-ca.
    pub node_ca: Observed<DaemonSet>,
    /// CronJob openshift-image-registry/image-pruner.
    pub pruner: Observed<CronJob>,
    /// Jobs in the namespace, by name.
    pub jobs: Observed<BTreeMap<String, Job>>,
    /// Service openshift-image-registry/image-registry.
    pub service: Observed<Service>,
    /// Routes in the namespace, by name.
    pub routes: Observed<BTreeMap<String, Route>>,
    /// Claims in the namespace, by name.
    pub claims: BTreeMap<String, Observed<PersistentVolumeClaim>>,
    /// The storage medium, as the last storage action reported it.
    pub storage: StorageObservation,
    /// What the last execution could not carry out, in any order.
    pub failures: Vec<Failure>,
}

impl fmt::Debug for ObservedWorld {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn seen<T>(fact: &Observed<T>) -> &'static str {
            match fact {
                Observed::NotObserved => "not observed",
                Observed::Absent => "absent",
                Observed::Present(_) => "present",
            }
        }
        let ObservedWorld { now, deployment, node_ca, pruner, jobs, service, routes, claims, storage, failures } = self;
        formatter
            .debug_struct("ObservedWorld")
            .field("now", now)
            .field("deployment", &seen(deployment))
            .field("node_ca", &seen(node_ca))
            .field("pruner", &seen(pruner))
            .field("jobs", &seen(jobs))
            .field("service", &seen(service))
            .field("routes", &seen(routes))
            .field("claims", &claims.keys())
            .field("storage", storage)
            .field("failures", failures)
            .finish()
    }
}
