//! Storage backends: what the registry needs of each, and what has to be done about the medium.

pub mod action;
pub mod azure;
pub mod azure_cloud;
pub mod clouds_yaml;
pub mod dual_stack;
pub mod empty_dir;
pub mod gcs;
pub mod ibmcos;
pub mod ownership;
pub mod pvc;
pub mod s3;
pub mod s3_credentials;
pub mod s3_tags;
pub mod select;
pub mod swift;
pub mod swift_credentials;
pub mod trust;

pub use select::{Backend, left_over, select};

use super::context::Context;
use super::names::PRIVATE_CONFIGURATION;
use crate::api::secret::Secret;
use crate::api::storage::Storage;
use crate::inputs::{MediumId, SecretBytes};
use crate::problem::Problem;
use action::{Medium, StorageAction, Verb};
use k8s_openapi::api::core::v1::{EnvVar, Volume, VolumeMount};
use std::collections::BTreeMap;

/// A backend, prepared: its effective configuration, what to do, and what the registry needs.
pub struct Prepared {
    /// The backend's configuration with everything derived filled in.
    pub effective: Storage,
    /// What has to be done about the medium before the registry starts.
    pub medium: Medium,
    /// What goes into the pod, or what the storage action has yet to find out.
    pub workload: Result<Workload, Problem>,
}

/// What a backend puts into the registry's pod and its Secret.
#[derive(Default)]
pub struct Workload {
    /// Environment variables, in the reference's order.
    pub env: Vec<EnvVar>,
    /// Volumes.
    pub volumes: Vec<Volume>,
    /// Where the volumes are mounted.
    pub mounts: Vec<VolumeMount>,
    /// Content of Secret image-registry-private-configuration.
    pub secret: PrivateConfiguration,
    /// Further Secrets whose content restarts the registry.
    pub further_secrets: Vec<String>,
}

/// Where the content of Secret image-registry-private-configuration comes from.
pub enum PrivateConfiguration {
    /// From the inputs: the Secret is rendered.
    Rendered(BTreeMap<String, SecretBytes>),
    /// Only the storage service can tell it, and it did so when it was written: the live Secret stands as it is.
    Live,
}

impl Default for PrivateConfiguration {
    fn default() -> Self {
        PrivateConfiguration::Rendered(BTreeMap::new())
    }
}

/// What only the storage service can tell: from the storage action's report, else the key in the live Secret.
fn told_by_service(
    context: &Context<'_>,
    told: Option<&Secret>,
    key: &str,
    encode: impl Fn(&str) -> String,
) -> Option<PrivateConfiguration> {
    if let Some(told) = told {
        let value = SecretBytes::from(encode(told.expose()).into_bytes());
        return Some(PrivateConfiguration::Rendered([(key.to_owned(), value)].into()));
    }
    let live = context.secret(PRIVATE_CONFIGURATION)?.data.get(key)?;
    (!live.expose().is_empty()).then_some(PrivateConfiguration::Live)
}

/// Prepares the selected backend.
///
/// # Errors
/// Every reason for which the registry could not use the storage.
pub fn prepare(context: &Context<'_>, backend: &Backend) -> Result<Prepared, Vec<Problem>> {
    match backend {
        Backend::EmptyDir => Ok(empty_dir::prepare()),
        Backend::Pvc(given) => pvc::prepare(context, given),
        Backend::S3(given) => s3::prepare(context, given),
        Backend::Gcs(given) => gcs::prepare(context, given),
        Backend::Azure(given) => azure::prepare(context, given),
        Backend::IbmCos(given) => ibmcos::prepare(context, given),
        Backend::Swift(given) => swift::prepare(context, given),
    }
}

/// The action that makes sure of the prepared medium.
pub fn ensure(context: &Context<'_>, prepared: &Prepared) -> Option<StorageAction> {
    if prepared.medium == Medium::EmptyDir {
        return None;
    }
    Some(StorageAction {
        verb: Verb::Ensure,
        id: medium_id(&prepared.effective)?,
        management_state: ownership::state(context, &prepared.effective),
        may_create: !ownership::has_held_data(context, &prepared.effective),
        medium: prepared.medium.clone(),
    })
}

/// Which medium a configuration names; none as long as it has no name.
pub fn medium_id(storage: &Storage) -> Option<MediumId> {
    use super::context::set;
    let Storage { management_state: _, empty_dir: _, pvc, s3, gcs, swift, azure, ibmcos, oss: _ } = storage;
    let named = [
        ("pvc", pvc.as_ref().map(|storage| (&storage.claim, None))),
        ("s3", s3.as_ref().map(|storage| (&storage.bucket, set(&storage.region_endpoint)))),
        ("gcs", gcs.as_ref().map(|storage| (&storage.bucket, None))),
        ("swift", swift.as_ref().map(|storage| (&storage.container, set(&storage.auth_url)))),
        ("azure", azure.as_ref().map(|storage| (&storage.container, set(&storage.account_name)))),
        ("ibmcos", ibmcos.as_ref().map(|storage| (&storage.bucket, None))),
    ];
    named.into_iter().find_map(|(backend, medium)| {
        let (name, place) = medium?;
        let (name, place) = (set(name)?.to_owned(), place.unwrap_or_default().to_owned());
        Some(MediumId { backend, name, place })
    })
}
