//! What to move and with which credential: the environment of the Job `azure-path-fix`.

use crate::api::azure::{Cloud, STACK, UnknownCloud, is_stack};
use crate::api::secret::Secret;
use crate::azure::{Credential, Identity, Proof};
use crate::net::encode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use std::fs;
use std::net::IpAddr;

/// What the environment cannot say.
#[derive(Clone, Debug)]
pub struct Overrides {
    /// The account's blob endpoint, instead of the one that follows from account and cloud.
    pub endpoint: Option<String>,
    /// Blobs in a page of the listing, 1 to 5000.
    pub page_size: u16,
}

/// Everything that moving blobs takes, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The storage account.
    pub account: String,
    /// The container in it.
    pub container: String,
    /// The account's blob endpoint, without a slash at its end.
    pub endpoint: String,
    /// How requests are authorised.
    pub credential: Credential,
    /// Blobs in a page of the listing.
    pub page_size: u16,
}

impl Settings {
    /// Reads the variables through `variable`; surrounding whitespace does not count, and an empty one is not set.
    ///
    /// # Errors
    /// A sentence for every variable that is missing or wrong, all at once.
    pub fn read(variable: impl Fn(&str) -> Option<String>, overrides: &Overrides) -> Result<Self, Vec<String>> {
        let get = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let mut problems = Vec::new();
        let mut required = |name: &str| {
            get(name).unwrap_or_else(|| {
                problems.push(format!("{name} is not set"));
                String::new()
            })
        };
        let account = required("AZURE_STORAGE_ACCOUNT_NAME");
        let container = required("AZURE_CONTAINER_NAME");
        let cloud = cloud(&get).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let credential = credential(&get, cloud.as_ref(), &mut problems);
        let endpoint = match (&overrides.endpoint, &cloud) {
            (Some(endpoint), _) => Some(endpoint.trim_end_matches('/').to_owned()),
            (None, Some(cloud)) if !account.is_empty() => {
                Some(format!("https://{}.blob.{}", encode(&account), cloud.storage_suffix))
            }
            (None, _) => None,
        };
        if let Some(Err(problem)) = endpoint.as_deref().map(check_url) {
            problems.push(format!("the blob endpoint {problem}"));
        }
        match (endpoint, credential) {
            (Some(endpoint), Some(credential)) if problems.is_empty() => {
                Ok(Settings { account, container, endpoint, credential, page_size: overrides.page_size })
            }
            _ => Err(problems),
        }
    }
}

/// The cloud, or what is wrong with the variables that name it.
fn cloud(get: &impl Fn(&str) -> Option<String>) -> Result<Option<Cloud>, String> {
    const CONTENTS: &str = "AZURE_ENVIRONMENT_FILECONTENTS";
    const PATH: &str = "AZURE_ENVIRONMENT_FILEPATH";
    let name = get("AZURE_ENVIRONMENT").unwrap_or_default();
    if !is_stack(&name) {
        return Cloud::by_name(&name).map(Some).map_err(|UnknownCloud { wanted, known }| {
            format!("AZURE_ENVIRONMENT: there is no Azure cloud named {wanted:?}; use one of {known}, {STACK}")
        });
    }
    let (from, json) = match (get(CONTENTS), get(PATH)) {
        (Some(json), _) => (CONTENTS.to_owned(), json),
        (None, Some(path)) => {
            let read = fs::read_to_string(&path);
            (PATH.to_owned(), read.map_err(|error| format!("{PATH}: {path} cannot be read: {error}"))?)
        }
        (None, None) => return Err(format!("neither {CONTENTS} nor {PATH} is set; {STACK} needs one of them")),
    };
    Cloud::stack(&json).map(Some).map_err(|problem| format!("{from}: {problem}"))
}

