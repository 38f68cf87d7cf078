//! Azure Blob storage.

use super::action::{AzureContainer, Credentials, Medium, PrivateEndpoint, Tag};
use super::azure_cloud;
use super::trust::{incomplete_secret, runs_on};
use super::{Prepared, PrivateConfiguration, Workload, ownership, told_by_service};
use crate::api::azure::{Cloud, is_stack};
use crate::api::openshift::PlatformType;
use crate::api::storage::{
    AzureStorage, InternalNetwork, NetworkAccess, NetworkAccessType, Storage, StorageManagementState,
};
use crate::inputs::SecretData;
use crate::problem::Problem;
use crate::render::context::{Context, config_problem, missing_object, set};
use crate::render::names::{
    CLOUD_CREDENTIALS, NAMESPACE, PRIVATE_CONFIGURATION, USER_CONFIGURATION, storage_account_name, storage_name,
};
use crate::render::pods::{secret_variable, variable};
use crate::render::yaml_value;

/// The key of the account key, in the user's Secret, in ours and in the registry's environment.
pub const ACCOUNT_KEY: &str = "REGISTRY_STORAGE_AZURE_ACCOUNTKEY";

/// How the storage is reached.
enum Access<'a> {
    /// By an account key of the user's; nothing else is known, and nothing can be created.
    UserKey(&'a str),
    /// By the identity that the cloud credential operator minted.
    Minted(&'a SecretData),
}

/// Fills in cloud, account and container, and finds the credentials.
///
/// # Errors
/// Incomplete credentials, an unknown cloud, or no way to know account or container.
pub fn prepare(context: &Context<'_>, given: &AzureStorage) -> Result<Prepared, Vec<Problem>> {
    let access = access(context).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let effective = match access {
        Access::UserKey(_) => user_named(context, given, &mut problems),
        Access::Minted(secret) => derived(context, given, secret, &mut problems),
    };
    let cloud = azure_cloud::by_name(context.inputs, set(&effective.cloud_name).unwrap_or_default());
    let cloud = cloud.map_err(|problem| problems.push(problem)).ok();
    let Some(cloud) = cloud.filter(|_| problems.is_empty()) else {
        return Err(problems);
    };
    let medium = medium(context, &effective, &access);
    let workload = workload(context, &effective, &access, &cloud);
    // Nothing can be created with a user's key, so that whatever it belongs to is the user's.
    let management_state = matches!(access, Access::UserKey(_)).then_some(StorageManagementState::Unmanaged);
    Ok(Prepared {
        effective: Storage { azure: Some(effective), management_state, ..Storage::default() },
        medium: Medium::Azure(medium),
        workload,
    })
}

fn access<'a>(context: &Context<'a>) -> Result<Access<'a>, Problem> {
    if let Some(user) = context.secret(USER_CONFIGURATION) {
        let key = user.data.get(ACCOUNT_KEY).and_then(|key| key.text()).filter(|key| !key.is_empty());
        return key.map(Access::UserKey).ok_or_else(|| incomplete_secret(USER_CONFIGURATION, &[ACCOUNT_KEY]));
    }
    context.secret(CLOUD_CREDENTIALS).map(Access::Minted).ok_or_else(|| {
        let looked_at = context.inputs.objects.secret_was_looked_at(NAMESPACE, CLOUD_CREDENTIALS);
        missing_object("Secret", NAMESPACE, CLOUD_CREDENTIALS, looked_at, "spec.storage.azure")
    })
}

/// The cloud comes from the platform only if the user named neither cloud nor account.
fn with_cloud(context: &Context<'_>, given: &AzureStorage) -> AzureStorage {
    let mut effective = given.clone();
    let undecided = set(&given.cloud_name).is_none() && set(&given.account_name).is_none();
    if undecided && runs_on(context.inputs, &PlatformType::Azure) {
        let platform = context.platform().and_then(|platform| platform.azure.as_ref());
        effective.cloud_name = platform.map(|azure| azure.cloud_name.clone()).filter(|name| !name.is_empty());
    }
    effective
}

/// With nothing but an account key, account and container must have names.
fn user_named(context: &Context<'_>, given: &AzureStorage, problems: &mut Vec<Problem>) -> AzureStorage {
    let needed = [("accountName", &given.account_name), ("container", &given.container)];
    for (field, _) in needed.into_iter().filter(|(_, value)| set(value).is_none()) {
        let message =
            format!("is not set, and with only an account key in Secret {USER_CONFIGURATION} it cannot be derived");
        let path = format!("spec.storage.azure.{field}");
        problems.push(config_problem(&path, "StorageNotConfigured", message, "set it to what the key belongs to"));
    }
    with_cloud(context, given)
}

