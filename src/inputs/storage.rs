//! What was learnt of the storage medium from its service.

use super::Observed;
use crate::api::secret::Secret;
use std::collections::BTreeSet;

/// What is known of the storage beyond what Config says.
#[derive(Clone, Debug, Default)]
pub struct StorageObservation {
    /// The medium that was last looked at; none before the first look.
    pub medium: Option<MediumObservation>,
    /// OpenStack only: whether containers can be listed. Chooses the bootstrap storage.
    pub swift_usable: Observed<bool>,
    /// Whether `spec.storage.managementState` was written by the operator and not by a user: then it belongs to the
    /// medium that it was decided for.
    pub derived_management_state: bool,
    /// The same of `spec.storage.ibmcos.serviceInstanceCRN`: an instance that is gone is replaced then.
    pub derived_service_instance: bool,
    /// The same of `spec.storage.ibmcos.resourceKeyCRN`.
    pub derived_resource_key: bool,
    /// The fields of `spec.storage`, as `pvc`, of which every part is one that the operator derived: nobody else has a
    /// part in them any more.
    pub derived_backends: BTreeSet<String>,
}

impl StorageObservation {
    /// What is known of that medium.
    pub fn of(&self, medium: &MediumId) -> Option<&MediumObservation> {
        self.medium.as_ref().filter(|observed| observed.id == *medium)
    }
}

/// Which medium it is: backend and name, and where it is if the name alone does not tell. Buckets of one name at two
/// endpoints, or containers of one name in two accounts, are two media.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct MediumId {
    /// The field of `spec.storage`, as `s3`.
    pub backend: &'static str,
    /// The name of bucket, container or claim.
    pub name: String,
    /// Endpoint, account or Keystone; empty if there is but one place.
    pub place: String,
}

/// What the last look at a medium has shown.
#[derive(Clone, Debug)]
pub struct MediumObservation {
    /// The medium.
    pub id: MediumId,
    /// Whether it exists.
    pub presence: Presence,
    /// What there is to say of it, for conditions.
    pub facts: Vec<Fact>,
    /// What only its service can tell.
    pub told: Told,
}

/// Whether a medium exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The service could not be asked, or did not say.
    Unknown,
    /// It does not.
    Missing,
    /// It does; `ours` if it carries this cluster's mark.
    Found {
        /// Whether the operator of this cluster made it.
        ours: bool,
    },
    /// The operator has removed it.
    Removed,
}

impl Presence {
    /// Whether it exists for certain.
    pub fn is_found(self) -> bool {
        matches!(self, Presence::Found { .. })
    }
}

/// One statement about a medium, in the form of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The condition's type, as `StorageTagged`.
    pub type_: &'static str,
    /// Whether it holds; none if that is not known.
    pub holds: Option<bool>,
    /// One CamelCase word.
    pub reason: String,
    /// What is the matter and what to do, without any secret.
    pub message: String,
}

impl Fact {
    /// A fact of these parts.
    pub fn new(type_: &'static str, holds: bool, reason: &str, message: impl Into<String>) -> Self {
        Fact { type_, holds: Some(holds), reason: reason.to_owned(), message: message.into() }
    }

    /// Something that is not known.
    pub fn unknown(type_: &'static str, reason: &str, message: impl Into<String>) -> Self {
        Fact { type_, holds: None, reason: reason.to_owned(), message: message.into() }
    }
}

/// What only the storage service can tell, and the registry or Config needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Azure: the storage account key, when no workload identity is used.
    pub azure_account_key: Option<Secret>,
    /// Azure: the virtual network of the private endpoint.
    pub azure_vnet: Option<String>,
    /// Azure: the subnet of the private endpoint.
    pub azure_subnet: Option<String>,
    /// IBM Cloud: the service instance.
    pub service_instance_crn: Option<String>,
    /// IBM Cloud: the resource key.
    pub resource_key_crn: Option<String>,
    /// IBM Cloud: the resource group of the service instance.
    pub resource_group_name: Option<String>,
    /// IBM Cloud: the HMAC pair of the resource key, as an ini file in the AWS form.
    pub ibmcos_credentials: Option<Secret>,
    /// S3: whether the bucket encrypts by default.
    pub encrypted: bool,
}
