//! CAs for registry pods, nodes and other components.

pub mod own_hostnames;
pub mod registry_ca;
pub mod registry_certificates;

use super::context::missing_object;
use super::manifest::{Manifest, metadata, strings};
use super::names::{NAMESPACE, OPENSHIFT_CONFIG, SERVICE_CA};
use super::storage::{Backend, trust};
use crate::inputs::{ConfigMapData, Inputs};
use crate::problem::{Concern, Problem};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The key under which the storage's CAs are published to registry pods.
const STORAGE_CA: &str = "storage-ca-bundle.pem";

/// The content of both ConfigMaps.
pub struct CaConfigMaps {
    /// image-registry-certificates.
    pub certificates: ConfigMapData,
    /// image-registry-ca.
    pub registry_ca: ConfigMapData,
}

/// What the CAs depend on besides the cluster.
pub struct Wishes<'a> {
    /// The storage, unless the registry is Removed or its storage is in dispute.
    pub storage: Option<&'a Backend>,
    /// Whether clients are never redirected to the storage.
    pub disable_redirect: bool,
    /// Whether the registry's Service is, or is about to be.
    pub managed: bool,
}

/// Collects the CAs.
///
/// # Errors
/// A ConfigMap that is referred to is missing.
pub fn collect(
    inputs: &Inputs,
    wishes: &Wishes<'_>,
    assumptions: &mut Vec<String>,
) -> Result<CaConfigMaps, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut own = ConfigMapData::default();
    let service_ca = inputs.objects.config_map(NAMESPACE, SERVICE_CA);
    if let Some(certificate) = service_ca.and_then(|config_map| config_map.data.get("service-ca.crt")) {
        let keys = own_hostnames::keys(inputs, wishes.managed, assumptions);
        own.data.extend(keys.map(|key| (key, certificate.clone())));
    } else if !inputs.objects.config_map_was_looked_at(NAMESPACE, SERVICE_CA) {
        let note = "ConfigMap serviceca was not given: the CAs lack the one of the registry's own host names";
        assumptions.push(note.to_owned());
    }
    let storage_ca = wishes.storage.map_or(Ok(None), |backend| trust::ca_bundle(inputs, backend));
    let storage_ca = storage_ca.unwrap_or_else(|problem| {
        problems.push(Problem { concern: Concern::Certificates, ..problem });
        None
    });
    let storage_ca = storage_ca.filter(|bundle| !bundle.is_empty());
    // A client that is redirected to the storage checks its certificate against the CAs of the registry's host.
    if let Some(bundle) = storage_ca.as_ref().filter(|_| !wishes.disable_redirect) {
        for certificate in own.data.values_mut() {
            certificate.push('\n');
            certificate.push_str(bundle);
        }
    }
    let mut certificates = own.clone();
    additional(inputs, &mut certificates).unwrap_or_else(|problem| problems.push(problem));
    // A key can be in one of the two maps only, and the user's wins.
    let storage_ca = storage_ca.filter(|_| !certificates.binary_data.contains_key(STORAGE_CA));
    certificates.data.extend(storage_ca.map(|bundle| (STORAGE_CA.to_owned(), bundle)));
    if problems.is_empty() { Ok(CaConfigMaps { certificates, registry_ca: own }) } else { Err(problems) }
}

/// The user's CAs of other registries; their keys win over ours.
fn additional(inputs: &Inputs, certificates: &mut ConfigMapData) -> Result<(), Problem> {
    let image = inputs.cluster.image.present();
    let reference = image.and_then(|image| image.spec.additional_trusted_ca.as_ref());
    let Some(name) = reference.map(|reference| reference.name.as_str()).filter(|name| !name.is_empty()) else {
        return Ok(());
    };
    let Some(given) = inputs.objects.config_map(OPENSHIFT_CONFIG, name) else {
        let looked_at = inputs.objects.config_map_was_looked_at(OPENSHIFT_CONFIG, name);
        let needed_for = "spec.additionalTrustedCA of Image/cluster";
        let problem = missing_object("ConfigMap", OPENSHIFT_CONFIG, name, looked_at, needed_for);
        return Err(Problem { concern: Concern::Certificates, ..problem });
    };
    for key in given.binary_data.keys() {
        certificates.data.remove(key);
    }
    certificates.data.extend(given.data.clone());
    certificates.binary_data.extend(given.binary_data.clone());
    Ok(())
}

/// A ConfigMap of CAs.
fn config_map(namespace: &str, name: &str, content: &ConfigMapData) -> Manifest {
    let ConfigMapData { data, binary_data, immutable: _ } = content;
    let binary_data = binary_data.iter().map(|(key, value)| (key.clone(), ByteString(value.clone())));
    let config_map = ConfigMap {
        metadata: ObjectMeta {
            annotations: Some(strings([("openshift.io/owning-component", "Image Registry")])),
            ..metadata(namespace, name)
        },
        data: Some(data.clone()),
        binary_data: Some(binary_data.collect()),
        immutable: None,
    };
    Manifest::new(namespace, name, &config_map)
}
