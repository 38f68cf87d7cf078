//! ServiceAccount `registry`.

use crate::render::manifest::Manifest;
use crate::render::names::REGISTRY_ACCOUNT;
use crate::render::rbac;

/// The account that registry pods run as.
pub fn build() -> Manifest {
    rbac::service_account(REGISTRY_ACCOUNT)
}
