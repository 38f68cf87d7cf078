//! `spec.observedConfig`: the API server's TLS profile, in the terms of Go programs.

use super::context::Context;
use crate::api::tls;
use crate::inputs::{Inputs, Observed};
use serde_json::{Value, json};

/// What `spec.observedConfig` should be. None if nobody looked at APIServer/cluster: then Config's own stands.
///
/// A cluster without an APIServer object gets the Intermediate profile, as in the reference.
pub fn desired(inputs: &Inputs) -> Option<Value> {
    let profile = match &inputs.cluster.api_server {
        Observed::NotObserved => return None,
        Observed::Absent => None,
        Observed::Present(api_server) => api_server.spec.tls_security_profile.as_ref(),
    };
    Some(serving_info(&tls::settings(profile)))
}

/// The Intermediate profile, for a Config that is created before anybody has looked.
pub fn intermediate() -> Value {
    serving_info(&tls::settings(None))
}

fn serving_info(settings: &tls::TlsSettings) -> Value {
    let tls::TlsSettings { min_version, cipher_suites } = settings;
    json!({ "servingInfo": { "minTLSVersion": min_version, "cipherSuites": cipher_suites } })
}

/// What the registry is configured by: the desired value, or Config's own.
pub fn effective(context: &Context<'_>) -> Option<Value> {
    desired(context.inputs).or_else(|| context.spec.observed_config.clone())
}
