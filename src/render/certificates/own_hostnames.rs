//! The host names under which the registry is reached inside the cluster.

use crate::inputs::{Inputs, Observed};
use crate::render::names::{REGISTRY_PORT, SERVICE_HOST};
use k8s_openapi::api::core::v1::Service;

/// The port that clients name; None where HTTPS implies it, or where there is no Service.
enum Port {
    Implied,
    Named(i32),
    NoService,
}

/// The Service's port: that of the Service in this plan, else as observed. Somebody's change of the Service, which is
/// repaired at once, must not reach nodes, pods and builds.
fn port(inputs: &Inputs, managed: bool) -> Port {
    let of = |service: &Service| {
        let ports = service.spec.as_ref().and_then(|spec| spec.ports.as_deref()).unwrap_or_default();
        match ports.first().map_or(REGISTRY_PORT, |port| port.port) {
            443 => Port::Implied,
            number => Port::Named(number),
        }
    };
    match &inputs.observed.service {
        _ if managed => Port::Named(REGISTRY_PORT),
        Observed::Present(service) => of(service),
        Observed::Absent | Observed::NotObserved => Port::NoService,
    }
}

/// The keys of the ConfigMaps, which name directories on nodes: `..` stands for the `:` that a key cannot have.
pub fn keys(inputs: &Inputs, managed: bool, assumptions: &mut Vec<String>) -> impl Iterator<Item = String> + use<> {
    if managed && !inputs.observed.service.was_looked_at() {
        assumptions.push(format!("Service image-registry was not given: it is taken to listen on {REGISTRY_PORT}"));
    }
    let suffix = match port(inputs, managed) {
        Port::Implied => Some(String::new()),
        Port::Named(number) => Some(format!("..{number}")),
        Port::NoService => None,
    };
    let hosts = [SERVICE_HOST.to_owned(), format!("{SERVICE_HOST}.cluster.local")];
    suffix.into_iter().flat_map(move |suffix| hosts.clone().map(|host| format!("{host}{suffix}")))
}

/// The host name that Image/cluster publishes; empty without a Service.
pub fn published(inputs: &Inputs, managed: bool) -> String {
    match port(inputs, managed) {
        Port::Implied => SERVICE_HOST.to_owned(),
        Port::Named(number) => format!("{SERVICE_HOST}:{number}"),
        Port::NoService => String::new(),
    }
}
