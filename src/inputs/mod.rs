//! Everything a plan depends on, as one value.
//!
//! The renderer sees an [`Inputs`] and nothing else. It is filled from files ([`files`]) or from a cluster.

pub mod environment;
pub mod files;
pub mod objects;
pub mod observed;
pub mod refused;
pub mod storage;

pub use environment::Environment;
pub use objects::{ConfigMapData, Objects, SecretBytes, SecretData};
pub use observed::{Failure, Observed, ObservedWorld};
pub use refused::PreviousStatus;
pub use storage::{Fact, MediumId, MediumObservation, Presence, StorageObservation, Told};

use crate::api::config::Config;
use crate::api::image_pruner::ImagePruner;
use crate::api::openshift::{ApiServer, ClusterVersion, FeatureGate, Image, Infrastructure, Ingress, Proxy};
use crate::api::secret::Secret;
use crate::problem::Problem;
use std::collections::BTreeMap;

/// The complete input of one rendering. Equal inputs render equal bytes.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Images, versions and file paths that the operator's Deployment sets.
    pub environment: Environment,
    /// Config/cluster. Absent: the plan is the bootstrap Config for the platform.
    pub config: Observed<Config>,
    /// ImagePruner/cluster. Absent: the plan holds the bootstrap ImagePruner.
    pub image_pruner: Observed<ImagePruner>,
    /// Cluster-wide singletons of OpenShift.
    pub cluster: Cluster,
    /// Secrets and ConfigMaps that are referred to by name.
    pub objects: Objects,
    /// The live state of what the operator owns, and of the storage.
    pub observed: ObservedWorld,
    /// Values that need entropy, minted by the caller and written back once.
    pub minted: Minted,
    /// Why live objects cannot be read; these stay [`Observed::NotObserved`]. One problem an object or field is
    /// enough: the kind tells which concerns stand still. Reading files refuses the whole input instead.
    pub refused: Vec<Problem>,
    /// What was reported before in a refused Config/cluster or ImagePruner/cluster.
    pub previous_status: PreviousStatus,
}

/// The cluster's own configuration, as far as the registry depends on it.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    /// Infrastructure/cluster: platform, topology, infrastructure name.
    pub infrastructure: Observed<Infrastructure>,
    /// Proxy/cluster, of which only `status` counts.
    pub proxy: Observed<Proxy>,
    /// Image/cluster: additional CAs and hostnames.
    pub image: Observed<Image>,
    /// APIServer/cluster: the TLS security profile.
    pub api_server: Observed<ApiServer>,
    /// Ingress/cluster: the domain of default routes.
    pub ingress: Observed<Ingress>,
    /// ClusterVersion/version.
    pub cluster_version: Observed<ClusterVersion>,
    /// FeatureGate/cluster.
    pub feature_gate: Observed<FeatureGate>,
    /// Annotations of the namespace openshift-image-registry.
    pub namespace_annotations: Observed<BTreeMap<String, String>>,
    /// Labels of every node, by node name.
    pub node_labels: Observed<BTreeMap<String, BTreeMap<String, String>>>,
}

/// Values drawn by the caller because the renderer has no source of randomness.
#[derive(Clone, Debug, Default)]
pub struct Minted {
    /// A fresh `spec.httpSecret`, used only while the Config has none.
    pub http_secret: Option<Secret>,
}
