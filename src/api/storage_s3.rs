//! S3 storage of the Config (API reference imageregistry/v1).

use k8s_openapi::api::core::v1::SecretKeySelector;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::duration::GoDuration;
use super::schema::k8s_object;

/// A bucket in Amazon S3 or in a service that speaks its protocol.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct S3Storage {
    /// Bucket name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Region of the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Endpoint URL of a service other than Amazon's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_endpoint: Option<String>,
    /// KMS key for server-side encryption.
    #[serde(rename = "keyID", skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// Whether objects are encrypted by the service.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub encrypt: bool,
    /// Part size of multipart uploads, in MiB.
    #[serde(rename = "chunkSizeMiB", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 5, max = 5120))]
    pub chunk_size_mib: Option<i32>,
    /// Address the bucket as a host name instead of a path; only with `region_endpoint`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub virtual_hosted_style: bool,
    /// ConfigMap with the certificate authorities of the endpoint.
    #[serde(rename = "trustedCA", skip_serializing_if = "Option::is_none")]
    pub trusted_ca: Option<TrustedCa>,
    /// Serve blobs through CloudFront.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_front: Option<CloudFront>,
}

/// A ConfigMap in `openshift-config` whose key `ca-bundle.crt` is trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TrustedCa {
    /// Name of the ConfigMap; empty means none.
    #[schemars(length(max = 253))]
    #[schemars(regex(pattern = r"^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"))]
    pub name: String,
}

/// A CloudFront distribution in front of the bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudFront {
    /// Base URL of the distribution.
    #[serde(rename = "baseURL")]
    pub base_url: String,
    /// Identifier of the signing key pair.
    #[serde(rename = "keypairID")]
    pub keypair_id: String,
    /// Secret in the registry's namespace that holds the signing key.
    #[schemars(schema_with = "k8s_object::<SecretKeySelector>")]
    pub private_key: SecretKeySelector,
    /// How long a signed URL is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<GoDuration>,
}
