//! Service `image-registry`. service-ca makes its certificate, Secret `image-registry-tls`.

use crate::render::manifest::{Manifest, metadata, strings};
use crate::render::names::{NAMESPACE, REGISTRY, REGISTRY_LABEL, REGISTRY_PORT, TLS_SECRET};
use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// The Service. Its type and addresses are the cluster's.
pub fn build() -> Manifest {
    let service = Service {
        metadata: ObjectMeta {
            labels: Some(strings([REGISTRY_LABEL])),
            annotations: Some(strings([("service.alpha.openshift.io/serving-cert-secret-name", TLS_SECRET)])),
            ..metadata(NAMESPACE, REGISTRY)
        },
        spec: Some(ServiceSpec {
            selector: Some(strings([REGISTRY_LABEL])),
            ports: Some(vec![ServicePort {
                name: Some("5000-tcp".to_owned()),
                port: REGISTRY_PORT,
                target_port: Some(IntOrString::Int(REGISTRY_PORT)),
                protocol: Some("TCP".to_owned()),
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        status: None,
    };
    Manifest::new(NAMESPACE, REGISTRY, &service)
}
