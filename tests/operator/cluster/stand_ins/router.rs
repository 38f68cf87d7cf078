//! The router admits every Route.

use super::super::objects::Objects;
use super::now;
use kube::Error;
use serde_json::{Value, json};

/// Publishes the host under which a Route is served.
pub async fn admit(objects: Objects, route: Value) -> Result<(), Error> {
    let metadata = &route["metadata"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let host = match text(&route["spec"]["host"]) {
        host if host.is_empty() => {
            format!("{}-{}.apps.example.com", text(&metadata["name"]), text(&metadata["namespace"]))
        }
        host => host,
    };
    if metadata["deletionTimestamp"].is_string() || route["status"]["ingress"][0]["host"] == host {
        return Ok(());
    }
    let ingress = json!([{
        "host": host,
        "routerName": "default",
        "routerCanonicalHostname": "router-default.apps.example.com",
        "wildcardPolicy": "None",
        "conditions": [{"type": "Admitted", "status": "True", "lastTransitionTime": now()}],
    }]);
    objects.merge_status(&route, json!({ "ingress": ingress })).await
}
