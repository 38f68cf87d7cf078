//! What the registry's container is given.

use super::healthy::{config, managed, object};
use super::{Context, Ended, Ending};
use crate::render::names::{NAMESPACE, REGISTRY};
use serde_json::Value;

/// The value of a variable of the registry's container, if it is written there.
pub fn variable<'a>(deployment: &'a Value, name: &str) -> Option<&'a str> {
    let variables = deployment.pointer("/spec/template/spec/containers/0/env").and_then(Value::as_array);
    variables.into_iter().flatten().find(|variable| variable["name"] == name)?["value"].as_str()
}

/// Address, certificate, storage and HTTP secret.
pub async fn environment(t: &Context<'_>) -> Ended {
    let spec = managed(t).await?["spec"].take();
    let id = object("Deployment", NAMESPACE, REGISTRY);
    let deployment = t.the(&id).await?;
    for name in ["REGISTRY_HTTP_ADDR", "REGISTRY_HTTP_TLS_CERTIFICATE", "REGISTRY_LOG_LEVEL", "REGISTRY_STORAGE"] {
        match variable(&deployment, name) {
            Some(value) if !value.is_empty() => t.say(format!("{name}={value}")),
            _ => return Err(format!("{id}: the registry's container has no variable {name}").into()),
        }
    }
    let secret = http_secret(&spec)?;
    if variable(&deployment, "REGISTRY_HTTP_SECRET") != Some(secret) {
        return Err(format!("{id}: REGISTRY_HTTP_SECRET is not spec.httpSecret of Config/cluster").into());
    }
    t.say("REGISTRY_HTTP_SECRET is spec.httpSecret of Config/cluster");
    Ok(())
}

/// Conditions, annotations, ClusterOperator and events do not hold the secret.
pub async fn secrecy(t: &Context<'_>) -> Ended {
    let found = managed(t).await?;
    let secret = http_secret(&found["spec"])?;
    let deployment = t.the(&object("Deployment", NAMESPACE, REGISTRY)).await?;
    let operator = t.the(&object("ClusterOperator", "", REGISTRY)).await?;
    let events = t.list(&format!("/api/v1/namespaces/{NAMESPACE}/events")).await?;
    let places = [
        (config().to_string(), vec![&found["status"], &found["metadata"]["annotations"]]),
        (format!("Deployment/{NAMESPACE}/{REGISTRY}"), vec![&deployment["metadata"]["annotations"]]),
        (format!("ClusterOperator/{REGISTRY}"), vec![&operator]),
        (format!("events in {NAMESPACE}"), events.iter().collect()),
    ];
    for (place, values) in places {
        if values.iter().any(|value| value.to_string().contains(secret)) {
            return Err(format!("{place}: shows the value of spec.httpSecret").into());
        }
        t.say(format!("{place}: does not show it"));
    }
    Ok(())
}

/// The secret in Config, at least as long as one that nobody guesses.
fn http_secret(spec: &Value) -> Result<&str, Ending> {
    match spec["httpSecret"].as_str() {
        Some(secret) if secret.len() >= 16 => Ok(secret),
        Some(_) => Err(Ending::Skipped("spec.httpSecret of Config/cluster has less than 16 characters".to_owned())),
        None => Err(Ending::Failed("spec.httpSecret of Config/cluster is not set".to_owned())),
    }
}
