//! Azure's clouds, as Config and the cluster name them.

use crate::api::azure::{Cloud, STACK, is_stack};
use crate::inputs::Inputs;
use crate::problem::Problem;
use crate::render::context::{config_problem, missing_object};
use crate::render::names::OPENSHIFT_CONFIG;

/// The cloud of that name; an empty name means the public one.
///
/// # Errors
/// An unknown name, or an Azure Stack Hub whose endpoints were not given.
pub fn by_name(inputs: &Inputs, name: &str) -> Result<Cloud, Problem> {
    if is_stack(name) {
        return stack(inputs);
    }
    Cloud::by_name(name).map_err(|unknown| {
        let message = format!("there is no Azure cloud named {:?}", unknown.wanted);
        let remedy = format!("use one of {} or {STACK}", unknown.known);
        config_problem("spec.storage.azure.cloudName", "AzureCloudUnknown", message, &remedy)
    })
}

fn stack(inputs: &Inputs) -> Result<Cloud, Problem> {
    const NAME: &str = "cloud-provider-config";
    const KEY: &str = "endpoints";
    let Some(config_map) = inputs.objects.config_map(OPENSHIFT_CONFIG, NAME) else {
        let looked_at = inputs.objects.config_map_was_looked_at(OPENSHIFT_CONFIG, NAME);
        let needed_for = "the endpoints of the Azure Stack Hub in spec.storage.azure.cloudName";
        return Err(missing_object("ConfigMap", OPENSHIFT_CONFIG, NAME, looked_at, needed_for));
    };
    let text = config_map.data.get(KEY).map_or("", String::as_str);
    let cloud = Cloud::stack(text).ok().filter(|cloud| !cloud.storage_suffix.is_empty());
    cloud.ok_or_else(|| Problem {
        object: format!("ConfigMap/{OPENSHIFT_CONFIG}/{NAME}"),
        ..config_problem(
            &format!("data.{KEY}"),
            "AzureCloudUnknown",
            "has no storageEndpointSuffix".to_owned(),
            "put the endpoints of the Azure Stack Hub there, as JSON",
        )
    })
}
