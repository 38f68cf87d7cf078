//! Deployment `image-registry`.

use super::pod_template;
use super::settings::Settings;
use crate::api::config::RolloutStrategy;
use crate::inputs::{ConfigMapData, SecretData};
use crate::render::certificates::CaConfigMaps;
use crate::render::checksum;
use crate::render::context::Context;
use crate::render::manifest::{Manifest, metadata, strings};
use crate::render::names::{
    CERTIFICATES, NAMESPACE, PRIVATE_CONFIGURATION, PULL_SECRET, REGISTRY, REGISTRY_LABEL, TLS_SECRET, TRUSTED_CA,
};
use crate::render::storage::{PrivateConfiguration, Workload};
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::BTreeMap;

/// Says which release the rolled-out Deployment belongs to; the ClusterOperator's version is read from it.
pub const VERSION_ANNOTATION: &str = "release.openshift.io/version";

/// Objects of the same plan that the pods read.
pub struct Dependencies<'a> {
    /// The CA ConfigMaps, unless they have problems of their own.
    pub certificates: Option<&'a CaConfigMaps>,
    /// The copied pull secret.
    pub pull_secret: Option<&'a SecretData>,
}

/// The Deployment.
pub fn build(
    context: &Context<'_>,
    settings: &Settings,
    workload: &Workload,
    dependencies: &Dependencies<'_>,
) -> Manifest {
    let mut annotations = settings.overrides.annotations.clone();
    if !settings.release_version.is_empty() {
        annotations.insert(VERSION_ANNOTATION.to_owned(), settings.release_version.clone());
    }
    let checksum = dependencies_checksum(context, workload, dependencies);
    let deployment = Deployment {
        metadata: ObjectMeta {
            labels: Some(strings([REGISTRY_LABEL])),
            annotations: Some(annotations),
            ..metadata(NAMESPACE, REGISTRY)
        },
        spec: DeploymentSpec {
            replicas: Some(settings.replicas),
            progress_deadline_seconds: Some(120),
            selector: LabelSelector { match_labels: Some(strings([REGISTRY_LABEL])), match_expressions: None },
            strategy: Some(strategy(settings)),
            template: pod_template::build(context, settings, workload, &checksum),
            ..DeploymentSpec::default()
        },
        status: None,
    };
    Manifest::new(NAMESPACE, REGISTRY, &deployment)
}

/// Two replicas exclude each other from a node, so one has to go before another can come.
fn strategy(settings: &Settings) -> DeploymentStrategy {
    let rolling = |max_unavailable: i32, max_surge: IntOrString| RollingUpdateDeployment {
        max_unavailable: Some(IntOrString::Int(max_unavailable)),
        max_surge: Some(max_surge),
    };
    let (type_, rolling_update) = match (settings.strategy, settings.replicas) {
        (RolloutStrategy::Recreate, _) => ("Recreate", None),
        (RolloutStrategy::RollingUpdate, 2) => ("RollingUpdate", Some(rolling(1, IntOrString::Int(1)))),
        (RolloutStrategy::RollingUpdate, replicas) => {
            // The reference computes -1 for no replicas, which the API server refuses.
            let max_unavailable = replicas.saturating_sub(1).max(0);
            ("RollingUpdate", Some(rolling(max_unavailable, IntOrString::String("25%".to_owned()))))
        }
    };
    DeploymentStrategy { type_: Some(type_.to_owned()), rolling_update }
}

/// A checksum over everything the pods read and do not notice by themselves. What is missing does not count.
fn dependencies_checksum(context: &Context<'_>, workload: &Workload, dependencies: &Dependencies<'_>) -> String {
    let mut config_maps: BTreeMap<&str, &ConfigMapData> = BTreeMap::new();
    config_maps.extend(context.inputs.objects.config_map(NAMESPACE, TRUSTED_CA).map(|data| (TRUSTED_CA, data)));
    config_maps.extend(dependencies.certificates.map(|maps| (CERTIFICATES, &maps.certificates)));
    let mut secrets: BTreeMap<&str, SecretData> = BTreeMap::new();
    secrets.extend(context.secret(TLS_SECRET).map(|data| (TLS_SECRET, data.clone())));
    secrets.extend(dependencies.pull_secret.map(|data| (PULL_SECRET, data.clone())));
    for name in &workload.further_secrets {
        secrets.extend(context.secret(name).map(|data| (name.as_str(), data.clone())));
    }
    match &workload.secret {
        PrivateConfiguration::Rendered(data) if data.is_empty() => {}
        PrivateConfiguration::Rendered(data) => {
            let own = SecretData { data: data.clone(), ..SecretData::default() };
            secrets.insert(PRIVATE_CONFIGURATION, own);
        }
        PrivateConfiguration::Live => {
            secrets.extend(context.secret(PRIVATE_CONFIGURATION).map(|data| (PRIVATE_CONFIGURATION, data.clone())));
        }
    }
    let config_maps = config_maps.iter().map(|(name, data)| format!("configmap:{name}:{}", checksum::config_map(data)));
    let secrets = secrets.iter().map(|(name, data)| format!("secret:{name}:{}", checksum::secret(data)));
    checksum::dependencies(&config_maps.chain(secrets).collect::<Vec<_>>())
}
