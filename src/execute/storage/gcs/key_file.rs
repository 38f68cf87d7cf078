//! The key file, which says who the operator is to Google: a service account with a key of its own, or a workload whose
//! identity Google accepts (AIP-4112, AIP-4117).

use crate::api::secret::Secret;
use crate::inputs::Inputs;
use crate::render::names::{CLOUD_CREDENTIALS, NAMESPACE, USER_CONFIGURATION};
use crate::render::storage::action::Credentials;
use serde::Deserialize;
use std::path::PathBuf;

/// The domain of Google's own cloud; others are run for sovereign customers.
pub(super) const DEFAULT_UNIVERSE: &str = "googleapis.com";
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

/// Types of key files that cannot be used (google-auth, `_default.py`).
const OTHER_TYPES: [&str; 4] =
    ["authorized_user", "external_account_authorized_user", "gdch_service_account", "impersonated_service_account"];

/// A key file that can be used.
pub(super) struct KeyFile {
    /// Where it stands, for people.
    pub(super) place: String,
    /// The domain of the services.
    pub(super) universe: String,
    /// Who the operator is.
    pub(super) identity: Identity,
}

/// Who the operator is to Google.
pub(super) enum Identity {
    /// A service account with its private key.
    ServiceAccount(ServiceAccount),
    /// A workload of another identity provider, here of the cluster.
    External(External),
}

/// `"type": "service_account"`.
#[derive(Deserialize)]
pub(super) struct ServiceAccount {
    /// The account's name.
    pub(super) client_email: String,
    /// The key's name.
    #[serde(default)]
    pub(super) private_key_id: String,
    /// The private key in PEM.
    pub(super) private_key: Secret,
    /// Where tokens come from.
    #[serde(default = "token_uri")]
    pub(super) token_uri: String,
}

/// `"type": "external_account"`.
#[derive(Deserialize)]
pub(super) struct External {
    /// The workload identity provider.
    pub(super) audience: String,
    /// What kind of token the workload has.
    pub(super) subject_token_type: String,
    /// Where it is exchanged.
    pub(super) token_url: String,
    /// Where the token of the service account comes from that the workload stands for; none if it has roles itself.
    pub(super) service_account_impersonation_url: Option<String>,
    /// How long that token lasts.
    #[serde(default)]
    pub(super) service_account_impersonation: Impersonation,
    /// Where the workload's token is.
    pub(super) credential_source: Source,
}

/// `service_account_impersonation`.
#[derive(Default, Deserialize)]
pub(super) struct Impersonation {
    /// In seconds.
    pub(super) token_lifetime_seconds: Option<u64>,
}

/// `credential_source`.
#[derive(Deserialize)]
pub(super) struct Source {
    /// The file with the token.
    pub(super) file: Option<PathBuf>,
    /// Its form.
    #[serde(default)]
    pub(super) format: Format,
}

/// `credential_source.format`.
#[derive(Default, Deserialize)]
pub(super) struct Format {
    /// `text` or `json`.
    #[serde(default, rename = "type")]
    pub(super) type_: String,
    /// The field of the JSON with the token.
    #[serde(default)]
    pub(super) subject_token_field_name: String,
}

fn token_uri() -> String {
    TOKEN_URI.to_owned()
}

#[derive(Deserialize)]
struct Header {
    #[serde(default, rename = "type")]
    type_: String,
    #[serde(default)]
    universe_domain: String,
}

/// The key file of that Secret.
///
/// # Errors
/// What is wrong with it, as a sentence without any part of its content.
pub(super) fn read(credentials: Credentials, inputs: &Inputs) -> Result<KeyFile, String> {
    let (name, key) = match credentials {
        Credentials::User => (USER_CONFIGURATION, "REGISTRY_STORAGE_GCS_KEYFILE"),
        Credentials::Cloud => (CLOUD_CREDENTIALS, "service_account.json"),
    };
    let place = format!("{key} in Secret {NAMESPACE}/{name}");
    let secret = inputs.objects.secret(NAMESPACE, name);
    let file = secret.and_then(|secret| secret.data.get(key)).ok_or_else(|| format!("{place} is missing"))?;
    let (universe, identity) = parse(file.expose()).map_err(|why| format!("{place} {why}"))?;
    Ok(KeyFile { place, universe, identity })
}

