//! ClusterRoleBinding `registry-registry-role`.

use super::cluster_role;
use crate::render::manifest::Manifest;
use crate::render::names::REGISTRY_ACCOUNT;
use crate::render::rbac;

/// The name of the binding.
pub const NAME: &str = "registry-registry-role";

/// Gives the registry's service account its role.
pub fn build() -> Manifest {
    rbac::cluster_role_binding(NAME, cluster_role::NAME, REGISTRY_ACCOUNT)
}
