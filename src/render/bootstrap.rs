//! The Config and the ImagePruner that a cluster starts with, and the Image where it lacks one.

use super::context::{infrastructure, is_single_replica, platform_type};
use super::manifest::{Manifest, ObjectId};
use super::names::{CLUSTER, DEFAULT_CLAIM, FINALIZER, NAMESPACE};
use super::observed_config;
use super::plan::Step;
use super::storage::action::{Claim, Medium, StorageAction, Verb};
use super::storage::pvc::claim_manifest;
use crate::api::config::{LogLevel, ManagementState, RolloutStrategy};
use crate::api::openshift::PlatformType;
use crate::api::storage::{
    AzureStorage, EmptyDirStorage, GcsStorage, IbmCosStorage, PvcStorage, S3Storage, Storage, SwiftStorage,
};
use crate::inputs::{Inputs, MediumId, Observed};
use crate::problem::{Concern, Problem};
use serde_json::json;

/// The reason of the problem that it is not known whether OpenStack has a Swift to use.
pub const SWIFT_UNKNOWN: &str = "SwiftUnknown";

/// What a platform starts with.
pub struct PlatformDefault {
    /// The storage; empty where the platform offers none.
    pub storage: Storage,
    /// The storage class of the claim that has to be there first.
    pub claim_class: Option<&'static str>,
    /// Managed, or Removed where there is no storage.
    pub management_state: ManagementState,
    /// Number of pods.
    pub replicas: i32,
    /// How pods are replaced.
    pub rollout_strategy: RolloutStrategy,
}

/// The default of the platform that Infrastructure names.
///
/// # Errors
/// Infrastructure was not seen, or on OpenStack nobody looked whether Swift is usable.
pub fn default_storage(inputs: &Inputs) -> Result<PlatformDefault, Problem> {
    let Some(status) = infrastructure(inputs) else {
        return Err(problem(
            "Infrastructure/cluster",
            "InfrastructureUnknown",
            "was not found, and says on which platform the cluster runs: the registry waits for it",
            "add it, or set spec.storage in Config/cluster",
        ));
    };
    let shared = |storage: Storage| PlatformDefault {
        storage,
        claim_class: None,
        management_state: ManagementState::Managed,
        replicas: if is_single_replica(status) { 1 } else { 2 },
        rollout_strategy: RolloutStrategy::RollingUpdate,
    };
    let none = Storage::default();
    Ok(match platform_type(status) {
        PlatformType::Aws => shared(Storage { s3: Some(S3Storage::default()), ..none }),
        PlatformType::Azure => shared(Storage { azure: Some(AzureStorage::default()), ..none }),
        PlatformType::Gcp => shared(Storage { gcs: Some(GcsStorage::default()), ..none }),
        PlatformType::IbmCloud | PlatformType::PowerVs => {
            shared(Storage { ibmcos: Some(IbmCosStorage::default()), ..none })
        }
        PlatformType::OpenStack => match inputs.observed.storage.swift_usable {
            Observed::Present(true) => shared(Storage { swift: Some(SwiftStorage::default()), ..none }),
            Observed::Present(false) | Observed::Absent => claim("standard-csi"),
            Observed::NotObserved => return Err(swift_unknown()),
        },
        PlatformType::Ovirt => claim("ovirt-csi-sc"),
        PlatformType::BareMetal
        | PlatformType::VSphere
        | PlatformType::None
        | PlatformType::Nutanix
        | PlatformType::KubeVirt
        | PlatformType::EquinixMetal
        | PlatformType::AlibabaCloud
        | PlatformType::External => {
            PlatformDefault { management_state: ManagementState::Removed, replicas: 1, ..shared(none) }
        }
        PlatformType::Libvirt | PlatformType::Unknown(_) => {
            let storage = Storage { empty_dir: Some(EmptyDirStorage::default()), ..none };
            PlatformDefault { replicas: 1, ..shared(storage) }
        }
    })
}

