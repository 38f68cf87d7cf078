//! The cluster around the operator, as `world.yaml` describes it, and the accounts and rights of `manifests/`.

use super::crds::documents;
use super::credentials::OPERATOR;
use super::objects::Objects;
use super::wait::eventually;
use kube::Error;
use kube::api::{DynamicObject, PostParams};
use serde_json::{Value, json};
use std::time::Duration;

/// The release that `world.yaml` speaks of.
pub const RELEASE_VERSION: &str = "4.22.3";

/// What is installed with the operator whatever a test is about.
const INSTALLED: [(&str, &str); 3] = [
    ("02-rbac.yaml", include_str!("../../../manifests/02-rbac.yaml")),
    ("03-sa.yaml", include_str!("../../../manifests/03-sa.yaml")),
    ("06-ca-serviceaccount.yaml", include_str!("../../../manifests/06-ca-serviceaccount.yaml")),
];

/// The namespaces that the operator or its manifests write into, or could.
pub const NAMESPACES: [&str; 5] = [
    "openshift-image-registry",
    "openshift-config",
    "openshift-config-managed",
    "openshift-monitoring",
    "openshift-cloud-credential-operator",
];

/// The objects as they were right after the beginning.
pub struct World(Vec<Value>);

impl World {
    /// Applies everything.
    ///
    /// # Errors
    /// The API server's answer, with the object.
    pub async fn create(objects: &Objects) -> Result<Self, String> {
        let mut created = Vec::new();
        let mut described = documents("world.yaml", include_str!("world.yaml"))?;
        for (name, text) in INSTALLED {
            described.extend(documents(name, text)?);
        }
        for object in described {
            let explain = |error: Error| format!("{} {}: {error}", object["kind"], object["metadata"]["name"]);
            let applied = objects.apply(&object).await.map_err(explain)?;
            created.push(applied);
        }
        in_effect(objects).await;
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

/// Rights take a moment until they are in effect; the last of the rules comes last.
async fn in_effect(objects: &Objects) {
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "metadata": {},
        "spec": {
            "user": OPERATOR,
            "resourceAttributes": {
                "verb": "watch",
                "resource": "configmaps",
                "namespace": "openshift-config-managed",
                "name": "kube-cloud-config",
            },
        },
    });
    let (api, _) = objects.api_of(&review);
    eventually(Duration::from_secs(10), "the operator's rights are in effect", async || {
        let review = serde_json::from_value(review.clone()).map_err(|error| error.to_string())?;
        let answer = json!(api.create(&PostParams::default(), &review).await.map_err(|error| error.to_string())?);
        if answer["status"]["allowed"] == true { Ok(()) } else { Err(answer["status"].to_string()) }
    })
    .await;
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
