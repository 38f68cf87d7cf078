//! Pods of any namespace reach the registry.

use super::context::MANAGER;
use super::healthy::{managed, object};
use super::{Context, Ended, probe};
use crate::render::names::{NAMESPACE, PRUNER, REGISTRY};
use serde_json::{Value, json};
use std::time::Duration;

const UNTIL_SERVED: Duration = Duration::from_secs(60);
/// The pod's image may have to be pulled, and it tries for two minutes.
const UNTIL_ENDED: Duration = Duration::from_secs(300);
const UNTIL_CREATED: Duration = Duration::from_secs(60);

/// A pod in a namespace of its own connects to the registry's Service.
pub async fn from_another_namespace(t: &Context<'_>) -> Ended {
    managed(t).await?;
    let image = image(t).await?;
    t.until(UNTIL_SERVED, "the registry's Service has a ready endpoint", async || ready_endpoint(t).await).await?;
    let namespace = probe::namespace().map_err(|error| format!("the system has no random numbers: {error}"))?;
    let id = object("Namespace", "", &namespace);
    t.api.create(&id, &probe::namespace_object(&namespace), MANAGER).await?;
    t.say(format!("{id}: created"));
    let ended = connect(t, &namespace, &image).await;
    if ended.is_err() {
        t.tidy(explain(t, &namespace)).await;
    }
    match t.tidy(t.api.delete(&id, &json!({"propagationPolicy": "Background"}))).await {
        Ok(_) => t.say(format!("{id}: deleted")),
        Err(error) => t.say(format!("{id}: delete it by hand; it could not be deleted: {error}")),
    }
    ended
}

/// The image of the pruner, which every cluster has, also without a way to the outside.
async fn image(t: &Context<'_>) -> Result<String, String> {
    let id = object("CronJob", NAMESPACE, PRUNER);
    let found = t.seen(&id).await?;
    let image = found.pointer("/spec/jobTemplate/spec/template/spec/containers/0/image").and_then(Value::as_str);
    image.map(str::to_owned).ok_or_else(|| format!("{id}: has no container with an image for the probe"))
}

async fn ready_endpoint(t: &Context<'_>) -> Result<(), String> {
    let label = format!("kubernetes.io/service-name%3D{REGISTRY}");
    let path = format!("/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices?labelSelector={label}");
    let slices = t.list(&path).await?;
    let mut endpoints = slices.iter().filter_map(|slice| slice["endpoints"].as_array()).flatten();
    if endpoints.any(|endpoint| endpoint["conditions"]["ready"] == true) { Ok(()) } else { Err("none".to_owned()) }
}

async fn connect(t: &Context<'_>, namespace: &str, image: &str) -> Ended {
    let id = object("Pod", namespace, probe::POD);
    let pod = probe::pod(namespace, image);
    // The namespace's service account comes a moment after it.
    t.until(UNTIL_CREATED, &format!("{id} is created"), async || match t.api.create(&id, &pod, MANAGER).await {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some(409) => Ok(()),
        Err(error) => Err(error.to_string()),
    })
    .await?;
    let ended = t
        .until(UNTIL_ENDED, &format!("{id} has ended"), async || {
            let found = t.seen(&id).await?;
            match found["status"]["phase"].as_str() {
                Some("Succeeded" | "Failed") => Ok(found),
                phase => Err(format!("its phase is {phase:?}")),
            }
        })
        .await?;
    if ended["status"]["phase"] == "Succeeded" {
        return Ok(());
    }
    let said = ended.pointer("/status/containerStatuses/0/state/terminated/message").and_then(Value::as_str);
    let why = said.unwrap_or("it left no message").trim();
    Err(format!("{id}: no connection to {}:{}: {why}", probe::HOST, probe::PORT).into())
}

/// Status, events and log of the pod.
async fn explain(t: &Context<'_>, namespace: &str) {
    let id = object("Pod", namespace, probe::POD);
    match t.seen(&id).await {
        Ok(pod) => t.say(format!("{id}: {}", pod["status"])),
        Err(why) => t.say(why),
    }
    for event in t.list(&format!("/api/v1/namespaces/{namespace}/events")).await.unwrap_or_default() {
        t.say(format!("event: {} {} {}", event["type"], event["reason"], event["message"]));
    }
    let path = format!("/api/v1/namespaces/{namespace}/pods/{}/log", probe::POD);
    let Ok(request) = http::Request::get(path).body(Vec::new()) else { return };
    match t.api.client().request_text(request).await {
        Ok(log) => t.say(format!("{id}: log:\n{log}")),
        Err(error) => t.say(format!("{id}: its log cannot be read: {error}")),
    }
}
