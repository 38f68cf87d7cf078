//! Objects of any kind as JSON.

use http::Request;
use http::header::CONTENT_TYPE;
use kube::api::{Api, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Client, Error};
use serde_json::{Value, json};

/// Reads and writes objects as one user.
#[derive(Clone)]
pub struct Objects {
    client: Client,
    manager: &'static str,
}

impl Objects {
    /// `manager` owns the fields that are applied.
    pub fn new(client: Client, manager: &'static str) -> Self {
        Objects { client, manager }
    }

    /// The API of a kind; an empty namespace is for cluster-scoped kinds, or for all namespaces.
    pub fn api(&self, api_version: &str, kind: &str, namespace: &str) -> Api<DynamicObject> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
        match namespace {
            "" => Api::all_with(self.client.clone(), &resource),
            namespace => Api::namespaced_with(self.client.clone(), namespace, &resource),
        }
    }

    /// The API of an object's kind and namespace, and its name.
    pub fn api_of<'a>(&self, object: &'a Value) -> (Api<DynamicObject>, &'a str) {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
        (self.api(text("/apiVersion"), text("/kind"), text("/metadata/namespace")), text("/metadata/name"))
    }

    /// The object, if it exists.
    ///
    /// # Errors
    /// The API server's, except for "not found".
    pub async fn try_get(&self, api_version: &str, kind: &str, ns: &str, name: &str) -> Result<Option<Value>, Error> {
        Ok(self.api(api_version, kind, ns).get_opt(name).await?.map(|object| json!(object)))
    }

    /// The object, if it exists.
    pub async fn get(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        self.try_get(api_version, kind, namespace, name).await.unwrap()
    }

    /// All objects of a kind; an empty namespace means everywhere.
    ///
    /// # Errors
    /// The API server's.
    pub async fn list(&self, api_version: &str, kind: &str, namespace: &str) -> Result<Vec<Value>, Error> {
        let list = self.api(api_version, kind, namespace).list(&ListParams::default()).await?;
        let complete = |object: DynamicObject| {
            let mut object = json!(object);
            // Items of a list do not repeat these.
            object["apiVersion"] = api_version.into();
            object["kind"] = kind.into();
            object
        };
        Ok(list.items.into_iter().map(complete).collect())
    }

    /// Server-side apply with force; then the same for the status, if the object has one.
    ///
    /// # Errors
    /// The API server's.
    pub async fn apply(&self, object: &Value) -> Result<Value, Error> {
        let (api, name) = self.api_of(object);
        let params = PatchParams::apply(self.manager).force();
        let mut without_status = object.clone();
        let status = without_status.as_object_mut().and_then(|map| map.remove("status"));
        let mut applied = api.patch(name, &params, &Patch::Apply(without_status)).await?;
        if let Some(status) = status {
            let object = json!({
                "apiVersion": object["apiVersion"],
                "kind": object["kind"],
                "metadata": {"name": name},
                "status": status,
            });
            applied = api.patch_status(name, &params, &Patch::Apply(object)).await?;
        }
        Ok(json!(applied))
    }

    /// JSON merge patch of the object that `object` names.
    ///
    /// # Errors
    /// The API server's.
    pub async fn merge(&self, object: &Value, patch: Value) -> Result<Value, Error> {
        let (api, name) = self.api_of(object);
        Ok(json!(api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await?))
    }

    /// JSON Patch (RFC 6902) of the object that `object` names; `query` as `dryRun=All`, or empty.
    ///
    /// # Errors
    /// The API server's.
    pub async fn json_patch(&self, object: &Value, patch: &Value, query: &str) -> Result<Value, Error> {
        let (api, name) = self.api_of(object);
        let request = Request::patch(format!("{}/{name}?{query}", api.resource_url()))
            .header(CONTENT_TYPE, "application/json-patch+json")
            .body(patch.to_string().into_bytes())
            .map_err(Error::HttpError)?;
        self.client.request(request).await
    }

    /// JSON merge patch of the status of the object that `object` names.
    ///
    /// # Errors
    /// The API server's.
    pub async fn merge_status(&self, object: &Value, status: Value) -> Result<(), Error> {
        let (api, name) = self.api_of(object);
        api.patch_status(name, &PatchParams::default(), &Patch::Merge(json!({ "status": status }))).await?;
        Ok(())
    }

    /// Deletes the object that `object` names, pods at once; it is no error if it is gone.
    ///
    /// # Errors
    /// The API server's.
    pub async fn delete(&self, object: &Value) -> Result<(), Error> {
        let (api, name) = self.api_of(object);
        let mut params = DeleteParams::background();
        if object["kind"] == "Pod" {
            params = params.grace_period(0);
        }
        match api.delete(name, &params).await {
            Ok(_) => Ok(()),
            Err(error) => unless_gone(error),
        }
    }
}

/// Not found is what deletions are for; conflicts mean that somebody else was faster, and another look follows.
///
/// # Errors
/// Any other.
pub fn unless_gone(error: Error) -> Result<(), Error> {
    match &error {
        Error::Api(status) if status.code == 404 || status.code == 409 => Ok(()),
        _ => Err(error),
    }
}
