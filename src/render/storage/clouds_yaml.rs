//! `clouds.yaml`, OpenStack's client configuration (openstacksdk), as far as Swift needs it.

use crate::api::yaml;
use crate::inputs::SecretData;
use crate::problem::Problem;
use crate::render::context::config_problem;
use crate::render::names::{CLOUD_CREDENTIALS, NAMESPACE};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// The key of the Secret.
const KEY: &str = "clouds.yaml";

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    clouds: BTreeMap<String, Cloud>,
}

/// One entry. It has no Debug: it holds the password.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Cloud {
    pub auth: Auth,
    #[serde(deserialize_with = "text")]
    pub region_name: String,
    /// `3` and `v3` are both in use, as number or text.
    #[serde(deserialize_with = "text")]
    pub identity_api_version: String,
}

/// The `auth` part of an entry.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Auth {
    #[serde(deserialize_with = "text")]
    pub auth_url: String,
    #[serde(deserialize_with = "text")]
    pub username: String,
    #[serde(deserialize_with = "text")]
    pub password: String,
    #[serde(deserialize_with = "text")]
    pub application_credential_id: String,
    #[serde(deserialize_with = "text")]
    pub application_credential_name: String,
    #[serde(deserialize_with = "text")]
    pub application_credential_secret: String,
    #[serde(deserialize_with = "text")]
    pub token: String,
    #[serde(deserialize_with = "text")]
    pub project_name: String,
    #[serde(deserialize_with = "text")]
    pub project_id: String,
    #[serde(deserialize_with = "text")]
    pub domain_name: String,
    #[serde(deserialize_with = "text")]
    pub domain_id: String,
    #[serde(deserialize_with = "text")]
    pub user_domain_name: String,
    #[serde(deserialize_with = "text")]
    pub user_domain_id: String,
}

/// The entry of that name.
///
/// # Errors
/// No such key, no such entry, or no YAML. The text itself is never quoted.
pub(super) fn cloud(secret: &SecretData, name: &str) -> Result<Cloud, Problem> {
    let wrong = |message: String, remedy: &str| Problem {
        object: format!("Secret/{NAMESPACE}/{CLOUD_CREDENTIALS}"),
        ..config_problem("data[clouds.yaml]", "CredentialsInvalid", message, remedy)
    };
    let Some(text) = secret.data.get(KEY).and_then(|value| value.text()) else {
        return Err(wrong(format!("does not contain required key {KEY}"), "put the clouds.yaml of the cloud there"));
    };
    let mut file: File = serde_saphyr::from_str_with_options(text, yaml::limits())
        .map_err(|_| wrong("is not valid YAML of a clouds.yaml".to_owned(), "check it with `openstack --os-cloud`"))?;
    file.clouds.remove(name).ok_or_else(|| {
        wrong(format!("clouds.yaml does not contain required cloud {name:?}"), "add the cloud under `clouds`")
    })
}

/// A scalar as its text, letter by letter: a password that looks like the number 010 is not 10.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::<String>::deserialize(deserializer).map(Option::unwrap_or_default)
}
