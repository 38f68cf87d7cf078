//! Job `azure-path-fix`: moves blobs that registries before OpenShift 4.14 wrote under `docker` to `/docker`.

use super::context::{Context, set};
use super::manifest::{Manifest, metadata, strings};
use super::names::{
    CLOUD_CREDENTIALS, NAMESPACE, PATH_FIX, PRIVATE_CONFIGURATION, REGISTRY_ACCOUNT, USER_CONFIGURATION,
};
use super::pods::{PRIORITY_CLASS, quantities, required_scc, secret_variable, variable};
use super::registry::{environment, volumes};
use super::storage::action::AzureContainer;
use super::storage::azure::ACCOUNT_KEY;
use crate::api::azure::is_stack;
use crate::api::openshift::PlatformType;
use crate::api::storage::AzureStorage;
use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1::{Container, EnvVar, PodSpec, PodTemplateSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// Whether the Job has anything to do: an Azure Stack Hub never had the wrong path.
pub fn is_wanted(context: &Context<'_>, medium: &AzureContainer) -> bool {
    super::storage::trust::runs_on(context.inputs, &PlatformType::Azure) && !is_stack(&medium.cloud_name)
}

/// The Job; it runs this operator's own image with the verb `move-blobs`.
pub fn build(context: &Context<'_>, storage: &AzureStorage, operator_image: &str) -> Manifest {
    let mut env = environment(context, storage);
    env.extend(environment::proxy(context));
    let container = Container {
        name: PATH_FIX.to_owned(),
        image: Some(operator_image.to_owned()),
        command: Some(vec!["cluster-image-registry-operator".to_owned()]),
        args: Some(vec!["move-blobs".to_owned()]),
        env: Some(env),
        resources: Some(ResourceRequirements {
            requests: Some(quantities([("cpu", "100m"), ("memory", "256Mi")])),
            ..ResourceRequirements::default()
        }),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(vec![volumes::trusted_ca_mount(), volumes::bound_token_mount()]),
        ..Container::default()
    };
    let job = Job {
        metadata: metadata(NAMESPACE, PATH_FIX),
        spec: Some(JobSpec {
            backoff_limit: Some(6),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    annotations: Some(strings([required_scc("restricted-v2")])),
                    ..ObjectMeta::default()
                }),
                spec: Some(PodSpec {
                    containers: vec![container],
                    restart_policy: Some("Never".to_owned()),
                    service_account_name: Some(REGISTRY_ACCOUNT.to_owned()),
                    priority_class_name: Some(PRIORITY_CLASS.to_owned()),
                    volumes: Some(vec![volumes::trusted_ca(), volumes::bound_token()]),
                    ..PodSpec::default()
                }),
            },
            ..JobSpec::default()
        }),
        status: None,
    };
    Manifest::new(NAMESPACE, PATH_FIX, &job)
}

/// Whichever credential is there is used; the others are empty or optional.
fn environment(context: &Context<'_>, storage: &AzureStorage) -> Vec<EnvVar> {
    let minted = context.secret(CLOUD_CREDENTIALS).filter(|_| context.secret(USER_CONFIGURATION).is_none());
    let text = |key: &str| {
        let value = minted.and_then(|secret| secret.data.get(key)).and_then(|value| value.text());
        value.unwrap_or_default().to_owned()
    };
    let file = context.inputs.environment.azure_environment_filepath.clone().unwrap_or_default();
    vec![
        variable("AZURE_ENVIRONMENT_FILEPATH", file),
        variable("AZURE_STORAGE_ACCOUNT_NAME", set(&storage.account_name).unwrap_or_default()),
        variable("AZURE_CONTAINER_NAME", set(&storage.container).unwrap_or_default()),
        variable("AZURE_CLIENT_ID", text("azure_client_id")),
        variable("AZURE_TENANT_ID", text("azure_tenant_id")),
        secret_variable("AZURE_CLIENT_SECRET", CLOUD_CREDENTIALS, "azure_client_secret", Some(true)),
        variable("AZURE_FEDERATED_TOKEN_FILE", text("azure_federated_token_file")),
        secret_variable("AZURE_ACCOUNTKEY", PRIVATE_CONFIGURATION, ACCOUNT_KEY, Some(true)),
        variable("AZURE_ENVIRONMENT", set(&storage.cloud_name).unwrap_or_default()),
    ]
}
