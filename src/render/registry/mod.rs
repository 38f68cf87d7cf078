//! The registry: from a Config to its objects.

pub mod cluster_role;
pub mod cluster_role_binding;
pub mod deployment;
pub mod environment;
pub mod network_policy;
pub mod overrides;
pub mod plan;
pub mod pod_disruption_budget;
pub mod pod_template;
pub mod private_configuration;
pub mod pull_secret;
pub mod routes;
pub mod scheduling;
pub mod service;
pub mod service_account;
pub mod settings;
pub mod tls;
pub mod volumes;

use super::certificates::CaConfigMaps;
use super::context::Context;
use super::manifest::Manifest;
use super::storage::Workload;
use settings::Settings;

/// Builds every object of a Managed registry. Everything that can fail has been settled in [`Settings`].
pub fn build(
    context: &Context<'_>,
    settings: &Settings,
    workload: &Workload,
    certificates: Option<&CaConfigMaps>,
) -> Vec<Manifest> {
    let pull_secret = pull_secret::content(context.inputs);
    let dependencies = deployment::Dependencies { certificates, pull_secret: pull_secret.as_ref() };
    let mut manifests = vec![
        cluster_role::build(),
        cluster_role_binding::build(),
        service_account::build(),
        service::build(),
        deployment::build(context, settings, workload, &dependencies),
        pod_disruption_budget::build(settings.replicas),
        network_policy::build(),
    ];
    manifests.extend(private_configuration::build(workload));
    manifests.extend(pull_secret.as_ref().map(pull_secret::build));
    manifests.extend(settings.routes.iter().map(routes::build));
    manifests
}
