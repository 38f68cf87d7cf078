//! What follows from the objects as a whole.

use super::kinds::NAMESPACE;
use super::report::Report;
use crate::api::secret::Secret;
use crate::inputs::{Inputs, Observed};

/// The Secret that the registry reads its storage credentials from.
const PRIVATE_CONFIGURATION: &str = "image-registry-private-configuration";

/// Fills in what the objects imply; complains if they are not enough to render anything.
pub(super) fn complete(inputs: &mut Inputs, documents: usize, report: &mut Report) {
    if documents == 0 {
        return report.whole("EmptyInput", "there is no document in them", "give at least Infrastructure or Config");
    }
    let Inputs { config, image_pruner, cluster, .. } = inputs;
    if !config.was_looked_at() {
        if cluster.infrastructure.was_looked_at() {
            // A cluster without Config is a fresh one; then nobody has made an ImagePruner either.
            *config = Observed::Absent;
            if !image_pruner.was_looked_at() {
                *image_pruner = Observed::Absent;
            }
        } else if !image_pruner.was_looked_at() {
            let remedy = "add Config/cluster, ImagePruner/cluster, or Infrastructure/cluster for a fresh cluster";
            return report.whole("NothingToRender", "there is nothing to render", remedy);
        }
    }
    inputs.minted.http_secret = running_http_secret(inputs);
    storage_credentials(inputs);
}

/// The HTTP secret of the running registry, so that a dump renders what the cluster runs.
fn running_http_secret(inputs: &Inputs) -> Option<Secret> {
    let configured = inputs.config.present().and_then(|config| config.spec.http_secret.as_ref());
    if configured.is_some_and(|secret| !secret.is_empty()) {
        return None;
    }
    let template = &inputs.observed.deployment.present()?.spec.template;
    let containers = &template.spec.as_ref()?.containers;
    let registry = containers.iter().find(|container| container.name == "registry")?;
    let variable = registry.env.iter().flatten().find(|variable| variable.name == "REGISTRY_HTTP_SECRET")?;
    variable.value.clone().filter(|value| !value.is_empty()).map(Secret::from)
}

/// What the storage action would fetch from the cloud, as far as the registry's Secret holds it.
fn storage_credentials(inputs: &mut Inputs) {
    let Some(secret) = inputs.objects.secret(NAMESPACE, PRIVATE_CONFIGURATION) else { return };
    let text = |key: &str| secret.data.get(key).and_then(|value| value.text()).filter(|text| !text.is_empty());
    let account_key = text("REGISTRY_STORAGE_AZURE_ACCOUNTKEY").map(yaml_scalar);
    let credentials = text("credentials").map(str::to_owned);
    inputs.observed.storage.azure_account_key = account_key.map(Secret::from);
    inputs.observed.storage.ibmcos_credentials = credentials.map(Secret::from);
}

/// The registry reads this value as YAML, so it was written as YAML.
fn yaml_scalar(text: &str) -> String {
    serde_saphyr::from_str(text).unwrap_or_else(|_| text.to_owned())
}
