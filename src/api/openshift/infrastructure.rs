//! What the cluster runs on (API reference config/v1, `Infrastructure` named `cluster`).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

use super::{kind, open_enum};

/// The `Infrastructure` object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Infrastructure {
    /// Standard metadata.
    pub metadata: ObjectMeta,
    /// What the cluster runs on.
    pub status: InfrastructureStatus,
}

kind!(Infrastructure, "config.openshift.io/v1", "Infrastructure");

/// What the cluster runs on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InfrastructureStatus {
    /// Unique name of the cluster, from which cloud resource names derive.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub infrastructure_name: String,
    /// How many nodes run workloads such as the registry.
    pub infrastructure_topology: Topology,
    /// How many nodes run the control plane.
    pub control_plane_topology: Topology,
    /// Older form of `platform_status.type_`.
    pub platform: PlatformType,
    /// The platform in detail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_status: Option<PlatformStatus>,
}

/// The platform in detail; only the member of its type is set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PlatformStatus {
    /// The platform.
    #[serde(rename = "type")]
    pub type_: PlatformType,
    /// Amazon Web Services.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws: Option<AwsPlatform>,
    /// Microsoft Azure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azure: Option<AzurePlatform>,
    /// Google Cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gcp: Option<GcpPlatform>,
    /// IBM Cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ibmcloud: Option<IbmCloudPlatform>,
    /// IBM Power Virtual Server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub powervs: Option<PowerVsPlatform>,
    /// OpenStack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub openstack: Option<OpenStackPlatform>,
}

/// Amazon Web Services.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AwsPlatform {
    /// Region of the cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// Endpoints that replace the public ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service_endpoints: Vec<ServiceEndpoint>,
    /// Tags for every resource created for the cluster.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_tags: Vec<ResourceTag>,
}

/// Microsoft Azure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AzurePlatform {
    /// Resource group of the cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub resource_group_name: String,
    /// Resource group of the network; as the cluster's if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub network_resource_group_name: String,
    /// Azure cloud; the public one if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cloud_name: String,
    /// Resource manager endpoint, on Azure Stack.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub arm_endpoint: String,
    /// Tags for every resource created for the cluster.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_tags: Vec<ResourceTag>,
}

/// Google Cloud.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GcpPlatform {
    /// Project of the cluster.
    #[serde(rename = "projectID", skip_serializing_if = "String::is_empty")]
    pub project_id: String,
    /// Region of the cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// Labels for every resource created for the cluster.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_labels: Vec<ResourceTag>,
    /// Tags for every resource created for the cluster.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_tags: Vec<GcpResourceTag>,
}

/// IBM Cloud.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IbmCloudPlatform {
    /// Location of the cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub location: String,
    /// Resource group of the cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub resource_group_name: String,
    /// `VPC`, `Classic` or `UPI`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub provider_type: String,
    /// Endpoints that replace the public ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service_endpoints: Vec<ServiceEndpoint>,
}

/// IBM Power Virtual Server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PowerVsPlatform {
    /// Region of the cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// Zone of the cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// Resource group of the cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub resource_group: String,
    /// Endpoints that replace the public ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service_endpoints: Vec<ServiceEndpoint>,
}

/// OpenStack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OpenStackPlatform {
    /// Entry of `clouds.yaml` to use.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cloud_name: String,
}

/// An endpoint that replaces the public one of a cloud service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceEndpoint {
    /// Service, e.g. `s3` or `COS`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Endpoint URL.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
}

/// A tag or label of cloud resources.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceTag {
    /// Its key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// Its value.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
}

/// A Google Cloud tag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GcpResourceTag {
    /// Organisation or project that defines the tag.
    #[serde(rename = "parentID", skip_serializing_if = "String::is_empty")]
    pub parent_id: String,
    /// Short name of the tag key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// Short name of the tag value.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
}

open_enum! {
    /// How many nodes something runs on.
    Topology {
        /// Several nodes.
        HighlyAvailable = "HighlyAvailable",
        /// Several nodes, and one that only votes.
        HighlyAvailableArbiter = "HighlyAvailableArbiter",
        /// Two nodes.
        DualReplica = "DualReplica",
        /// One node.
        SingleReplica = "SingleReplica",
        /// Outside the cluster.
        External = "External",
    }
}

open_enum! {
    /// A platform OpenShift runs on.
    PlatformType {
        /// Amazon Web Services.
        Aws = "AWS",
        /// Microsoft Azure.
        Azure = "Azure",
        /// Machines managed by OpenShift.
        BareMetal = "BareMetal",
        /// Google Cloud.
        Gcp = "GCP",
        /// Virtual machines of libvirt, for development.
        Libvirt = "Libvirt",
        /// OpenStack.
        OpenStack = "OpenStack",
        /// No integration with anything.
        None = "None",
        /// VMware vSphere.
        VSphere = "VSphere",
        /// oVirt.
        Ovirt = "oVirt",
        /// IBM Cloud.
        IbmCloud = "IBMCloud",
        /// Virtual machines of another cluster.
        KubeVirt = "KubeVirt",
        /// Equinix Metal.
        EquinixMetal = "EquinixMetal",
        /// IBM Power Virtual Server.
        PowerVs = "PowerVS",
        /// Alibaba Cloud.
        AlibabaCloud = "AlibabaCloud",
        /// Nutanix.
        Nutanix = "Nutanix",
        /// A platform integrated by its vendor.
        External = "External",
    }
}
