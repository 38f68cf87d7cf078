//! What is watched, and what is looked at from time to time.
//!
//! At most [`WATCHES`] watches are open at any time: OpenShift fails an operator with more than 212 watch requests an
//! hour on its strictest platform, and each watch is opened again and again. Everything the operator owns is watched all the time, since a change of it is repaired at once. The inputs
//! that hardly ever change take turns in the last place.

use crate::execute::World;
use crate::execute::resource::Resource;
use crate::execute::world::Scope;
use crate::render::bootstrap::config_id;
use crate::render::names::{
    CLUSTER, DEFAULT_CLAIM, MANAGED_BY, NAMESPACE, OPENSHIFT_CONFIG, OPENSHIFT_CONFIG_MANAGED, PATH_FIX, REGISTRY,
    REGISTRY_CA,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// The most watches that are open at any time.
pub const WATCHES: usize = 15;

/// Objects to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Which objects.
    pub scope: Scope,
    /// Only those with this label, as `key=value` or `key`.
    pub label: Option<String>,
    /// No more than so many of them are needed; 0 means all.
    pub at_most: usize,
}

impl Target {
    /// All objects of a kind in a namespace.
    pub fn all(kind: &'static str, namespace: &str) -> Self {
        let scope = Scope { kind, namespace: namespace.to_owned(), name: None, labelled: false };
        Target { scope, label: None, at_most: 0 }
    }

    /// One object.
    pub fn one(kind: &'static str, namespace: &str, name: &str) -> Self {
        let scope = Scope { kind, namespace: namespace.to_owned(), name: Some(name.to_owned()), labelled: false };
        Target { scope, label: None, at_most: 0 }
    }

    /// Objects of a kind with a label.
    pub fn labelled(kind: &'static str, namespace: &str, label: &str) -> Self {
        let scope = Scope { kind, namespace: namespace.to_owned(), name: None, labelled: true };
        Target { scope, label: Some(label.to_owned()), at_most: 0 }
    }

    /// The path and the selectors, for a list or a watch; none for a kind that is not known.
    pub fn url(&self) -> Option<String> {
        let Scope { kind, namespace, name, labelled: _ } = &self.scope;
        let mut url = Resource::named(kind)?.path(namespace);
        url.push('?');
        if let Some(name) = name {
            url.push_str(&format!("fieldSelector=metadata.name%3D{name}&"));
        }
        if let Some(label) = &self.label {
            url.push_str(&format!("labelSelector={}&", label.replace('/', "%2F").replace('=', "%3D")));
        }
        Some(url)
    }
}

/// What is watched all the time: whatever the operator owns, and Config.
pub fn always() -> Vec<Target> {
    let managed_by = format!("{}={}", MANAGED_BY.0, MANAGED_BY.1);
    vec![
        Target::one("Config", "", CLUSTER),
        Target::all("Deployment", NAMESPACE),
        Target::all("DaemonSet", NAMESPACE),
        Target::all("CronJob", NAMESPACE),
        Target::all("Service", NAMESPACE),
        Target::all("Route", NAMESPACE),
        Target::all("ConfigMap", NAMESPACE),
        Target::all("Secret", NAMESPACE),
        Target::all("ServiceAccount", NAMESPACE),
        Target::all("NetworkPolicy", NAMESPACE),
        Target::all("PodDisruptionBudget", NAMESPACE),
        Target::labelled("ClusterRole", "", &managed_by),
        Target::labelled("ClusterRoleBinding", "", &managed_by),
        Target::one("ConfigMap", OPENSHIFT_CONFIG_MANAGED, REGISTRY_CA),
    ]
}

/// What has the last place for itself most of the time, since people edit it.
pub fn pruner() -> Target {
    Target::one("ImagePruner", "", CLUSTER)
}

/// What takes turns in the last place, given what is known.
pub fn in_turns(world: &World) -> BTreeSet<Target> {
    let mut targets = BTreeSet::from([
        Target::one("Image", "", CLUSTER),
        Target::one("Proxy", "", CLUSTER),
        Target::one("APIServer", "", CLUSTER),
        Target::one("Infrastructure", "", CLUSTER),
        Target::one("ClusterOperator", "", REGISTRY),
        Target::one("Secret", OPENSHIFT_CONFIG, "pull-secret"),
    ]);
    let text = |kind: &str, pointer: &str| text_of(world, kind, pointer);
    let mut config_map = |namespace: &str, name: &str| {
        if !name.is_empty() {
            targets.insert(Target::one("ConfigMap", namespace, name));
        }
    };
    config_map(OPENSHIFT_CONFIG, text("Image", "/spec/additionalTrustedCA/name"));
    config_map(OPENSHIFT_CONFIG, text("Config", "/spec/storage/s3/trustedCA/name"));
    let platform = text("Infrastructure", "/status/platformStatus/type");
    let storage = config(world).and_then(|config| config.pointer("/spec/storage"));
    let uses = |backend: &str| storage.is_some_and(|storage| storage.get(backend).is_some());
    if platform == "AWS" || uses("s3") {
        config_map(OPENSHIFT_CONFIG_MANAGED, "kube-cloud-config");
    }
    if matches!(platform, "Azure" | "OpenStack") || uses("swift") || uses("azure") {
        config_map(OPENSHIFT_CONFIG, "cloud-provider-config");
    }
    if platform == "Azure" || uses("azure") {
        targets.insert(Target::one("Job", NAMESPACE, PATH_FIX));
    }
    if uses("pvc") || matches!(platform, "OpenStack" | "oVirt") {
        let claim = text("Config", "/spec/storage/pvc/claim");
        let claim = if claim.is_empty() { DEFAULT_CLAIM } else { claim };
        targets.insert(Target::one("PersistentVolumeClaim", NAMESPACE, claim));
    }
    // Of a Job that somebody starts by hand, the CronJob says nothing.
    targets.extend(Some(pruner_jobs()).filter(|jobs| world.was_looked_at(&jobs.scope)));
    targets
}

/// What is looked at once an hour: it changes with an upgrade, which restarts the operator, or not at all.
pub fn hourly() -> Vec<Target> {
    let zones = Target { at_most: 1, ..Target::labelled("Node", "", "topology.kubernetes.io/zone") };
    vec![Target::one("Namespace", "", NAMESPACE), zones, Target::one("FeatureGate", "", CLUSTER), cluster_version()]
}

/// Tells the release, where the operator does not know its own, and the architecture.
pub fn cluster_version() -> Target {
    Target::one("ClusterVersion", "", "version")
}

/// The Jobs of the pruner; looked at when the CronJob says that one ran.
pub fn pruner_jobs() -> Target {
    Target::labelled("Job", NAMESPACE, "created-by=image-pruner")
}

fn config(world: &World) -> Option<&Value> {
    world.get(&config_id()).present().map(crate::execute::Live::body)
}

/// A text in one of the cluster's singletons; empty if it is not there.
fn text_of<'a>(world: &'a World, kind: &str, pointer: &str) -> &'a str {
    let id = Resource::named(kind).map(|resource| resource.id("", CLUSTER));
    let live = id.and_then(|id| world.get(&id).present());
    live.and_then(|live| live.body().pointer(pointer)).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_is_left_for_turns_and_every_target_is_scoped() {
        assert_eq!(always().len(), WATCHES - 1);
        for target in always().into_iter().chain([pruner()]).chain(in_turns(&World::default())) {
            let scoped = !target.scope.namespace.is_empty() || target.scope.name.is_some() || target.label.is_some();
            assert!(scoped, "{target:?}");
            assert!(target.url().is_some(), "{target:?}");
        }
    }
}
