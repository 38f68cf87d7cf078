//! From what was seen to the renderer's inputs.

use super::Operator;
use crate::api::secret::Secret;
use crate::execute::live::{DEFAULTS, Manager, REFERENCE};
use crate::execute::{Error, World};
use crate::inputs::files::{Looked, from_live};
use crate::inputs::{Environment, Failure, Inputs, Minted};
use crate::problem::Concern;
use crate::render::bootstrap::config_id;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::Value;
use std::collections::BTreeSet;

impl Operator {
    /// The inputs as of now. The HTTP secret that is in use is not offered again: whoever empties it wants another.
    pub(super) fn inputs(&mut self, now: Timestamp) -> Inputs {
        let config = self.world.get(&config_id()).present();
        let in_use = config.and_then(|config| config.body().pointer("/spec/httpSecret")).and_then(Value::as_str);
        if in_use == Some(self.http_secret.expose())
            && let Ok(another) = mint()
        {
            self.http_secret = another;
        }
        let mut failures = self.failing.failures();
        failures.extend(self.unwatched());
        let mut inputs = inputs(&self.world, &self.environment, &self.http_secret, failures, now);
        inputs.observed.storage.medium = self.executor.storage().observation();
        inputs.observed.storage.swift_usable = self.executor.storage().swift_usable();
        inputs
    }
}

impl Operator {
    /// What the API server refuses to let the operator watch. That it cannot be reached goes without saying: nothing
    /// could be reported then, and it passes.
    fn unwatched(&self) -> impl Iterator<Item = Failure> {
        let refused = self.troubled.iter().filter(|(_, (error, _))| matches!(error, Error::Refused(_)));
        refused.map(|(scope, (error, since))| Failure {
            concern: match scope.kind {
                "CronJob" | "ImagePruner" => Concern::Pruner,
                "DaemonSet" => Concern::NodeCa,
                _ => Concern::Registry,
            },
            message: format!("{} cannot be watched: {error}", scope.kind),
            since: Time(*since),
        })
    }
}

/// The inputs, given what is known of the cluster.
pub fn inputs(
    world: &World,
    environment: &Environment,
    http_secret: &Secret,
    failures: Vec<Failure>,
    now: Timestamp,
) -> Inputs {
    // A cluster without the kind can do without the object, which nobody has to create then.
    let is_missing = |kind: &str| kind == "Image" && !world.is_served(kind);
    let looked = world.scopes().filter(|scope| !is_missing(scope.kind)).map(|scope| Looked {
        kind: scope.kind,
        namespace: &scope.namespace,
        name: scope.name.as_deref(),
    });
    let mut inputs = from_live(world.objects().map(crate::execute::Live::body), looked, environment.clone());
    inputs.minted = Minted { http_secret: Some(http_secret.clone()) };
    inputs.observed.now = Some(Time(now));
    inputs.observed.failures = failures;
    let storage = &mut inputs.observed.storage;
    storage.derived_management_state = is_derived(world, "/f:managementState");
    storage.derived_service_instance = is_derived(world, "/f:ibmcos/f:serviceInstanceCRN");
    storage.derived_resource_key = is_derived(world, "/f:ibmcos/f:resourceKeyCRN");
    storage.derived_backends = derived_backends(world);
    inputs
}

/// Whether the operator, or the reference before it, has written that field of `spec.storage`.
fn is_derived(world: &World, field: &str) -> bool {
    let field = format!("/f:spec/f:storage{field}");
    let config = world.get(&config_id()).present();
    let managers = config.into_iter().flat_map(|config| config.managers());
    let ours = managers.filter(|manager| manager.name == DEFAULTS || REFERENCE.contains(&manager.name.as_str()));
    ours.into_iter().any(|manager| manager.fields.pointer(&field).is_some())
}

/// The fields of `spec.storage` in which the operator alone has a part, and only what it derived: those of a Config that
/// it created are a choice, and stay.
fn derived_backends(world: &World) -> BTreeSet<String> {
    let config = world.get(&config_id()).present();
    let is_derived = |manager: &Manager| manager.applies && manager.name == DEFAULTS && manager.subresource.is_empty();
    let (ours, others): (Vec<&Manager>, Vec<&Manager>) =
        config.into_iter().flat_map(|config| config.managers()).partition(|manager| is_derived(manager));
    let names = |managers: Vec<&Manager>| -> BTreeSet<String> {
        let storages =
            managers.into_iter().filter_map(|manager| manager.fields.pointer("/f:spec/f:storage")?.as_object());
        storages.flat_map(|fields| fields.keys().filter_map(|key| key.strip_prefix("f:")).map(str::to_owned)).collect()
    };
    let others = names(others);
    names(ours).into_iter().filter(|name| name != "managementState" && !others.contains(name)).collect()
}

/// A fresh HTTP secret: 64 random bytes in lower-case hexadecimal (the reference's form).
///
/// # Errors
/// The system has no random numbers to give.
pub fn mint() -> Result<Secret, getrandom::Error> {
    let mut bytes = [0; 64];
    getrandom::fill(&mut bytes)?;
    Ok(Secret::from(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}