/// One pod on one volume: the claim cannot be mounted twice.
fn claim(class: &'static str) -> PlatformDefault {
    let pvc = PvcStorage { claim: Some(DEFAULT_CLAIM.to_owned()) };
    PlatformDefault {
        storage: Storage { pvc: Some(pvc), ..Storage::default() },
        claim_class: Some(class),
        management_state: ManagementState::Managed,
        replicas: 1,
        rollout_strategy: RolloutStrategy::Recreate,
    }
}

fn swift_unknown() -> Problem {
    problem(
        "Infrastructure/cluster",
        SWIFT_UNKNOWN,
        "the platform is OpenStack, and whether its object storage is usable can only be seen from the cluster",
        "set spec.storage.swift or spec.storage.pvc in Config/cluster",
    )
}

fn problem(object: &str, reason: &'static str, message: &str, remedy: &str) -> Problem {
    Problem {
        concern: Concern::Registry,
        object: object.to_owned(),
        path: String::new(),
        reason,
        message: message.to_owned(),
        remedy: remedy.to_owned(),
    }
}

/// Creates Config/cluster, and before it the claim it names.
///
/// # Errors
/// The platform's default is not known.
pub fn config(inputs: &Inputs) -> Result<Vec<Step>, Problem> {
    let PlatformDefault { storage, claim_class, management_state, replicas, rollout_strategy } =
        default_storage(inputs)?;
    let mut steps = Vec::new();
    if let Some(class) = claim_class {
        steps.push(Step::Storage(StorageAction {
            verb: Verb::Ensure,
            id: MediumId { backend: "pvc", name: DEFAULT_CLAIM.to_owned(), place: String::new() },
            management_state: None,
            may_create: true,
            medium: Medium::Pvc(Claim {
                claim: DEFAULT_CLAIM.to_owned(),
                create: Some(claim_manifest(DEFAULT_CLAIM, "ReadWriteOnce", Some(class))),
            }),
        }));
    }
    let observed = observed_config::desired(inputs).unwrap_or_else(observed_config::intermediate);
    let body = json!({
        "metadata": { "name": CLUSTER, "finalizers": [FINALIZER] },
        "spec": {
            "managementState": management_state,
            "logLevel": LogLevel::Normal,
            "operatorLogLevel": LogLevel::Normal,
            "replicas": replicas,
            "rolloutStrategy": rollout_strategy,
            "storage": storage,
            "observedConfig": observed,
        },
    });
    steps.push(Step::Create(Manifest::from_value(config_id(), body)));
    Ok(steps)
}

/// Creates ImagePruner/cluster. The schedule and the age stay open, so that the operator's defaults apply.
pub fn image_pruner() -> Step {
    let body = json!({
        "metadata": { "name": CLUSTER },
        "spec": {
            "suspend": false,
            "keepTagRevisions": 3,
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 3,
            "ignoreInvalidImageReferences": true,
        },
    });
    let id = ObjectId { kind: "ImagePruner".to_owned(), ..config_id() };
    Step::Create(Manifest::from_value(id, body))
}

/// Creates Image/cluster, empty.
pub fn image() -> Step {
    let id = ObjectId { api_version: "config.openshift.io/v1".to_owned(), kind: "Image".to_owned(), ..config_id() };
    Step::Create(Manifest::from_value(id, json!({ "metadata": { "name": CLUSTER }, "spec": {} })))
}

/// The identity of Config/cluster.
pub fn config_id() -> ObjectId {
    ObjectId {
        api_version: "imageregistry.operator.openshift.io/v1".to_owned(),
        kind: "Config".to_owned(),
        namespace: String::new(),
        name: CLUSTER.to_owned(),
    }
}

/// The identity of a claim of the registry's namespace.
pub fn claim_id(name: &str) -> ObjectId {
    ObjectId::of::<k8s_openapi::api::core::v1::PersistentVolumeClaim>(NAMESPACE, name)
}