/// The first credential that there is: account key, client secret, workload identity.
fn credential(
    get: &impl Fn(&str) -> Option<String>,
    cloud: Option<&Cloud>,
    problems: &mut Vec<String>,
) -> Option<Credential> {
    if let Some(key) = get("AZURE_ACCOUNTKEY") {
        // Only whether it can be decoded; a message must not quote it.
        if STANDARD.decode(&key).is_err() {
            problems.push("AZURE_ACCOUNTKEY is not base64".to_owned());
        }
        return Some(Credential::AccountKey(Secret::from(key)));
    }
    let proof = match (get("AZURE_CLIENT_SECRET"), get("AZURE_FEDERATED_TOKEN_FILE")) {
        (Some(secret), _) => Some(Proof::ClientSecret(Secret::from(secret))),
        (None, Some(path)) => Some(Proof::FederatedTokenFile(path.into())),
        (None, None) => {
            problems.push(
                "none of AZURE_ACCOUNTKEY, AZURE_CLIENT_SECRET and AZURE_FEDERATED_TOKEN_FILE is set; one is needed"
                    .to_owned(),
            );
            None
        }
    };
    let mut required = |name: &str| {
        let value = get(name);
        if value.is_none() {
            problems.push(format!("{name} is not set; only an AZURE_ACCOUNTKEY can do without"));
        }
        value
    };
    let (client, tenant) = (required("AZURE_CLIENT_ID"), required("AZURE_TENANT_ID"));
    let authority = get("AZURE_AUTHORITY_HOST").or_else(|| cloud.map(|cloud| cloud.authority.clone()))?;
    if let Err(problem) = check_url(&authority) {
        problems.push(format!("the authority that issues tokens {problem}"));
    }
    let audience = cloud?.storage_audience.clone();
    Some(Credential::Identity(Identity { authority, tenant: tenant?, client: client?, proof: proof?, audience }))
}

/// Secrets and data go over TLS, except within this machine.
fn check_url(url: &str) -> Result<(), String> {
    let uri: Uri = url.parse().map_err(|error| format!("{url:?} is no URL: {error}"))?;
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_loopback = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") if uri.query().is_none() => Ok(()),
        Some("http") if is_loopback && uri.query().is_none() => Ok(()),
        Some("http") => Err(format!("{url:?} must begin with https://; http:// is for this machine alone")),
        _ => Err(format!("{url:?} must be a URL like https://account.blob.core.windows.net")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Overrides, Settings};
    use crate::azure::Credential;

    fn read(variables: &[(&str, &str)], endpoint: Option<&str>) -> Result<Settings, Vec<String>> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::read(variable, &Overrides { endpoint: endpoint.map(str::to_owned), page_size: 10 })
    }

    const KEY: [(&str, &str); 3] = [
        ("AZURE_STORAGE_ACCOUNT_NAME", " account\n"),
        ("AZURE_CONTAINER_NAME", "container"),
        ("AZURE_ACCOUNTKEY", "a2V5\n"),
    ];

    #[test]
    fn everything_that_is_missing_is_named_at_once() {
        let problems = read(&[("AZURE_CLIENT_ID", "  "), ("AZURE_ENVIRONMENT", "Moon")], None).unwrap_err();
        let all = problems.join("\n");
        for name in [
            "AZURE_STORAGE_ACCOUNT_NAME",
            "AZURE_CONTAINER_NAME",
            "AZURE_CLIENT_SECRET",
            "AZURE_CLIENT_ID",
            "AZURE_TENANT_ID",
            "AZURE_ENVIRONMENT",
        ] {
            assert!(all.contains(name), "{name} in {all}");
        }
    }

    #[test]
    fn the_account_key_wins_and_the_cloud_makes_the_endpoint() {
        let mut variables = KEY.to_vec();
        variables.extend([("AZURE_CLIENT_SECRET", "unused"), ("AZURE_ENVIRONMENT", "AzureChinaCloud")]);
        let settings = read(&variables, None).unwrap();
        assert_eq!(settings.endpoint, "https://account.blob.core.chinacloudapi.cn");
        assert!(matches!(settings.credential, Credential::AccountKey(_)));
        assert!(!format!("{settings:?}").contains("a2V5"));
    }

    #[test]
    fn plain_http_is_for_this_machine() {
        for url in ["http://127.0.0.1:10000/account/", "http://[::1]:10000", "http://localhost", "https://example.com"]
        {
            assert!(read(&KEY, Some(url)).is_ok(), "{url}");
        }
        for url in ["http://example.com", "ftp://example.com", "example.com", "https://example.com?a=b"] {
            assert!(read(&KEY, Some(url)).is_err(), "{url}");
        }
    }

    #[test]
    fn a_stack_hub_needs_its_description() {
        let mut variables = KEY.to_vec();
        variables.push(("AZURE_ENVIRONMENT", "AzureStackCloud"));
        assert!(read(&variables, None).unwrap_err()[0].contains("AZURE_ENVIRONMENT_FILEPATH"));
        let json = r#"{"storageEndpointSuffix": "hub.example.com", "activeDirectoryEndpoint": "https://login/"}"#;
        variables.push(("AZURE_ENVIRONMENT_FILECONTENTS", json));
        assert_eq!(read(&variables, None).unwrap().endpoint, "https://account.blob.hub.example.com");
    }
}
