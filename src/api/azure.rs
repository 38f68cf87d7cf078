//! Azure's clouds: where their storage, their management and their tokens are (environments of the Azure SDKs).

use serde::Deserialize;

/// The audience of tokens for storage, the same in every cloud that Microsoft or a partner runs.
const STORAGE: &str = "https://storage.azure.com/";

/// Name, storage suffix, authority, and the endpoint of the Resource Manager, which is its audience as well.
const KNOWN: [(&str, &str, &str, &str); 4] = [
    ("AzurePublicCloud", "core.windows.net", "https://login.microsoftonline.com/", "https://management.azure.com/"),
    (
        "AzureUSGovernmentCloud",
        "core.usgovcloudapi.net",
        "https://login.microsoftonline.us/",
        "https://management.usgovcloudapi.net/",
    ),
    (
        "AzureChinaCloud",
        "core.chinacloudapi.cn",
        "https://login.chinacloudapi.cn/",
        "https://management.chinacloudapi.cn/",
    ),
    (
        "AzureGermanCloud",
        "core.cloudapi.de",
        "https://login.microsoftonline.de/",
        "https://management.microsoftazure.de/",
    ),
];

/// The cloud whose operator describes it in a file.
pub const STACK: &str = "AzureStackCloud";

/// Whether the name means an Azure Stack Hub, which every operator runs for itself.
pub fn is_stack(name: &str) -> bool {
    name.eq_ignore_ascii_case(STACK)
}

/// What has to be known of a cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// The end of the host name of every storage account, without a leading dot.
    pub storage_suffix: String,
    /// Where tokens come from: a URL.
    pub authority: String,
    /// What tokens for storage are for.
    pub storage_audience: String,
    /// The Azure Resource Manager: a URL; empty if a description does not name it.
    pub resource_manager: String,
    /// What tokens for the Resource Manager are for.
    pub management_audience: String,
}

impl Cloud {
    /// The cloud of that name, whatever its case; no name means the public cloud.
    ///
    /// # Errors
    /// The name that is none, and the names that there are.
    pub fn by_name(name: &str) -> Result<Self, UnknownCloud> {
        let wanted = if name.is_empty() { "AzurePublicCloud" } else { name };
        let found = KNOWN.iter().find(|(known, ..)| known.eq_ignore_ascii_case(wanted));
        let cloud = |(_, suffix, authority, manager): &(&str, &str, &str, &str)| Cloud {
            storage_suffix: (*suffix).to_owned(),
            authority: (*authority).to_owned(),
            storage_audience: STORAGE.to_owned(),
            resource_manager: (*manager).to_owned(),
            management_audience: (*manager).to_owned(),
        };
        let unknown = || UnknownCloud { wanted: wanted.to_owned(), known: KNOWN.map(|(known, ..)| known).join(", ") };
        found.map(cloud).ok_or_else(unknown)
    }

    /// The Azure Stack Hub that this JSON describes.
    ///
    /// # Errors
    /// What is wrong with the JSON.
    pub fn stack(json: &str) -> Result<Self, String> {
        // Some SDKs write a byte order mark.
        let hub: Environment = serde_json::from_str(json.trim_start_matches('\u{feff}'))
            .map_err(|error| format!("the description of the Azure Stack Hub is not what it should be: {error}"))?;
        // "N/A" is what SDKs write for what a hub does not have.
        let or = |url: &str, other: &str| if url.starts_with("https://") { url } else { other }.to_owned();
        Ok(Cloud {
            storage_suffix: hub.storage_endpoint_suffix.trim_start_matches('.').to_owned(),
            authority: hub.active_directory_endpoint,
            storage_audience: or(&hub.resource_identifiers.storage, STORAGE),
            management_audience: or(&hub.token_audience, &hub.resource_manager_endpoint),
            resource_manager: or(&hub.resource_manager_endpoint, ""),
        })
    }
}

/// A name that no cloud has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCloud {
    /// The name.
    pub wanted: String,
    /// The names that there are, without that of an Azure Stack Hub.
    pub known: String,
}

/// The part of go-autorest's Environment that counts here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Environment {
    storage_endpoint_suffix: String,
    #[serde(default)]
    active_directory_endpoint: String,
    #[serde(default)]
    resource_manager_endpoint: String,
    #[serde(default)]
    token_audience: String,
    #[serde(default)]
    resource_identifiers: Identifiers,
}

#[derive(Default, Deserialize)]
struct Identifiers {
    #[serde(default)]
    storage: String,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Cloud;

    #[test]
    fn names_are_known_in_any_case() {
        assert_eq!(Cloud::by_name("").unwrap(), Cloud::by_name("AzurePublicCloud").unwrap());
        assert_eq!(Cloud::by_name("azurechinacloud").unwrap().storage_suffix, "core.chinacloudapi.cn");
        assert!(Cloud::by_name("AzureMoonCloud").unwrap_err().known.contains("AzureUSGovernmentCloud"));
    }

    #[test]
    fn a_stack_hub_describes_itself() {
        let json = r#"{"name": "AzureStackCloud", "storageEndpointSuffix": "local.azurestack.external",
            "activeDirectoryEndpoint": "https://adfs.local.azurestack.external/adfs",
            "resourceManagerEndpoint": "https://management.local.azurestack.external/",
            "tokenAudience": "https://management.adfs.azurestack.local/1234",
            "resourceIdentifiers": {"storage": "N/A", "graph": "https://graph"}}"#;
        let cloud = Cloud::stack(&format!("\u{feff}{json}")).unwrap();
        assert_eq!(cloud.storage_suffix, "local.azurestack.external");
        assert_eq!(cloud.storage_audience, "https://storage.azure.com/");
        assert_eq!(cloud.resource_manager, "https://management.local.azurestack.external/");
        assert_eq!(cloud.management_audience, "https://management.adfs.azurestack.local/1234");
        assert!(Cloud::stack("{}").unwrap_err().contains("storageEndpointSuffix"));
    }
}