fn derived(
    context: &Context<'_>,
    given: &AzureStorage,
    secret: &SecretData,
    problems: &mut Vec<Problem>,
) -> AzureStorage {
    let mut effective = with_cloud(context, given);
    let before = context.status.and_then(|status| status.storage.azure.as_ref());
    let kept = |given: &Option<String>, before: Option<&Option<String>>| {
        set(given).or(before.and_then(set)).map(str::to_owned)
    };
    effective.account_name = kept(&given.account_name, before.map(|azure| &azure.account_name));
    effective.container = kept(&given.container, before.map(|azure| &azure.container));
    let internal = effective.network_access.as_ref().is_some_and(|access| access.type_ == NetworkAccessType::Internal);
    if effective.account_name.is_some() && effective.container.is_some() && !internal {
        return effective;
    }
    let instead = "spec.storage.azure.accountName and spec.storage.azure.container";
    match context.infrastructure_name("derive the names of account and container", instead) {
        Err(problem) => problems.push(problem),
        Ok(infrastructure) => {
            let scope = format!("{}/{}", text(secret, "azure_subscription_id"), resource_group(context, secret));
            let account = storage_account_name(infrastructure, &scope);
            if internal {
                let recorded = before.and_then(|azure| azure.network_access.as_ref()?.internal.as_ref());
                let name = recorded.and_then(|internal| set(&internal.private_endpoint_name)).unwrap_or(&account);
                effective.network_access = effective.network_access.map(|access| named_endpoint(access, name));
            }
            effective.account_name.get_or_insert(account);
            effective.container.get_or_insert_with(|| storage_name(infrastructure, ""));
        }
    }
    with_discovered(context, effective)
}

/// Network and subnet of the private endpoint, once they have been discovered.
fn with_discovered(context: &Context<'_>, mut effective: AzureStorage) -> AzureStorage {
    let storage = Storage { azure: Some(effective.clone()), ..Storage::default() };
    let Some(observed) = ownership::observation(context, &storage) else { return effective };
    let internal = effective.network_access.as_mut().and_then(|access| access.internal.as_mut());
    let Some(internal) = internal else { return effective };
    let told = &observed.told;
    for (name, told) in [(&mut internal.vnet_name, &told.azure_vnet), (&mut internal.subnet_name, &told.azure_subnet)] {
        if set(name).is_none() && told.is_some() {
            name.clone_from(told);
        }
    }
    effective
}

/// The endpoint keeps its name; a new one bears that of a derived account, unless the user named it.
fn named_endpoint(access: NetworkAccess, name: &str) -> NetworkAccess {
    let mut internal = access.internal.unwrap_or_default();
    if set(&internal.private_endpoint_name).is_none() {
        internal.private_endpoint_name = Some(name.to_owned());
    }
    NetworkAccess { internal: Some(internal), ..access }
}

fn text<'a>(secret: &'a SecretData, key: &str) -> &'a str {
    secret.data.get(key).and_then(|value| value.text()).unwrap_or_default()
}

fn resource_group(context: &Context<'_>, secret: &SecretData) -> String {
    let platform = context.platform().and_then(|platform| platform.azure.as_ref());
    let of_platform = platform.map_or("", |azure| azure.resource_group_name.as_str());
    let minted = text(secret, "azure_resourcegroup");
    if minted.is_empty() { of_platform } else { minted }.to_owned()
}

