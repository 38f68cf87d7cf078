//! Secret `image-registry-private-configuration`: the storage credentials, as the registry reads them.

use crate::render::manifest::{Manifest, metadata};
use crate::render::names::{NAMESPACE, PRIVATE_CONFIGURATION};
use crate::render::storage::{PrivateConfiguration, Workload};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;

/// The Secret; it is there even if the storage needs no credentials. None if the live one stands.
///
/// `data`, not `stringData`: the latter cannot be compared with what the cluster has.
pub fn build(workload: &Workload) -> Option<Manifest> {
    let PrivateConfiguration::Rendered(data) = &workload.secret else { return None };
    let data = data.iter().map(|(key, value)| (key.clone(), ByteString(value.expose().to_vec())));
    let secret = Secret {
        metadata: metadata(NAMESPACE, PRIVATE_CONFIGURATION),
        type_: Some("Opaque".to_owned()),
        data: Some(data.collect()),
        ..Secret::default()
    };
    Some(Manifest::new(NAMESPACE, PRIVATE_CONFIGURATION, &secret))
}
