//! ConfigMap `image-registry-ca` in openshift-config-managed: the CAs of the registry's own host names.

use super::{CaConfigMaps, config_map};
use crate::render::manifest::Manifest;
use crate::render::names::{OPENSHIFT_CONFIG_MANAGED, REGISTRY_CA};

/// The ConfigMap, in every management state.
pub fn build(content: &CaConfigMaps) -> Manifest {
    config_map(OPENSHIFT_CONFIG_MANAGED, REGISTRY_CA, &content.registry_ca)
}
