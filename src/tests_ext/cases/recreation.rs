//! Objects of the operator that somebody deletes come back soon.

use super::context::MANAGER;
use super::healthy::{object, undisturbed};
use super::repairs::UNTIL_REPAIRED;
use super::{Context, Ended};
use crate::render::ObjectId;
use crate::render::names::{NAMESPACE, REGISTRY};
use serde_json::{Value, json};
use std::time::Duration;

/// Deletes an object, and waits until there is another with the same content at the JSON pointers; creates it anew if it
/// does not come back.
///
/// # Errors
/// What is there instead.
pub async fn comes_back(t: &Context<'_>, id: &ObjectId, content: &[&str], limit: Duration) -> Ended {
    let before = t.the(id).await?;
    let uid = &before["metadata"]["uid"];
    let options = json!({"propagationPolicy": "Background", "preconditions": {"uid": uid}});
    t.api.delete(id, &options).await?;
    t.say(format!("{id}: deleted"));
    let back = t
        .until(limit, &format!("{id} is back"), async || {
            let now = t.seen(id).await?;
            if now["metadata"]["uid"] == *uid {
                return Err("the deleted one is still there".to_owned());
            }
            match content.iter().find(|pointer| now.pointer(pointer) != before.pointer(pointer)) {
                Some(pointer) => Err(format!("it is back with another {pointer}")),
                None => Ok(()),
            }
        })
        .await;
    if back.is_err()
        && let Err(why) = t.tidy(recreate(t, id, before)).await
    {
        t.say(format!("{id}: could not be created anew: {why}"));
    }
    back
}

async fn recreate(t: &Context<'_>, id: &ObjectId, mut object: Value) -> Result<(), String> {
    for (at, fields) in [
        ("", &["status"][..]),
        ("/metadata", &["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"]),
        ("/spec", &["clusterIP", "clusterIPs"]),
    ] {
        if let Some(map) = object.pointer_mut(at).and_then(Value::as_object_mut) {
            fields.iter().for_each(|field| drop(map.remove(*field)));
        }
    }
    match t.api.get(id).await {
        Ok(Some(_)) => Ok(()),
        _ => t.api.create(id, &object, MANAGER).await.map(drop).map_err(|error| error.to_string()),
    }
}

/// The registry's Deployment.
pub async fn deployment(t: &Context<'_>) -> Ended {
    undisturbed(t, comes_back(t, &object("Deployment", NAMESPACE, REGISTRY), &["/spec"], UNTIL_REPAIRED)).await
}

/// The registry's Service.
pub async fn service(t: &Context<'_>) -> Ended {
    let content = ["/spec/selector", "/spec/ports", "/metadata/annotations"];
    undisturbed(t, comes_back(t, &object("Service", NAMESPACE, REGISTRY), &content, UNTIL_REPAIRED)).await
}
