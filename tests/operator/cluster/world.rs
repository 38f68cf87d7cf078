//! The cluster around the operator, as `world.yaml` describes it.

use super::crds::documents;
use super::objects::Objects;
use kube::Error;
use kube::api::{DynamicObject, PostParams};
use serde_json::{Value, json};

/// The release that `world.yaml` speaks of.
pub const RELEASE_VERSION: &str = "4.22.3";

/// The namespaces that the operator writes into, or could.
pub const NAMESPACES: [&str; 4] =
    ["openshift-image-registry", "openshift-config", "openshift-config-managed", "openshift-monitoring"];

/// The objects as they were right after the beginning.
pub struct World(Vec<Value>);

impl World {
    /// Applies everything.
    ///
    /// # Errors
    /// The API server's answer, with the object.
    pub async fn create(objects: &Objects) -> Result<Self, String> {
        let mut created = Vec::new();
        for object in documents("world.yaml", include_str!("world.yaml"))? {
            let explain = |error: Error| format!("{} {}: {error}", object["kind"], object["metadata"]["name"]);
            let applied = objects.apply(&object).await.map_err(explain)?;
            created.push(applied);
        }
        Ok(World(created))
    }

    /// Whether it is one of these.
    pub fn contains(&self, object: &Value) -> bool {
        self.0.iter().any(|ours| identity(ours) == identity(object))
    }

    /// Brings every object back to what it was, whoever changed it.
    ///
    /// # Errors
    /// The API server's.
    pub async fn restore(&self, objects: &Objects) -> Result<(), Error> {
        for wanted in &self.0 {
            let (api, name) = objects.api_of(wanted);
            let Some(found) = api.get_opt(name).await? else {
                objects.apply(&without_server_fields(wanted)).await?;
                continue;
            };
            let found = json!(found);
            if without_server_fields(&found) == without_server_fields(wanted) {
                continue;
            }
            let at = |version: &Value| {
                let mut object = without_server_fields(wanted);
                object["metadata"]["resourceVersion"] = version.clone();
                serde_json::from_value::<DynamicObject>(object).map_err(Error::SerdeError)
            };
            let replaced =
                api.replace(name, &PostParams::default(), &at(&found["metadata"]["resourceVersion"])?).await?;
            if !found["status"].is_null() {
                let version = json!(replaced.metadata.resource_version);
                api.replace_status(name, &PostParams::default(), &at(&version)?).await?;
            }
        }
        Ok(())
    }
}

fn identity(object: &Value) -> [&Value; 4] {
    let metadata = &object["metadata"];
    [&object["apiVersion"], &object["kind"], &metadata["namespace"], &metadata["name"]]
}

/// What people and operators wrote.
fn without_server_fields(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        for field in ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"] {
            metadata.remove(field);
        }
    }
    object
}
