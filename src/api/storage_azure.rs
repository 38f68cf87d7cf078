//! Azure Blob storage of the Config (API reference imageregistry/v1).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A container in an Azure storage account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AzureStorage {
    /// Storage account name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_name: Option<String>,
    /// Container name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 63), regex(pattern = r"^[0-9a-z]+(-[0-9a-z]+)*$"))]
    pub container: Option<String>,
    /// Azure cloud, e.g. `AzurePublicCloud`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_name: Option<String>,
    /// How the account is reached; public unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-crd-default" = {"type": "External"}))]
    pub network_access: Option<NetworkAccess>,
}

/// How the storage account is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("x-kubernetes-validations" = [{
    "message": "internal is forbidden when type is not Internal",
    "rule": "has(self.type) && self.type == 'Internal' ?  true : !has(self.internal)",
}]))]
pub struct NetworkAccess {
    /// Public or private endpoint.
    #[serde(rename = "type")]
    #[schemars(extend("x-crd-default" = "External"))]
    pub type_: NetworkAccessType,
    /// Where the private endpoint goes; only with type `Internal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal: Option<InternalNetwork>,
}

/// Kind of endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum NetworkAccessType {
    /// A private endpoint inside the cluster's virtual network.
    Internal,
    /// The public endpoint.
    #[default]
    External,
}

/// Placement of the private endpoint; whatever is unset is discovered by tags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct InternalNetwork {
    /// Resource group of the virtual network.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 90), regex(pattern = r"^[0-9A-Za-z_.-](?:[0-9A-Za-z_.-]*[0-9A-Za-z_-])?$"))]
    pub network_resource_group_name: Option<String>,
    /// Virtual network.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 64), regex(pattern = r"^[0-9A-Za-z][0-9A-Za-z_.-]*[0-9A-Za-z_]$"))]
    pub vnet_name: Option<String>,
    /// Subnet of that network.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 80), regex(pattern = r"^[0-9A-Za-z](?:[0-9A-Za-z_.-]*[0-9A-Za-z_])?$"))]
    pub subnet_name: Option<String>,
    /// Name given to the private endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 64), regex(pattern = r"^[0-9A-Za-z][0-9A-Za-z_.-]*[0-9A-Za-z_]$"))]
    pub private_endpoint_name: Option<String>,
}
