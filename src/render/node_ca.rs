//! DaemonSet `node-ca`: copies the registry's CAs into every node's container runtime configuration.
//!
//! It is there in every management state, since nodes pull from registries other than ours as well.

use super::manifest::{Manifest, metadata, strings};
use super::names::{CERTIFICATES, NAMESPACE, NODE_CA};
use super::pods::{MANAGEMENT_WORKLOAD, PRIORITY_CLASS, linux_nodes, quantities, required_scc};
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy, RollingUpdateDaemonSet};
use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, Container, HostPathVolumeSource, PodSpec, PodTemplateSpec, ResourceRequirements,
    SecurityContext, Toleration, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// Where the ConfigMap with the CAs is mounted.
const SOURCE: &str = "/tmp/serviceca";
/// Where container runtimes look for CAs by registry host, on the node and in the container alike.
const DESTINATION: &str = "/etc/docker/certs.d";

/// The DaemonSet; it runs this operator's own image with the verb `node-ca-sync`.
pub fn build(operator_image: &str) -> Manifest {
    let label = ("name", NODE_CA);
    let daemon_set = DaemonSet {
        metadata: metadata(NAMESPACE, NODE_CA),
        spec: DaemonSetSpec {
            selector: LabelSelector { match_labels: Some(strings([label])), match_expressions: None },
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(strings([label])),
                    annotations: Some(strings([MANAGEMENT_WORKLOAD, required_scc("privileged")])),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod(operator_image)),
            },
            update_strategy: Some(DaemonSetUpdateStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateDaemonSet {
                    max_unavailable: Some(IntOrString::String("10%".to_owned())),
                    max_surge: None,
                }),
            }),
            ..DaemonSetSpec::default()
        },
        status: None,
    };
    Manifest::new(NAMESPACE, NODE_CA, &daemon_set)
}

fn pod(operator_image: &str) -> PodSpec {
    let container = Container {
        name: NODE_CA.to_owned(),
        image: Some(operator_image.to_owned()),
        command: Some(vec!["cluster-image-registry-operator".to_owned()]),
        args: Some(vec!["node-ca-sync".to_owned()]),
        // Files under certs.d belong to the node's root group.
        security_context: Some(SecurityContext {
            privileged: Some(true),
            run_as_user: Some(1001),
            run_as_group: Some(0),
            read_only_root_filesystem: Some(true),
            ..SecurityContext::default()
        }),
        resources: Some(ResourceRequirements {
            requests: Some(quantities([("cpu", "10m"), ("memory", "10Mi")])),
            ..ResourceRequirements::default()
        }),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(vec![
            VolumeMount { name: "serviceca".to_owned(), mount_path: SOURCE.to_owned(), ..VolumeMount::default() },
            VolumeMount { name: "host".to_owned(), mount_path: DESTINATION.to_owned(), ..VolumeMount::default() },
        ]),
        ..Container::default()
    };
    PodSpec {
        host_network: Some(true),
        service_account_name: Some(NODE_CA.to_owned()),
        priority_class_name: Some(PRIORITY_CLASS.to_owned()),
        node_selector: Some(linux_nodes()),
        tolerations: Some(vec![Toleration { operator: Some("Exists".to_owned()), ..Toleration::default() }]),
        containers: vec![container],
        volumes: Some(vec![
            Volume {
                name: "host".to_owned(),
                host_path: Some(HostPathVolumeSource { path: DESTINATION.to_owned(), type_: None }),
                ..Volume::default()
            },
            Volume {
                name: "serviceca".to_owned(),
                config_map: Some(ConfigMapVolumeSource {
                    name: CERTIFICATES.to_owned(),
                    ..ConfigMapVolumeSource::default()
                }),
                ..Volume::default()
            },
        ]),
        ..PodSpec::default()
    }
}
