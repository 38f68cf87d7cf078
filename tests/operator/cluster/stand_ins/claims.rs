//! The volume binder: every claim gets what it asks for.

use super::super::objects::Objects;
use kube::Error;
use serde_json::{Value, json};

/// Binds a claim.
pub async fn bind(objects: Objects, claim: Value) -> Result<(), Error> {
    if claim["status"]["phase"] == "Bound" || claim["metadata"]["deletionTimestamp"].is_string() {
        return Ok(());
    }
    let spec = &claim["spec"];
    let status = json!({
        "phase": "Bound",
        "accessModes": spec["accessModes"],
        "capacity": {"storage": spec["resources"]["requests"]["storage"]},
    });
    objects.merge_status(&claim, status).await
}
