//! The image pruner: a CronJob that deletes images nobody refers to.

pub mod cluster_role;
pub mod cluster_role_binding;
pub mod cron_job;
pub mod network_policy;
pub mod service_account;
pub mod service_ca;
pub mod settings;

use super::manifest::Manifest;
use settings::Settings;

/// Every object of the pruner. It exists in every management state of the registry.
pub fn build(settings: &Settings) -> Vec<Manifest> {
    vec![
        cluster_role::build(),
        cluster_role_binding::build(),
        service_account::build(),
        service_ca::build(),
        network_policy::build(),
        cron_job::build(settings),
    ]
}
