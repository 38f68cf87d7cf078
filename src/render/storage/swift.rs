//! OpenStack Swift.

use super::action::{Medium, SwiftAccount, SwiftContainer, Tag};
use super::swift_credentials::{self, Found, SECRET_VARIABLES};
use super::{Prepared, PrivateConfiguration, Workload};
use crate::api::storage::{Storage, SwiftStorage};
use crate::problem::Problem;
use crate::render::context::{Context, config_problem, set};
use crate::render::names::{PRIVATE_CONFIGURATION, storage_name};
use crate::render::pods::{secret_variable, variable};
use crate::render::yaml_value;

/// Fills in the container, and finds the credentials and where Keystone is.
///
/// # Errors
/// Incomplete credentials, an unusable auth URL, or no way to name the container.
pub fn prepare(context: &Context<'_>, given: &SwiftStorage) -> Result<Prepared, Vec<Problem>> {
    let found = swift_credentials::find(context.inputs).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let mut effective = given.clone();
    if set(&given.container).is_none() {
        let before = context.status.and_then(|status| status.storage.swift.as_ref());
        let before = before.and_then(|swift| set(&swift.container)).map(str::to_owned);
        match (before, context.infrastructure_name("derive the container's name", "spec.storage.swift.container")) {
            (Some(before), _) => effective.container = Some(before),
            (None, Ok(infrastructure)) => effective.container = Some(storage_name(infrastructure, "")),
            (None, Err(problem)) => problems.push(problem),
        }
    }
    if let Some(problem) = effective.container.as_deref().and_then(wrong_name) {
        problems.push(problem);
    }
    let account = account(given, &found).map_err(|found| problems.extend(found));
    let (Ok(account), true) = (account, problems.is_empty()) else {
        return Err(problems);
    };
    let container = effective.container.clone().unwrap_or_default();
    let infrastructure = context.infrastructure().map_or("", |status| status.infrastructure_name.as_str());
    let metadata = [Tag::new("Openshiftclusterid", infrastructure), Tag::new("Name", &container)];
    let workload = workload(&found, &container, &account);
    let medium = SwiftContainer {
        container,
        account,
        credentials: found.from,
        // Swift takes an empty value for a removal.
        metadata: metadata.into_iter().filter(|tag| !tag.value.is_empty()).collect(),
    };
    Ok(Prepared {
        effective: Storage { swift: Some(effective), ..Storage::default() },
        medium: Medium::Swift(medium),
        workload: Ok(workload),
    })
}

/// A name that Swift would not take, or take for an object's (Object Storage API, Create container).
fn wrong_name(name: &str) -> Option<Problem> {
    let remedy = "choose a name of at most 256 bytes without a slash";
    let wrong = |message: &str| {
        config_problem("spec.storage.swift.container", "ContainerNameInvalid", message.to_owned(), remedy)
    };
    if name.contains('/') {
        return Some(wrong("must not contain a slash"));
    }
    (name.len() > 256).then(|| wrong("is longer than 256 bytes"))
}

/// Where Swift is: every value of `spec.storage.swift` goes before the one that came with the credentials.
///
/// # Errors
/// An auth URL or a version that cannot be used.
pub fn account(given: &SwiftStorage, found: &Found) -> Result<SwiftAccount, Vec<Problem>> {
    let mut problems = Vec::new();
    let version = swift_credentials::auth_version(given, found).map_err(|problem| problems.push(problem));
    let either = |given, found| set(given).or(set(found)).unwrap_or_default();
    let url = either(&given.auth_url, &found.settings.auth_url);
    let url = swift_credentials::auth_url(url, version.unwrap_or(3)).map_err(|problem| problems.push(problem));
    let (Ok(auth_version), Ok(auth_url)) = (version, url) else {
        return Err(problems);
    };
    Ok(SwiftAccount {
        auth_url,
        auth_version,
        domain: either(&given.domain, &found.settings.domain).to_owned(),
        domain_id: either(&given.domain_id, &found.settings.domain_id).to_owned(),
        tenant: either(&given.tenant, &found.settings.tenant).to_owned(),
        tenant_id: either(&given.tenant_id, &found.settings.tenant_id).to_owned(),
        region_name: either(&given.region_name, &found.settings.region_name).to_owned(),
    })
}

fn workload(found: &Found, container: &str, account: &SwiftAccount) -> Workload {
    let mut env = vec![
        variable("REGISTRY_STORAGE", "swift"),
        variable("REGISTRY_STORAGE_SWIFT_CONTAINER", yaml_value::string(container)),
        variable("REGISTRY_STORAGE_SWIFT_AUTHURL", yaml_value::string(&account.auth_url)),
    ];
    env.extend(SECRET_VARIABLES.map(|name| secret_variable(name, PRIVATE_CONFIGURATION, name, None)));
    env.push(variable("REGISTRY_STORAGE_SWIFT_AUTHVERSION", yaml_value::integer(account.auth_version)));
    let optional = [
        ("REGISTRY_STORAGE_SWIFT_DOMAIN", &account.domain),
        ("REGISTRY_STORAGE_SWIFT_DOMAINID", &account.domain_id),
        ("REGISTRY_STORAGE_SWIFT_TENANT", &account.tenant),
        ("REGISTRY_STORAGE_SWIFT_TENANTID", &account.tenant_id),
        ("REGISTRY_STORAGE_SWIFT_REGION", &account.region_name),
    ];
    let optional = optional.into_iter().filter(|(_, value)| !value.is_empty());
    env.extend(optional.map(|(name, value)| variable(name, yaml_value::string(value))));
    let secret = SECRET_VARIABLES.iter().zip(&found.secrets);
    let secret = secret.map(|(name, value)| ((*name).to_owned(), yaml_value::string(value).into_bytes().into()));
    Workload { env, secret: PrivateConfiguration::Rendered(secret.collect()), ..Workload::default() }
}