fn medium(context: &Context<'_>, effective: &AzureStorage, access: &Access<'_>) -> AzureContainer {
    let AzureStorage { account_name, container, cloud_name, network_access } = effective;
    let owned = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut medium = AzureContainer {
        account_name: owned(account_name),
        container: owned(container),
        cloud_name: set(cloud_name).unwrap_or("AzurePublicCloud").to_owned(),
        resource_group: String::new(),
        region: String::new(),
        credentials: Credentials::User,
        disable_shared_key: false,
        tags: Vec::new(),
        private_endpoint: None,
    };
    let Access::Minted(secret) = access else { return medium };
    let platform = context.platform().and_then(|platform| platform.azure.as_ref());
    let infrastructure = context.infrastructure().map_or("", |status| status.infrastructure_name.as_str());
    medium.resource_group = resource_group(context, secret);
    medium.region = text(secret, "azure_region").to_owned();
    medium.credentials = Credentials::Cloud;
    medium.disable_shared_key = !text(secret, "azure_federated_token_file").is_empty() && !is_stack(&medium.cloud_name);
    medium.tags = vec![Tag::new(format!("kubernetes.io_cluster.{infrastructure}"), "owned")];
    let users = platform.into_iter().flat_map(|azure| &azure.resource_tags);
    medium.tags.extend(users.map(|tag| Tag::new(&tag.key, &tag.value)));
    medium.private_endpoint = network_access
        .as_ref()
        .filter(|access| access.type_ == NetworkAccessType::Internal)
        .and_then(|access| access.internal.as_ref())
        .map(|internal| private_endpoint(internal, &medium.resource_group));
    medium
}

fn private_endpoint(internal: &InternalNetwork, resource_group: &str) -> PrivateEndpoint {
    let InternalNetwork { network_resource_group_name, vnet_name, subnet_name, private_endpoint_name } = internal;
    let owned = |value: &Option<String>| value.clone().unwrap_or_default();
    PrivateEndpoint {
        name: owned(private_endpoint_name),
        network_resource_group: set(network_resource_group_name).unwrap_or(resource_group).to_owned(),
        vnet_name: owned(vnet_name),
        subnet_name: owned(subnet_name),
    }
}

fn workload(
    context: &Context<'_>,
    effective: &AzureStorage,
    access: &Access<'_>,
    cloud: &Cloud,
) -> Result<Workload, Problem> {
    let mut workload = Workload::default();
    let federated = match access {
        Access::UserKey(_) => "",
        Access::Minted(secret) => text(secret, "azure_federated_token_file"),
    };
    if federated.is_empty() {
        workload.env.push(secret_variable(ACCOUNT_KEY, PRIVATE_CONFIGURATION, ACCOUNT_KEY, None));
        workload.secret = match access {
            Access::UserKey(key) => {
                let value = yaml_value::string(key).into_bytes().into();
                PrivateConfiguration::Rendered([(ACCOUNT_KEY.to_owned(), value)].into())
            }
            Access::Minted(_) => {
                account_key(context, &Storage { azure: Some(effective.clone()), ..Storage::default() })?
            }
        };
    }
    if let (Access::Minted(secret), false) = (access, federated.is_empty()) {
        let identity = [
            ("AZURE_CLIENT_ID", text(secret, "azure_client_id")),
            ("AZURE_TENANT_ID", text(secret, "azure_tenant_id")),
            ("AZURE_FEDERATED_TOKEN_FILE", federated),
            ("AZURE_AUTHORITY_HOST", cloud.authority.as_str()),
        ];
        workload.env.extend(identity.map(|(name, value)| variable(name, yaml_value::string(value))));
    }
    let text = |value: &Option<String>| yaml_value::string(value.as_deref().unwrap_or_default());
    workload.env.push(variable("REGISTRY_STORAGE", "azure"));
    workload.env.push(variable("REGISTRY_STORAGE_AZURE_CONTAINER", text(&effective.container)));
    workload.env.push(variable("REGISTRY_STORAGE_AZURE_ACCOUNTNAME", text(&effective.account_name)));
    if set(&effective.cloud_name).is_some() {
        let realm = yaml_value::string(&cloud.storage_suffix);
        workload.env.push(variable("REGISTRY_STORAGE_AZURE_REALM", realm));
    }
    Ok(workload)
}

/// The account's key, which only Azure can tell: the storage action fetches it.
fn account_key(context: &Context<'_>, effective: &Storage) -> Result<PrivateConfiguration, Problem> {
    let told = ownership::observation(context, effective).and_then(|observed| observed.told.azure_account_key.as_ref());
    told_by_service(context, told, ACCOUNT_KEY, yaml_value::string).ok_or_else(|| Problem {
        object: format!("Secret/{NAMESPACE}/{PRIVATE_CONFIGURATION}"),
        ..config_problem(
            &format!("data.{ACCOUNT_KEY}"),
            "StorageNotReady",
            "the key of the storage account is not known; Azure tells it once the account exists".to_owned(),
            "offline, add this Secret as the cluster has it to the inputs",
        )
    })
}
