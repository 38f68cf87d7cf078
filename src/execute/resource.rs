//! Where objects are: the resource of every kind that the operator reads or writes.

use super::error::Error;
use crate::render::ObjectId;

/// A kind and its place in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The kind, as `Deployment`.
    pub kind: &'static str,
    /// `group/version`, or the version alone for the core group.
    pub api_version: &'static str,
    /// The resource, in plural.
    pub plural: &'static str,
}

const fn resource(api_version: &'static str, kind: &'static str, plural: &'static str) -> Resource {
    Resource { kind, api_version, plural }
}

const RESOURCES: [Resource; 28] = [
    resource("v1", "ConfigMap", "configmaps"),
    resource("v1", "Event", "events"),
    resource("v1", "Namespace", "namespaces"),
    resource("v1", "Node", "nodes"),
    resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    resource("v1", "Pod", "pods"),
    resource("v1", "Secret", "secrets"),
    resource("v1", "Service", "services"),
    resource("v1", "ServiceAccount", "serviceaccounts"),
    resource("apps/v1", "DaemonSet", "daemonsets"),
    resource("apps/v1", "Deployment", "deployments"),
    resource("batch/v1", "CronJob", "cronjobs"),
    resource("batch/v1", "Job", "jobs"),
    resource("coordination.k8s.io/v1", "Lease", "leases"),
    resource("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    resource("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    resource("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles"),
    resource("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings"),
    resource("route.openshift.io/v1", "Route", "routes"),
    resource("imageregistry.operator.openshift.io/v1", "Config", "configs"),
    resource("imageregistry.operator.openshift.io/v1", "ImagePruner", "imagepruners"),
    resource("config.openshift.io/v1", "APIServer", "apiservers"),
    resource("config.openshift.io/v1", "ClusterOperator", "clusteroperators"),
    resource("config.openshift.io/v1", "ClusterVersion", "clusterversions"),
    resource("config.openshift.io/v1", "FeatureGate", "featuregates"),
    resource("config.openshift.io/v1", "Image", "images"),
    resource("config.openshift.io/v1", "Infrastructure", "infrastructures"),
    resource("config.openshift.io/v1", "Proxy", "proxies"),
];

impl Resource {
    /// The resource of a kind that is known.
    ///
    /// # Errors
    /// The kind is none of those that the operator deals with.
    pub fn of(id: &ObjectId) -> Result<Resource, Error> {
        Resource::named(&id.kind).ok_or_else(|| Error::UnknownKind(id.kind.clone()))
    }

    /// The resource of a kind, by its name alone; the kinds of the operator have names of their own.
    pub fn named(kind: &str) -> Option<Resource> {
        RESOURCES.into_iter().find(|resource| resource.kind == kind)
    }

    /// The path of all objects of the kind in a namespace, or in the cluster if that is empty.
    pub fn path(&self, namespace: &str) -> String {
        let Resource { kind: _, api_version, plural } = self;
        let root = if api_version.contains('/') { "apis" } else { "api" };
        match namespace {
            "" => format!("/{root}/{api_version}/{plural}"),
            namespace => format!("/{root}/{api_version}/namespaces/{namespace}/{plural}"),
        }
    }

    /// The path of the objects that this one is among.
    pub fn collection(&self, id: &ObjectId) -> String {
        self.path(&id.namespace)
    }

    /// The path of the object.
    pub fn url(&self, id: &ObjectId) -> String {
        format!("{}/{}", self.collection(id), id.name)
    }

    /// An object of this kind.
    pub fn id(&self, namespace: &str, name: &str) -> ObjectId {
        ObjectId {
            api_version: self.api_version.to_owned(),
            kind: self.kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }
}
