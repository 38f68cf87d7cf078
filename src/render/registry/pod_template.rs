//! The pod template of the registry. Every difference in here restarts the pods.

use super::settings::Settings;
use super::{environment, scheduling, volumes};
use crate::render::context::Context;
use crate::render::manifest::strings;
use crate::render::names::{REGISTRY_ACCOUNT, REGISTRY_LABEL, REGISTRY_PORT};
use crate::render::pods::{MANAGEMENT_WORKLOAD, PRIORITY_CLASS, quantities, required_scc};
use crate::render::storage::Workload;
use k8s_openapi::api::core::v1::{
    Container, ContainerPort, ExecAction, HTTPGetAction, Lifecycle, LifecycleHandler, PodSecurityContext, PodSpec,
    PodTemplateSpec, Probe, ResourceRequirements, SecurityContext,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// Changes whenever a Secret or ConfigMap that the pods read changes, so that they restart.
pub const DEPENDENCIES_CHECKSUM: &str = "imageregistry.operator.openshift.io/dependencies-checksum";

/// Merges the mounted CAs into the trust store, then becomes the registry.
const START: &str = "mkdir -p /etc/pki/ca-trust/extracted/edk2 /etc/pki/ca-trust/extracted/java \
    /etc/pki/ca-trust/extracted/openssl /etc/pki/ca-trust/extracted/pem && \
    update-ca-trust extract --output /etc/pki/ca-trust/extracted/ && exec /usr/bin/dockerregistry";

/// The template.
pub fn build(
    context: &Context<'_>,
    settings: &Settings,
    workload: &Workload,
    dependencies_checksum: &str,
) -> PodTemplateSpec {
    let mut annotations =
        strings([MANAGEMENT_WORKLOAD, required_scc("restricted-v2"), (DEPENDENCIES_CHECKSUM, dependencies_checksum)]);
    annotations.extend(settings.overrides.annotations.clone());
    let (own_volumes, own_mounts) = volumes::build();
    let container = Container {
        volume_mounts: Some(workload.mounts.iter().cloned().chain(own_mounts).collect()),
        ..container(context, settings, workload)
    };
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(strings([REGISTRY_LABEL])),
            annotations: Some(annotations),
            ..ObjectMeta::default()
        }),
        spec: Some(PodSpec {
            containers: vec![container],
            volumes: Some(workload.volumes.iter().cloned().chain(own_volumes).collect()),
            service_account_name: Some(REGISTRY_ACCOUNT.to_owned()),
            priority_class_name: Some(PRIORITY_CLASS.to_owned()),
            runtime_class_name: settings.overrides.runtime_class_name.clone(),
            // 25 s for load balancers to notice, 30 s for transfers to end.
            termination_grace_period_seconds: Some(55),
            security_context: Some(PodSecurityContext {
                fs_group: Some(settings.fs_group),
                fs_group_change_policy: Some("OnRootMismatch".to_owned()),
                ..PodSecurityContext::default()
            }),
            node_selector: Some(scheduling::node_selector(context)),
            tolerations: context.spec.tolerations.clone(),
            affinity: scheduling::affinity(context, settings),
            topology_spread_constraints: Some(scheduling::spread(context, settings)),
            ..PodSpec::default()
        }),
    }
}

fn container(context: &Context<'_>, settings: &Settings, workload: &Workload) -> Container {
    Container {
        name: "registry".to_owned(),
        image: Some(settings.image.clone()),
        command: Some(["/bin/sh", "-c", START].map(str::to_owned).to_vec()),
        ports: Some(vec![ContainerPort {
            container_port: REGISTRY_PORT,
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        env: Some(environment::build(context, settings, workload)),
        resources: Some(context.spec.resources.clone().unwrap_or_else(default_resources)),
        lifecycle: Some(Lifecycle {
            pre_stop: Some(LifecycleHandler {
                exec: Some(ExecAction { command: Some(vec!["sleep".to_owned(), "25".to_owned()]) }),
                ..LifecycleHandler::default()
            }),
            ..Lifecycle::default()
        }),
        liveness_probe: Some(healthz(5)),
        readiness_probe: Some(healthz(15)),
        security_context: Some(SecurityContext { read_only_root_filesystem: Some(true), ..SecurityContext::default() }),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        ..Container::default()
    }
}

fn default_resources() -> ResourceRequirements {
    ResourceRequirements {
        requests: Some(quantities([("cpu", "100m"), ("memory", "256Mi")])),
        ..ResourceRequirements::default()
    }
}

fn healthz(initial_delay_seconds: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some("/healthz".to_owned()),
            port: IntOrString::Int(REGISTRY_PORT),
            scheme: Some("HTTPS".to_owned()),
            ..HTTPGetAction::default()
        }),
        timeout_seconds: Some(5),
        initial_delay_seconds: Some(initial_delay_seconds),
        ..Probe::default()
    }
}
