//! What has to be done about a storage medium, as data. No credential is in here, only where to find it.

use crate::api::storage::StorageManagementState;
use crate::inputs::MediumId;
use crate::render::manifest::Manifest;
use serde::Serialize;
use std::fmt;

/// One storage action: small, resumable, and complete, so that whoever carries it out decides nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StorageAction {
    /// What to do.
    pub verb: Verb,
    /// Which medium it is.
    pub id: MediumId,
    /// Whose medium it is. None: whoever creates it owns it, and one that is found is the user's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub management_state: Option<StorageManagementState>,
    /// Whether a missing medium is created. Not once it has held data: then it is reported.
    pub may_create: bool,
    /// The medium.
    pub medium: Medium,
}

/// What to do with the medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verb {
    /// Create or adopt it, and set what is listed if it is the operator's.
    Ensure,
    /// Empty and delete it; only for a medium that the operator created.
    Remove,
}

/// A storage medium with every setting that it should have.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "backend")]
pub enum Medium {
    /// The pod's own disk. There is nothing to do.
    EmptyDir,
    /// A PersistentVolumeClaim.
    Pvc(Claim),
    /// An S3 bucket.
    S3(S3Bucket),
    /// A Google Cloud Storage bucket.
    Gcs(GcsBucket),
    /// A container in an Azure storage account.
    Azure(AzureContainer),
    /// A bucket in IBM Cloud Object Storage.
    Ibmcos(Box<IbmCosBucket>),
    /// An OpenStack Swift container.
    Swift(SwiftContainer),
}

impl fmt::Display for Medium {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Medium::EmptyDir => formatter.write_str("the pods' own disks"),
            Medium::Pvc(claim) => write!(formatter, "claim {}", claim.claim),
            Medium::S3(s3) => write!(formatter, "S3 bucket {} in {}", s3.bucket, s3.region),
            Medium::Gcs(gcs) => write!(formatter, "Google Cloud Storage bucket {} in {}", gcs.bucket, gcs.region),
            Medium::Azure(azure) => {
                write!(formatter, "Azure container {} in account {}", azure.container, azure.account_name)
            }
            Medium::Ibmcos(ibmcos) => {
                write!(formatter, "IBM Cloud Object Storage bucket {} in {}", ibmcos.bucket, ibmcos.location)
            }
            Medium::Swift(swift) => write!(formatter, "Swift container {}", swift.container),
        }
    }
}

/// Where credentials are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Credentials {
    /// Secret image-registry-private-configuration-user. It wins, and is never mixed with the other.
    #[serde(rename = "image-registry-private-configuration-user")]
    User,
    /// Secret installer-cloud-credentials.
    #[serde(rename = "installer-cloud-credentials")]
    Cloud,
}

/// A tag, a label or a metadata item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

impl Tag {
    /// A tag of this key and value.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Tag { key: key.into(), value: value.into() }
    }
}

/// A claim in the registry's namespace.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// Its name.
    pub claim: String,
    /// What to create if it is missing; none for a claim that the user named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create: Option<Manifest>,
}

/// An S3 bucket, created with public access blocked, encrypted, and cleaned of incomplete uploads after a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct S3Bucket {
    /// Its name.
    pub bucket: String,
    /// The region requests are signed for.
    pub region: String,
    /// The endpoint, if it is not AWS's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Whether requests name the bucket in the path.
    pub path_style: bool,
    /// Where tokens are exchanged for credentials, if not at AWS's own endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sts_endpoint: Option<String>,
    /// Where the credentials are.
    pub credentials: Credentials,
    /// ConfigMap in openshift-config with the only CAs to trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_ca: Option<String>,
    /// Tags to set.
    pub tags: Vec<Tag>,
    /// The KMS key; without it, SSE-S3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
}

/// A Google Cloud Storage bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GcsBucket {
    /// Its name.
    pub bucket: String,
    /// The project it is created in.
    #[serde(rename = "projectID")]
    pub project_id: String,
    /// Its location.
    pub region: String,
    /// Where the key file is.
    pub credentials: Credentials,
    /// Labels to set.
    pub labels: Vec<Tag>,
    /// Tags to bind, as `<parent>/<key>/<value>`.
    pub tags: Vec<String>,
    /// The default KMS key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
}

/// A container in an Azure storage account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AzureContainer {
    /// The storage account.
    pub account_name: String,
    /// The container.
    pub container: String,
    /// The cloud, as AzurePublicCloud.
    pub cloud_name: String,
    /// The resource group of the account; empty when a user's account key is used.
    pub resource_group: String,
    /// The region of the account.
    pub region: String,
    /// Where the credentials are.
    pub credentials: Credentials,
    /// Whether the account stops accepting its keys, because the registry uses workload identity.
    pub disable_shared_key: bool,
    /// Tags of the account.
    pub tags: Vec<Tag>,
    /// The private endpoint, if the account is not reachable from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_endpoint: Option<PrivateEndpoint>,
}

/// A private endpoint of a storage account. Empty names are discovered in the network resource group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrivateEndpoint {
    /// Its name.
    pub name: String,
    /// The resource group of the virtual network.
    pub network_resource_group: String,
    /// The virtual network.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub vnet_name: String,
    /// The subnet.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subnet_name: String,
}

/// A bucket in IBM Cloud Object Storage, with the service instance and the HMAC key that lead to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IbmCosBucket {
    /// Its name.
    pub bucket: String,
    /// Its location.
    pub location: String,
    /// The endpoint, as a host or a URL.
    pub endpoint: String,
    /// Where tokens come from: a URL.
    pub iam_endpoint: String,
    /// The Resource Controller: a URL.
    pub resource_controller_endpoint: String,
    /// The Resource Manager: a URL.
    pub resource_manager_endpoint: String,
    /// The resource group of the service instance; empty if it is that of a given instance.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub resource_group_name: String,
    /// Name of the service instance and of the resource key, when they have to be created.
    pub instance_name: String,
    /// The service instance, if it is known.
    #[serde(rename = "serviceInstanceCRN", skip_serializing_if = "Option::is_none")]
    pub service_instance_crn: Option<String>,
    /// Whether a service instance that is gone is replaced, since it is none that the user named.
    pub may_replace_instance: bool,
    /// The resource key, if it is known.
    #[serde(rename = "resourceKeyCRN", skip_serializing_if = "Option::is_none")]
    pub resource_key_crn: Option<String>,
    /// Whether a resource key that is gone or of no use is replaced, since it is none that the user named.
    pub may_replace_key: bool,
    /// Where the API key is.
    pub credentials: Credentials,
    /// Tags of the service instance.
    pub tags: Vec<String>,
}

/// An OpenStack Swift container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SwiftContainer {
    /// Its name.
    pub container: String,
    /// Where it is.
    #[serde(flatten)]
    pub account: SwiftAccount,
    /// Where the credentials are.
    pub credentials: Credentials,
    /// Metadata of the container.
    pub metadata: Vec<Tag>,
}

/// Keystone, the project, and the region of its Swift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SwiftAccount {
    /// Keystone's URL with its version.
    #[serde(rename = "authURL")]
    pub auth_url: String,
    /// The version of its API.
    pub auth_version: i64,
    /// The domain of user and project, by name, which goes before its id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub domain: String,
    /// The domain, by id.
    #[serde(rename = "domainID", skip_serializing_if = "String::is_empty")]
    pub domain_id: String,
    /// The project, by name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tenant: String,
    /// The project, by id, which goes before its name.
    #[serde(rename = "tenantID", skip_serializing_if = "String::is_empty")]
    pub tenant_id: String,
    /// The region of the catalogue; empty for any.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region_name: String,
}
