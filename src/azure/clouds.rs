//! Azure's clouds: where their storage and their tokens are (Azure SDK environments).

use serde::Deserialize;

/// The audience of tokens for storage, the same in every cloud that Microsoft or a partner runs.
const STORAGE: &str = "https://storage.azure.com/";

const KNOWN: [(&str, &str, &str); 4] = [
    ("AZUREPUBLICCLOUD", "core.windows.net", "https://login.microsoftonline.com/"),
    ("AZUREUSGOVERNMENTCLOUD", "core.usgovcloudapi.net", "https://login.microsoftonline.us/"),
    ("AZURECHINACLOUD", "core.chinacloudapi.cn", "https://login.chinacloudapi.cn/"),
    ("AZUREGERMANCLOUD", "core.cloudapi.de", "https://login.microsoftonline.de/"),
];

/// The cloud whose operator describes it in a file.
pub const STACK: &str = "AZURESTACKCLOUD";

/// What has to be known of a cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// The end of the host name of every storage account, without a leading dot.
    pub storage_suffix: String,
    /// Where tokens come from: a URL.
    pub authority: String,
    /// What tokens for storage are for.
    pub storage_audience: String,
}

impl Cloud {
    /// The cloud of that name, whatever its case; no name means the public cloud.
    ///
    /// # Errors
    /// The names that there are.
    pub fn by_name(name: &str) -> Result<Self, String> {
        let wanted = if name.is_empty() { "AZUREPUBLICCLOUD" } else { name };
        let found = KNOWN.iter().find(|(known, _, _)| known.eq_ignore_ascii_case(wanted));
        let cloud = |(_, suffix, authority): &(&str, &str, &str)| Cloud {
            storage_suffix: (*suffix).to_owned(),
            authority: (*authority).to_owned(),
            storage_audience: STORAGE.to_owned(),
        };
        found.map(cloud).ok_or_else(|| {
            let names = KNOWN.map(|(known, _, _)| known).join(", ");
            format!("AZURE_ENVIRONMENT: there is no Azure cloud named {wanted:?}; use one of {names}, {STACK}")
        })
    }

    /// The Azure Stack Hub that this JSON describes.
    ///
    /// # Errors
    /// What is wrong with the JSON.
    pub fn stack(json: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Environment {
            storage_endpoint_suffix: String,
            active_directory_endpoint: String,
            #[serde(default)]
            resource_identifiers: Identifiers,
        }
        #[derive(Default, Deserialize)]
        struct Identifiers {
            #[serde(default)]
            storage: String,
        }
        // Some SDKs write a byte order mark.
        let environment: Environment = serde_json::from_str(json.trim_start_matches('\u{feff}'))
            .map_err(|error| format!("the description of the Azure Stack Hub is not what it should be: {error}"))?;
        // "N/A" is what SDKs write for what a hub does not have.
        let audience = environment.resource_identifiers.storage;
        Ok(Cloud {
            storage_suffix: environment.storage_endpoint_suffix.trim_start_matches('.').to_owned(),
            authority: environment.active_directory_endpoint,
            storage_audience: if audience.starts_with("https://") { audience } else { STORAGE.to_owned() },
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Cloud;

    #[test]
    fn names_are_known_in_any_case() {
        assert_eq!(Cloud::by_name("").unwrap(), Cloud::by_name("AzurePublicCloud").unwrap());
        assert_eq!(Cloud::by_name("azurechinacloud").unwrap().storage_suffix, "core.chinacloudapi.cn");
        assert!(Cloud::by_name("AzureMoonCloud").unwrap_err().contains("AZUREUSGOVERNMENTCLOUD"));
    }

    #[test]
    fn a_stack_hub_describes_itself() {
        let json = r#"{"name": "AzureStackCloud", "storageEndpointSuffix": "local.azurestack.external",
            "activeDirectoryEndpoint": "https://adfs.local.azurestack.external/adfs",
            "resourceIdentifiers": {"storage": "N/A", "graph": "https://graph"}}"#;
        let cloud = Cloud::stack(&format!("\u{feff}{json}")).unwrap();
        assert_eq!(cloud.storage_suffix, "local.azurestack.external");
        assert_eq!(cloud.storage_audience, "https://storage.azure.com/");
        assert!(Cloud::stack("{}").unwrap_err().contains("storageEndpointSuffix"));
    }
}
