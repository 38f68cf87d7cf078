//! ConfigMap `image-registry-certificates`: CAs for registry pods and nodes.

use super::{CaConfigMaps, config_map};
use crate::render::manifest::Manifest;
use crate::render::names::{CERTIFICATES, NAMESPACE};

/// The ConfigMap, in every management state.
pub fn build(content: &CaConfigMaps) -> Manifest {
    config_map(NAMESPACE, CERTIFICATES, &content.certificates)
}
