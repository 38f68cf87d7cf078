//! Credentials for Swift: a password, an application credential or a token.

use super::action::Credentials;
use super::clouds_yaml::{Auth, Cloud, cloud};
use super::trust::incomplete_secret;
use crate::api::storage::SwiftStorage;
use crate::inputs::{Inputs, SecretData};
use crate::problem::Problem;
use crate::render::context::{config_problem, infrastructure, missing_object, set};
use crate::render::names::{CLOUD_CREDENTIALS, NAMESPACE, USER_CONFIGURATION};

/// The variables that hold secrets, in the registry's order. All are set, even if empty.
pub const SECRET_VARIABLES: [&str; 6] = [
    "REGISTRY_STORAGE_SWIFT_USERNAME",
    "REGISTRY_STORAGE_SWIFT_PASSWORD",
    "REGISTRY_STORAGE_SWIFT_TOKENID",
    "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALID",
    "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALNAME",
    "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALSECRET",
];

/// The credentials and what else the same source says. It has no Debug: it holds passwords.
pub struct Found {
    /// The Secret they are from.
    pub from: Credentials,
    /// Values of [`SECRET_VARIABLES`].
    pub secrets: [String; 6],
    /// Everything that `spec.storage.swift` may override.
    pub settings: SwiftStorage,
}

/// The user's Secret if there is one, else the cloud's `clouds.yaml`.
///
/// # Errors
/// Neither was seen, or the one that counts is incomplete.
pub fn find(inputs: &Inputs) -> Result<Found, Problem> {
    match inputs.objects.secret(NAMESPACE, USER_CONFIGURATION) {
        Some(user) => from_user(user),
        None => find_minted(inputs),
    }
}

/// The cloud's `clouds.yaml`, whatever the user gives.
///
/// # Errors
/// It was not seen, or has no entry for this cloud.
pub fn find_minted(inputs: &Inputs) -> Result<Found, Problem> {
    let Some(minted) = inputs.objects.secret(NAMESPACE, CLOUD_CREDENTIALS) else {
        let looked_at = inputs.objects.secret_was_looked_at(NAMESPACE, CLOUD_CREDENTIALS);
        return Err(missing_object("Secret", NAMESPACE, CLOUD_CREDENTIALS, looked_at, "spec.storage.swift"));
    };
    let platform = infrastructure(inputs).and_then(|status| status.platform_status.as_ref());
    let platform = platform.and_then(|platform| platform.openstack.as_ref());
    let name = platform.map_or("", |openstack| openstack.cloud_name.as_str());
    let name = if name.is_empty() { "openstack" } else { name };
    Ok(from_cloud(cloud(minted, name)?))
}

fn from_user(user: &SecretData) -> Result<Found, Problem> {
    let value = |key: &str| user.data.get(key).and_then(|value| value.text()).unwrap_or_default().to_owned();
    let secrets = SECRET_VARIABLES.map(value);
    let [username, password, token, id, name, secret] = &secrets;
    let has_password = !username.is_empty() && !password.is_empty();
    let has_application_credential = !id.is_empty() && !name.is_empty() && !secret.is_empty();
    if has_password || has_application_credential || !token.is_empty() {
        return Ok(Found { from: Credentials::User, secrets, settings: SwiftStorage::default() });
    }
    let [username, password, token, id, name, secret] = SECRET_VARIABLES;
    let forms = [format!("{username} and {password}"), format!("{id}, {name} and {secret}"), token.to_owned()];
    Err(incomplete_secret(USER_CONFIGURATION, &forms.each_ref().map(String::as_str)))
}

fn from_cloud(cloud: Cloud) -> Found {
    let Cloud { auth, region_name, identity_api_version } = cloud;
    let Auth {
        auth_url,
        username,
        password,
        application_credential_id,
        application_credential_name,
        application_credential_secret,
        token,
        project_name,
        project_id,
        domain_name,
        domain_id,
        user_domain_name,
        user_domain_id,
    } = auth;
    let filled = |value: String| Some(value).filter(|value| !value.is_empty());
    Found {
        from: Credentials::Cloud,
        secrets: [
            username,
            password,
            token,
            application_credential_id,
            application_credential_name,
            application_credential_secret,
        ],
        settings: SwiftStorage {
            auth_url: filled(auth_url),
            auth_version: filled(identity_api_version),
            container: None,
            domain: filled(domain_name).or(filled(user_domain_name)),
            domain_id: filled(domain_id).or(filled(user_domain_id)),
            tenant: filled(project_name),
            tenant_id: filled(project_id),
            region_name: filled(region_name),
        },
    }
}

/// The version of Keystone's API, as a number; 3 if nobody says.
pub(super) fn auth_version(given: &SwiftStorage, found: &Found) -> Result<i64, Problem> {
    let text = set(&given.auth_version).or(set(&found.settings.auth_version)).unwrap_or("3");
    text.trim_start_matches(['v', 'V']).parse().map_err(|_| {
        let message = format!("{text:?} is not a version of the Identity API");
        config_problem("spec.storage.swift.authVersion", "AuthVersionInvalid", message, "set it to \"3\"")
    })
}

/// Keystone's URL with the version in its path.
pub(super) fn auth_url(given: &str, version: i64) -> Result<String, Problem> {
    let wrong = |message: &str| {
        let remedy = "set it to the public identity endpoint, as https://keystone.example.com:5000/v3";
        config_problem("spec.storage.swift.authURL", "AuthURLInvalid", message.to_owned(), remedy)
    };
    if given.is_empty() {
        return Err(wrong("is not set, and the credentials do not tell"));
    }
    let authority_at = given.find("://").map(|at| at + 3).ok_or_else(|| wrong("is not a URL"))?;
    let path_at = given[authority_at..].find(['/', '?', '#']).map_or(given.len(), |at| authority_at + at);
    let (base, path) = given.split_at(path_at);
    let versioned = ["/v1", "/v2", "/v3"].iter().any(|prefix| path.starts_with(prefix));
    match path {
        _ if versioned => Ok(given.to_owned()),
        "" | "/" => Ok(format!("{base}/v{version}")),
        other => Err(wrong(&format!("Incorrect Auth URL: {other}"))),
    }
}
