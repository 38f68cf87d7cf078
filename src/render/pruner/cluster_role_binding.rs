//! ClusterRoleBinding `openshift-image-registry-pruner`.

use super::cluster_role;
use crate::render::manifest::Manifest;
use crate::render::names::PRUNER_ACCOUNT;
use crate::render::rbac;

/// The name of the binding.
pub const NAME: &str = "openshift-image-registry-pruner";

/// Gives the pruner's service account its role.
pub fn build() -> Manifest {
    rbac::cluster_role_binding(NAME, cluster_role::NAME, PRUNER_ACCOUNT)
}
