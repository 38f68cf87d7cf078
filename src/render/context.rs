//! The inputs as the renderer asks for them, and the problems it finds.

use super::names::{CLUSTER, NAMESPACE};
use crate::api::config::{ConfigSpec, ConfigStatus};
use crate::api::openshift::infrastructure::{InfrastructureStatus, PlatformStatus};
use crate::api::openshift::{PlatformType, Topology};
use crate::inputs::{Inputs, Observed, SecretData};
use crate::problem::{Concern, Problem};

/// A Config together with everything around it.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// All inputs.
    pub inputs: &'a Inputs,
    /// Config/cluster's `spec`.
    pub spec: &'a ConfigSpec,
    /// Config/cluster's `status`, if it has been written.
    pub status: Option<&'a ConfigStatus>,
}

impl<'a> Context<'a> {
    /// Infrastructure/cluster's `status`.
    pub fn infrastructure(&self) -> Option<&'a InfrastructureStatus> {
        infrastructure(self.inputs)
    }

    /// The platform's own part of Infrastructure.
    pub fn platform(&self) -> Option<&'a PlatformStatus> {
        self.infrastructure().and_then(|status| status.platform_status.as_ref())
    }

    /// The infrastructure name, which derived names begin with. `needed_for` completes "needed to …".
    ///
    /// # Errors
    /// Infrastructure/cluster was not seen, or has no name yet.
    pub fn infrastructure_name(&self, needed_for: &str, instead: &str) -> Result<&'a str, Problem> {
        let name = self.infrastructure().map_or("", |status| status.infrastructure_name.as_str());
        if name.is_empty() {
            return Err(Problem {
                concern: Concern::Registry,
                object: "Infrastructure/cluster".to_owned(),
                path: "status.infrastructureName".to_owned(),
                reason: "InfrastructureUnknown",
                message: format!("is not known, and is needed to {needed_for}"),
                remedy: format!("add Infrastructure/cluster to the inputs, or set {instead} in Config/cluster"),
            });
        }
        Ok(name)
    }

    /// A Secret of the registry's namespace.
    pub fn secret(&self, name: &str) -> Option<&'a SecretData> {
        self.inputs.objects.secret(NAMESPACE, name)
    }
}

/// Infrastructure/cluster's `status`.
pub fn infrastructure(inputs: &Inputs) -> Option<&InfrastructureStatus> {
    inputs.cluster.infrastructure.present().map(|infrastructure| &infrastructure.status)
}

/// The platform type; `platformStatus` wins over the older `platform`.
pub fn platform_type(status: &InfrastructureStatus) -> &PlatformType {
    status.platform_status.as_ref().map_or(&status.platform, |platform| &platform.type_)
}

/// Whether ordinary workloads have one node only. `controlPlaneTopology` does not count.
pub fn is_single_replica(status: &InfrastructureStatus) -> bool {
    status.infrastructure_topology == Topology::SingleReplica
}

/// A value that counts only when it is not empty, as in Go's API types.
pub fn set(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|value| !value.is_empty())
}

/// A problem with a field of Config/cluster.
pub fn config_problem(path: &str, reason: &'static str, message: String, remedy: &str) -> Problem {
    Problem {
        concern: Concern::Registry,
        object: format!("Config/{CLUSTER}"),
        path: path.to_owned(),
        reason,
        message,
        remedy: remedy.to_owned(),
    }
}

/// A problem with a Secret or ConfigMap that is referred to. `absent` says whether the cluster was asked for it.
pub fn missing_object(kind: &str, namespace: &str, name: &str, looked_at: bool, needed_for: &str) -> Problem {
    let (message, remedy) = if looked_at {
        (format!("does not exist, and is needed for {needed_for}"), "create it".to_owned())
    } else {
        (format!("is not among the inputs, and is needed for {needed_for}"), "add it to the inputs".to_owned())
    };
    Problem {
        concern: Concern::Registry,
        object: format!("{kind}/{namespace}/{name}"),
        path: String::new(),
        reason: "ObjectMissing",
        message,
        remedy,
    }
}

/// The value if it was seen; absent and not looked at are the same here, and a note says so.
pub fn assume<'a, T>(fact: &'a Observed<T>, assumptions: &mut Vec<String>, otherwise: &str) -> Option<&'a T> {
    if !fact.was_looked_at() {
        assumptions.push(otherwise.to_owned());
    }
    fact.present()
}
