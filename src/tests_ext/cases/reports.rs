//! What the operator says of the registry.

use super::healthy::{condition, managed, object, processed};
use super::{Context, Ended};
use crate::render::names::{CLUSTER, NAMESPACE, REGISTRY, REGISTRY_PORT, SERVICE_CA, SERVICE_HOST};
use serde_json::Value;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// ClusterOperator: available, not degraded, and of some version.
pub async fn cluster_operator(t: &Context<'_>) -> Ended {
    let id = object("ClusterOperator", "", REGISTRY);
    let found = t
        .until(SOON, &format!("{id} is available and not degraded"), async || {
            let found = t.seen(&id).await?;
            for (type_, wanted) in [("Available", "True"), ("Degraded", "False")] {
                let (status, words) = condition(&found, type_);
                if status != wanted {
                    return Err(words);
                }
            }
            Ok(found)
        })
        .await?;
    let versions = found.pointer("/status/versions").and_then(Value::as_array);
    let version = versions.into_iter().flatten().find(|version| version["name"] == "operator");
    match version.and_then(|version| version["version"].as_str()).filter(|version| !version.is_empty()) {
        Some(version) => t.say(format!("{id}: operator {version}")),
        None => return Err(format!("{id}: status.versions has no version of the operator").into()),
    }
    Ok(())
}

/// Config: the newest generation was looked at, and all is well with it.
pub async fn config(t: &Context<'_>) -> Ended {
    managed(t).await?;
    t.until(SOON, "Config/cluster is processed", async || processed(&t.seen(&super::healthy::config()).await?)).await
}

/// Image: where pods reach the registry.
pub async fn internal_hostname(t: &Context<'_>) -> Ended {
    managed(t).await?;
    let (id, wanted) = (object("Image", "", CLUSTER), format!("{SERVICE_HOST}:{REGISTRY_PORT}"));
    t.until(SOON, &format!("{id}: status.internalRegistryHostname is {wanted}"), async || {
        let found = t.seen(&id).await?;
        let found = &found["status"]["internalRegistryHostname"];
        if *found == wanted { Ok(()) } else { Err(found.to_string()) }
    })
    .await
}

/// The ConfigMap with the service CA.
pub async fn service_ca(t: &Context<'_>) -> Ended {
    let id = object("ConfigMap", NAMESPACE, SERVICE_CA);
    t.until(SOON, &format!("{id} holds a CA"), async || {
        let found = t.seen(&id).await?;
        let certificate = found["data"]["service-ca.crt"].as_str().unwrap_or_default();
        if certificate.contains("BEGIN CERTIFICATE") { Ok(()) } else { Err(format!("{} bytes", certificate.len())) }
    })
    .await
}
