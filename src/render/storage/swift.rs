//! OpenStack Swift.

use super::action::{Medium, SwiftContainer, Tag};
use super::swift_credentials::{self, Found, SECRET_VARIABLES};
use super::{Prepared, PrivateConfiguration, Workload};
use crate::api::storage::{Storage, SwiftStorage};
use crate::problem::Problem;
use crate::render::context::{Context, set};
use crate::render::names::{PRIVATE_CONFIGURATION, storage_name};
use crate::render::pods::{secret_variable, variable};
use crate::render::yaml_value;

/// Fills in the container, and finds the credentials and where Keystone is.
///
/// # Errors
/// Incomplete credentials, an unusable auth URL, or no way to name the container.
pub fn prepare(context: &Context<'_>, given: &SwiftStorage) -> Result<Prepared, Vec<Problem>> {
    let found = swift_credentials::find(context).map_err(|problem| vec![problem])?;
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
    let version = swift_credentials::auth_version(given, &found).map_err(|problem| problems.push(problem));
    let url = set(&given.auth_url).or(set(&found.settings.auth_url)).unwrap_or_default();
    let url = swift_credentials::auth_url(url, version.unwrap_or(3)).map_err(|problem| problems.push(problem));
    let (Ok(version), Ok(url), true) = (version, url, problems.is_empty()) else {
        return Err(problems);
    };
    let container = effective.container.clone().unwrap_or_default();
    let infrastructure = context.infrastructure().map_or("", |status| status.infrastructure_name.as_str());
    let medium = SwiftContainer {
        container: container.clone(),
        auth_url: url.clone(),
        region_name: set(&given.region_name).or(set(&found.settings.region_name)).unwrap_or_default().to_owned(),
        credentials: found.from,
        metadata: vec![Tag::new("Openshiftclusterid", infrastructure), Tag::new("Name", &container)],
    };
    let workload = workload(given, &found, &container, &url, version);
    Ok(Prepared {
        effective: Storage { swift: Some(effective), ..Storage::default() },
        medium: Medium::Swift(medium),
        workload: Ok(workload),
    })
}

fn workload(given: &SwiftStorage, found: &Found, container: &str, url: &str, version: i64) -> Workload {
    let mut env = vec![
        variable("REGISTRY_STORAGE", "swift"),
        variable("REGISTRY_STORAGE_SWIFT_CONTAINER", yaml_value::string(container)),
        variable("REGISTRY_STORAGE_SWIFT_AUTHURL", yaml_value::string(url)),
    ];
    env.extend(SECRET_VARIABLES.map(|name| secret_variable(name, PRIVATE_CONFIGURATION, name, None)));
    env.push(variable("REGISTRY_STORAGE_SWIFT_AUTHVERSION", yaml_value::integer(version)));
    let optional = [
        ("REGISTRY_STORAGE_SWIFT_DOMAIN", &given.domain, &found.settings.domain),
        ("REGISTRY_STORAGE_SWIFT_DOMAINID", &given.domain_id, &found.settings.domain_id),
        ("REGISTRY_STORAGE_SWIFT_TENANT", &given.tenant, &found.settings.tenant),
        ("REGISTRY_STORAGE_SWIFT_TENANTID", &given.tenant_id, &found.settings.tenant_id),
        ("REGISTRY_STORAGE_SWIFT_REGION", &given.region_name, &found.settings.region_name),
    ];
    for (name, given, found) in optional {
        if let Some(value) = set(given).or(set(found)) {
            env.push(variable(name, yaml_value::string(value)));
        }
    }
    let secret = SECRET_VARIABLES.iter().zip(&found.secrets);
    let secret = secret.map(|(name, value)| ((*name).to_owned(), yaml_value::string(value).into_bytes().into()));
    Workload { env, secret: PrivateConfiguration::Rendered(secret.collect()), ..Workload::default() }
}
