//! `spec.storage` and `status.storage` of the Config: which medium holds the
//! images (API reference imageregistry/v1). S3 and Azure have files of their own.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

pub use super::storage_azure::{AzureStorage, InternalNetwork, NetworkAccess, NetworkAccessType};
pub use super::storage_s3::{CloudFront, S3Storage, TrustedCa};

/// Where images are kept. At most one medium should be set; the schema does not
/// enforce that, the renderer does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Storage {
    /// Whether the operator owns the medium (creates, tags, deletes it) or only uses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "management_state")]
    pub management_state: Option<StorageManagementState>,
    /// Scratch space of the pod; images are lost with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty_dir: Option<EmptyDirStorage>,
    /// A persistent volume claim in the registry's namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pvc: Option<PvcStorage>,
    /// Amazon S3 or a service that speaks its protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3: Option<S3Storage>,
    /// Google Cloud Storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gcs: Option<GcsStorage>,
    /// OpenStack Swift.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swift: Option<SwiftStorage>,
    /// Azure Blob Storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azure: Option<AzureStorage>,
    /// IBM Cloud Object Storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ibmcos: Option<IbmCosStorage>,
    /// Alibaba Cloud OSS: accepted by the API, used by nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oss: Option<OssStorage>,
}

/// Who owns the storage medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StorageManagementState {
    /// Created by the operator, which may change and remove it.
    Managed,
    /// Given by the user; used, never changed or removed.
    Unmanaged,
}

/// The real schema constrains this field by pattern, not by enumeration.
fn management_state(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": "^(Managed|Unmanaged)$"})
}

/// An `emptyDir` volume; it has no settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmptyDirStorage {}

/// A persistent volume claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PvcStorage {
    /// Name of the claim in the registry's namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
}

/// A Google Cloud Storage bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct GcsStorage {
    /// Bucket name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Location of the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Google Cloud project that owns the bucket.
    #[serde(rename = "projectID", skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// Cloud KMS key for encryption at rest; Google's own key if unset.
    #[serde(rename = "keyID", skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
}

/// An OpenStack Swift container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SwiftStorage {
    /// Keystone endpoint.
    #[serde(rename = "authURL", skip_serializing_if = "Option::is_none")]
    pub auth_url: Option<String>,
    /// Keystone API version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_version: Option<String>,
    /// Container name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// Keystone domain, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Keystone domain, by identifier.
    #[serde(rename = "domainID", skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<String>,
    /// Keystone project, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Keystone project, by identifier.
    #[serde(rename = "tenantID", skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Region in the service catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_name: Option<String>,
}

/// An IBM Cloud Object Storage bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct IbmCosStorage {
    /// Bucket name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Location of the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Resource group that holds the service instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_group_name: Option<String>,
    /// Cloud resource name of the service credential.
    #[serde(rename = "resourceKeyCRN", skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^crn:.+:.+:.+:cloud-object-storage:.+:.+:.+:resource-key:.+$"))]
    pub resource_key_crn: Option<String>,
    /// Cloud resource name of the object storage instance.
    #[serde(rename = "serviceInstanceCRN", skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^crn:.+:.+:.+:cloud-object-storage:.+:.+:.+::$"))]
    pub service_instance_crn: Option<String>,
}

/// An Alibaba Cloud OSS bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct OssStorage {
    /// Bucket name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 63), regex(pattern = r"^[0-9a-z]+(-[0-9a-z]+)*$"))]
    pub bucket: Option<String>,
    /// Region of the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Which endpoint is used: `Internal`, `Public`, or empty for the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["Internal", "Public", ""], "x-crd-default" = "Internal"))]
    pub endpoint_accessibility: Option<String>,
    /// Encryption at rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<OssEncryption>,
}

/// Encryption at rest of an OSS bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("anyOf" = [
    {"properties": {"method": {"not": {"enum": ["KMS"]}}}, "not": {"required": ["kms"]}},
    {"properties": {"method": {"enum": ["KMS"]}}, "required": ["kms"]},
]))]
pub struct OssEncryption {
    /// `AES256` or `KMS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["KMS", "AES256"], "x-crd-default" = "AES256"))]
    pub method: Option<String>,
    /// Key to use; only with method `KMS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms: Option<OssKms>,
}

/// A key of Alibaba's key management service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OssKms {
    /// Key identifier.
    #[serde(rename = "keyID")]
    #[schemars(length(min = 1))]
    pub key_id: String,
}
