//! ConfigMap `serviceca`: service-ca fills it with the CA of the cluster's Services.

use crate::render::manifest::{Manifest, metadata, strings};
use crate::render::names::{NAMESPACE, SERVICE_CA};
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The ConfigMap without data: the data is service-ca's.
pub fn build() -> Manifest {
    let config_map = ConfigMap {
        metadata: ObjectMeta {
            annotations: Some(strings([("service.beta.openshift.io/inject-cabundle", "true")])),
            ..metadata(NAMESPACE, SERVICE_CA)
        },
        ..ConfigMap::default()
    };
    Manifest::new(NAMESPACE, SERVICE_CA, &config_map)
}
