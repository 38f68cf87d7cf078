//! Status of Image/cluster: the host names of the registry.

use crate::inputs::{Inputs, Observed};
use crate::problem::Concern;
use crate::render::certificates::own_hostnames;
use crate::render::names::OWNED_ANNOTATION;
use serde::Serialize;

/// How the host names of default routes begin.
const DEFAULT_HOST: &str = "default-route-openshift-image-registry";

/// The feature gate of `status.imageStreamImportMode`.
pub const IMPORT_MODE_GATE: &str = "ImageStreamImportMode";

/// What is reported in Image/cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageReport {
    /// Where pods reach the registry; empty without a Service.
    pub internal_registry_hostname: String,
    /// Where others reach it: the default route first, the rest sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_registry_hostnames: Vec<String>,
    /// How image streams import, if the feature is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_stream_import_mode: Option<String>,
}

/// The report; none if nobody looked at Image/cluster, or what it follows from cannot be read.
pub fn report(inputs: &Inputs, managed: bool) -> Option<ImageReport> {
    let is_refused = !inputs.refused_for(Concern::ImageConfig).is_empty();
    if is_refused || !inputs.cluster.image.was_looked_at() {
        return None;
    }
    Some(ImageReport {
        internal_registry_hostname: own_hostnames::published(inputs, managed),
        external_registry_hostnames: external(inputs),
        image_stream_import_mode: import_mode(inputs),
    })
}

fn external(inputs: &Inputs) -> Vec<String> {
    let Observed::Present(routes) = &inputs.observed.routes else { return Vec::new() };
    let marked = routes.values().filter(|route| {
        route.metadata.annotations.as_ref().is_some_and(|annotations| annotations.contains_key(OWNED_ANNOTATION))
    });
    let mut hosts: Vec<String> = marked
        .filter_map(|route| route.status.as_ref())
        .flat_map(|status| &status.ingress)
        .map(|ingress| ingress.host.clone())
        .filter(|host| !host.is_empty())
        .collect();
    // A route that several routers serve has a default host with each of them; all come first.
    hosts.sort_by_key(|host| (!host.starts_with(DEFAULT_HOST), host.clone()));
    hosts.dedup();
    hosts
}

/// The user's choice; else what fits the release, if the feature gate is on.
fn import_mode(inputs: &Inputs) -> Option<String> {
    let environment = &inputs.environment;
    let version = environment.operator_image_version.as_deref().or(environment.release_version.as_deref())?;
    // An operator that is not part of a release takes the cluster's.
    let desired = inputs.cluster.cluster_version.present().map(|version| version.status.desired.version.as_str());
    let version = if version == "0.0.1-snapshot" { desired? } else { version };
    let gates = &inputs.cluster.feature_gate.present()?.status.feature_gates;
    let gates = gates.iter().find(|gates| gates.version == version)?;
    gates.enabled.iter().find(|gate| gate.name == IMPORT_MODE_GATE)?;
    let given = inputs.cluster.image.present().map(|image| image.spec.image_stream_import_mode.clone());
    given.filter(|mode| !mode.is_empty()).or_else(|| {
        let desired = &inputs.cluster.cluster_version.present()?.status.desired;
        Some(if desired.architecture == "Multi" { "PreserveOriginal" } else { "Legacy" }.to_owned())
    })
}
