//! Azure's clouds: endpoints by name (Azure SDK environments).

use crate::inputs::Inputs;
use crate::problem::Problem;
use crate::render::context::{config_problem, missing_object};
use crate::render::names::OPENSHIFT_CONFIG;
use serde::Deserialize;

/// What the registry needs to know of a cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AzureCloud {
    /// The end of every storage host name.
    pub storage_suffix: String,
    /// Where tokens come from.
    pub authority: String,
}

/// Whether the name means an Azure Stack Hub, which every operator runs for itself.
pub fn is_stack(name: &str) -> bool {
    name.eq_ignore_ascii_case("AZURESTACKCLOUD")
}

/// The cloud of that name; an empty name means the public one.
///
/// # Errors
/// An unknown name, or an Azure Stack Hub whose endpoints were not given.
pub fn by_name(inputs: &Inputs, name: &str) -> Result<AzureCloud, Problem> {
    if is_stack(name) {
        return stack(inputs);
    }
    let known = [
        ("AzurePublicCloud", "core.windows.net", "https://login.microsoftonline.com/"),
        ("AzureUSGovernmentCloud", "core.usgovcloudapi.net", "https://login.microsoftonline.us/"),
        ("AzureChinaCloud", "core.chinacloudapi.cn", "https://login.chinacloudapi.cn/"),
        ("AzureGermanCloud", "core.cloudapi.de", "https://login.microsoftonline.de/"),
    ];
    let wanted = if name.is_empty() { "AzurePublicCloud" } else { name };
    let found = known.into_iter().find(|(known, _, _)| known.eq_ignore_ascii_case(wanted));
    let cloud = |(_, suffix, authority): (&str, &str, &str)| AzureCloud {
        storage_suffix: suffix.to_owned(),
        authority: authority.to_owned(),
    };
    found.map(cloud).ok_or_else(|| {
        let names = known.map(|(known, _, _)| known).join(", ");
        let message = format!("there is no Azure cloud named {wanted:?}");
        let remedy = format!("use one of {names} or AzureStackCloud");
        config_problem("spec.storage.azure.cloudName", "AzureCloudUnknown", message, &remedy)
    })
}

/// The part of an Azure Stack Hub's endpoints that counts here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Endpoints {
    storage_endpoint_suffix: String,
    active_directory_endpoint: String,
}

fn stack(inputs: &Inputs) -> Result<AzureCloud, Problem> {
    const NAME: &str = "cloud-provider-config";
    const KEY: &str = "endpoints";
    let Some(config_map) = inputs.objects.config_map(OPENSHIFT_CONFIG, NAME) else {
        let looked_at = inputs.objects.config_map_was_looked_at(OPENSHIFT_CONFIG, NAME);
        let needed_for = "the endpoints of the Azure Stack Hub in spec.storage.azure.cloudName";
        return Err(missing_object("ConfigMap", OPENSHIFT_CONFIG, NAME, looked_at, needed_for));
    };
    let text = config_map.data.get(KEY).map_or("", String::as_str);
    let endpoints: Endpoints = serde_json::from_str(text).unwrap_or_default();
    if endpoints.storage_endpoint_suffix.is_empty() {
        return Err(Problem {
            object: format!("ConfigMap/{OPENSHIFT_CONFIG}/{NAME}"),
            ..config_problem(
                &format!("data.{KEY}"),
                "AzureCloudUnknown",
                "has no storageEndpointSuffix".to_owned(),
                "put the endpoints of the Azure Stack Hub there, as JSON",
            )
        });
    }
    Ok(AzureCloud { storage_suffix: endpoints.storage_endpoint_suffix, authority: endpoints.active_directory_endpoint })
}
