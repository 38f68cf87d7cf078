//! The default route.

use super::healthy::{config, object, undisturbed};
use super::{Context, Ended};
use crate::render::names::{CLUSTER, DEFAULT_ROUTE, NAMESPACE};
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// It follows `spec.defaultRoute`, and its host is published as long as it is there.
pub async fn comes_and_goes(t: &Context<'_>) -> Ended {
    undisturbed(t, async {
        let was_there = t.the(&config()).await?["spec"]["defaultRoute"] == true;
        // To the other state and back; the second is the one that it began with.
        for wanted in [!was_there, was_there] {
            t.merge(&config(), &json!({"spec": {"defaultRoute": wanted}})).await?;
            let state = if wanted { "is there, and its host is published" } else { "is gone, with its host" };
            t.until(SOON, &format!("the default route {state}"), async || is_there(t, wanted).await).await?;
        }
        Ok(())
    })
    .await
}

async fn is_there(t: &Context<'_>, wanted: bool) -> Result<(), String> {
    let id = object("Route", NAMESPACE, DEFAULT_ROUTE);
    let route = t.api.get(&id).await.map_err(|error| error.to_string())?;
    let image = t.seen(&object("Image", "", CLUSTER)).await?;
    let hosts = &image["status"]["externalRegistryHostnames"];
    let published = hosts.as_array().is_some_and(|hosts| {
        let is_default = |host: &Value| host.as_str().is_some_and(|host| host.starts_with(DEFAULT_ROUTE));
        hosts.iter().any(is_default)
    });
    match (route.is_some(), published) {
        state if state == (wanted, wanted) => Ok(()),
        (exists, _) if exists != wanted => Err(format!("{id} {}", if exists { "exists" } else { "does not exist" })),
        _ => Err(format!("Image/{CLUSTER}: status.externalRegistryHostnames is {hosts}")),
    }
}
