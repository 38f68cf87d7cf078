//! ServiceAccount `pruner`.

use crate::render::manifest::Manifest;
use crate::render::names::PRUNER_ACCOUNT;
use crate::render::rbac;

/// The account that pruner pods run as.
pub fn build() -> Manifest {
    rbac::service_account(PRUNER_ACCOUNT)
}
