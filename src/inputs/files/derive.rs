//! What follows from the objects as a whole.

use super::report::Report;
use crate::api::secret::Secret;
use crate::inputs::{Inputs, Observed};

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
}

/// The HTTP secret of the running registry, so that a dump renders what the cluster runs; none if Config has one.
pub fn running_http_secret(inputs: &Inputs) -> Option<Secret> {
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