pub(super) fn parse(file: &[u8]) -> Result<(String, Identity), String> {
    let header: Header = from(file)?;
    let identity = match header.type_.as_str() {
        "service_account" => Identity::ServiceAccount(checked_account(from(file)?)?),
        "external_account" => Identity::External(checked_external(from(file)?)?),
        // Other types are for people and other clouds' machines. Only Google's own words are repeated.
        other => {
            let known = OTHER_TYPES.iter().find(|known| **known == other);
            let what =
                known.map_or("has a type that is none of Google's".to_owned(), |known| format!("is of type {known:?}"));
            return Err(format!(
                "{what}, which cannot be used; put the key file of a service account there (type \
                 \"service_account\") or one for workload identity (type \"external_account\")"
            ));
        }
    };
    let universe = if header.universe_domain.is_empty() { DEFAULT_UNIVERSE } else { &header.universe_domain };
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if !universe.bytes().all(is_host) {
        return Err("has a universe_domain that is no domain; create the key anew".to_owned());
    }
    Ok((universe.to_ascii_lowercase(), identity))
}

/// The parser's own words may quote the file.
fn from<'a, T: Deserialize<'a>>(file: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(file).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("is not a key file of Google's (line {line}, column {column}); put the file there as it was downloaded")
    })
}

fn checked_account(account: ServiceAccount) -> Result<ServiceAccount, String> {
    https("token_uri", &account.token_uri)?;
    Ok(account)
}

fn checked_external(external: External) -> Result<External, String> {
    https("token_url", &external.token_url)?;
    if let Some(url) = &external.service_account_impersonation_url {
        https("service_account_impersonation_url", url)?;
    }
    let Source { file, format } = &external.credential_source;
    if file.is_none() {
        return Err("takes its credential_source from elsewhere than a file, which cannot be used; create it with \
                    --credential-source-file"
            .to_owned());
    }
    match (format.type_.as_str(), format.subject_token_field_name.as_str()) {
        ("" | "text", _) => Ok(external),
        ("json", field) if !field.is_empty() => Ok(external),
        _ => Err("has a credential_source.format that cannot be used; use the type text, or json with a \
                  subject_token_field_name"
            .to_owned()),
    }
}

fn https(field: &str, url: &str) -> Result<(), String> {
    if url.starts_with("https://") {
        return Ok(());
    }
    Err(format!("has a {field} that does not begin with https://; create the key file anew"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Identity, parse};
    use serde_json::{Value, json};

    fn refused(file: &Value) -> String {
        parse(file.to_string().as_bytes()).err().unwrap()
    }

    fn external(source: Value) -> Value {
        json!({ "type": "external_account", "audience": "a", "subject_token_type": "t",
            "token_url": "https://sts.googleapis.com/v1/token", "credential_source": source })
    }

    #[test]
    fn both_types_are_read() {
        let account = json!({ "type": "service_account", "client_email": "e", "private_key": "k" }).to_string();
        let (universe, identity) = parse(account.as_bytes()).ok().unwrap();
        assert_eq!(universe, "googleapis.com");
        let Identity::ServiceAccount(account) = identity else { unreachable!() };
        assert_eq!(account.token_uri, "https://oauth2.googleapis.com/token");
        let file = external(json!({ "file": "/token", "format": { "type": "text" } })).to_string();
        assert!(matches!(parse(file.as_bytes()).ok().unwrap().1, Identity::External(_)));
    }

    #[test]
    fn what_cannot_be_used_is_said_without_its_content() {
        assert!(refused(&json!({ "type": "authorized_user", "refresh_token": "s3cret" })).contains("authorized_user"));
        for file in [
            json!({ "type": "service_account", "client_email": "e", "private_key": ["s3cret"] }),
            json!("s3cret"),
            json!({ "type": "s3cret" }),
            json!({ "type": "service_account", "client_email": "e", "private_key": "k", "token_uri": "http://s3cret" }),
            json!({ "type": "service_account", "client_email": "e", "private_key": "k", "universe_domain": "s3cret/" }),
            external(json!({ "environment_id": "aws1", "url": "s3cret" })),
            external(json!({ "file": "/token", "format": { "type": "json" } })),
        ] {
            let message = refused(&file);
            assert!(!message.contains("s3cret") && message.contains(';'), "{message}");
        }
    }
}
