//! What there is in the stand-in's cloud.

use super::schema;
use crate::support::internet::{Request, Response};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The secret of the application, and the token of the service account that is as good.
pub const CLIENT_SECRET: &str = "client+secret/of~the=test";
pub const ASSERTION: &str = "eyJ.service-account.token";
pub const TENANT: &str = "tenant-1";
pub const CLIENT: &str = "client-1";
pub const GROUP: &str = "demo-rg";
pub const REGION: &str = "westeurope";

/// Everything that the stand-in knows.
pub struct State {
    pub subscription: String,
    /// Where the Resource Manager is: a host.
    pub manager: String,
    pub stack: bool,
    /// Tokens by their text, with what they are for.
    pub tokens: BTreeMap<String, String>,
    /// Names that somebody else has.
    pub taken: BTreeSet<String>,
    /// Resources by their path in lower case.
    pub resources: BTreeMap<String, Value>,
    /// Keys of accounts; the first pair is azurite's.
    pub keys: BTreeMap<String, [String; 2]>,
    /// How many looks a resource or an operation takes until it is ready, by path.
    pub pending: BTreeMap<String, u32>,
    /// Operations by their id: the path that they are about.
    pub operations: Vec<String>,
    /// Beginnings of actions that the identity may not perform.
    pub denied: Vec<&'static str>,
    /// The only actions that the identity may perform; none: every one.
    pub only: Option<Vec<&'static str>>,
    /// Whether the identity has a role for data.
    pub may_use_data: bool,
    /// Whether the resource group is locked.
    pub locked: bool,
    /// How many accounts were ever created.
    pub created: usize,
}

/// A refusal is an answer as well.
pub type Answer = Result<Response, Response>;

pub fn error(status: u16, code: &str, message: &str) -> Response {
    Response::json(status, &json!({ "error": { "code": code, "message": message } }))
}

impl State {
    pub fn group_path(&self) -> String {
        format!("/subscriptions/{}/resourceGroups/{GROUP}", self.subscription)
    }

    /// The path of something in the resource group.
    pub fn path(&self, of: &str) -> String {
        format!("{}/providers/{of}", self.group_path())
    }

    pub fn resource(&self, path: &str) -> Option<&Value> {
        self.resources.get(&path.to_lowercase())
    }

    pub fn resource_mut(&mut self, path: &str) -> Option<&mut Value> {
        self.resources.get_mut(&path.to_lowercase())
    }

    pub fn account_path(&self, name: &str) -> String {
        self.path(&format!("Microsoft.Storage/storageAccounts/{name}"))
    }

    /// The account, whichever resource group it is in.
    pub fn account(&self, name: &str) -> Option<&Value> {
        let end = format!("/storageaccounts/{name}");
        self.resources.iter().find(|(path, _)| path.ends_with(&end)).map(|(_, account)| account)
    }

    /// The paths of all resources of a type, as `privateEndpoints`.
    pub fn of_type(&self, type_: &str) -> Vec<String> {
        let part = format!("/{}/", type_.to_lowercase());
        let is_last = |path: &&String| path.rsplit_once(&part).is_some_and(|(_, name)| !name.contains('/'));
        self.resources.keys().filter(is_last).cloned().collect()
    }

    /// Counts a look at something that takes its time; whether it is ready.
    pub fn is_ready(&mut self, path: &str) -> bool {
        match self.pending.get_mut(&path.to_lowercase()) {
            None => true,
            Some(0) => {
                self.pending.remove(&path.to_lowercase());
                true
            }
            Some(left) => {
                *left -= 1;
                false
            }
        }
    }

    /// Puts a resource there; 400 if the body is not of that shape.
    pub fn put(&mut self, path: &str, body: &Value, shape: &Value) -> Result<bool, Response> {
        schema::check(body, shape).map_err(|why| error(400, "InvalidRequestContent", &why))?;
        let mut resource = body.clone();
        resource["id"] = json!(path);
        resource["name"] = json!(path.rsplit('/').next());
        resource["properties"]["provisioningState"] = json!("Succeeded");
        Ok(self.resources.insert(path.to_lowercase(), resource).is_none())
    }

    /// What is there, with the state that it is in.
    pub fn show(&mut self, path: &str) -> Answer {
        let ready = self.is_ready(path);
        let Some(found) = self.resource(path) else { return Err(missing(path)) };
        let mut shown = found.clone();
        if !ready {
            shown["properties"]["provisioningState"] = json!("Creating");
        }
        Ok(Response::json(200, &shown))
    }

    /// An answer that says where to ask how far the operation on that path is.
    pub fn operation(&mut self, path: &str, by_status: bool, status: u16, body: &Value) -> Response {
        self.pending.insert(path.to_lowercase(), 1);
        self.operations.push(path.to_owned());
        let id = self.operations.len() - 1;
        let kind = if by_status { "operationStatuses" } else { "operationResults" };
        let url = format!(
            "https://{}/subscriptions/{}/providers/Microsoft.Test/locations/{REGION}/{kind}/{id}?api-version=2020-01-01",
            self.manager, self.subscription
        );
        let header = if by_status { "Azure-AsyncOperation" } else { "Location" };
        Response::json(status, body).with_header(header, &url).with_header("Retry-After", "0")
    }

    /// How far an operation is.
    pub fn progress(&mut self, request: &Request) -> Answer {
        let id: usize = request.path.rsplit('/').next().unwrap().parse().unwrap();
        let path = self.operations[id].clone();
        let ready = self.is_ready(&path);
        if request.path.contains("/operationStatuses/") {
            let status = if ready { "Succeeded" } else { "InProgress" };
            return Ok(Response::json(200, &json!({ "status": status })).with_header("Retry-After", "0"));
        }
        if !ready {
            let again = format!("https://{}{}", self.manager, request.target);
            return Ok(Response::new(202).with_header("Location", &again).with_header("Retry-After", "0"));
        }
        Ok(self.resource(&path).map_or(Response::new(204), |resource| Response::json(200, resource)))
    }

    /// Deletes a resource and what is below it; whether there was one.
    pub fn delete(&mut self, path: &str) -> Result<bool, Response> {
        if self.locked {
            let message = "The scope cannot perform delete operation because following scope(s) are locked.";
            return Err(error(409, "ScopeLocked", message));
        }
        let (path, below) = (path.to_lowercase(), format!("{}/", path.to_lowercase()));
        let before = self.resources.len();
        self.resources.retain(|other, _| *other != path && !other.starts_with(&below));
        Ok(self.resources.len() < before)
    }
}

pub fn missing(path: &str) -> Response {
    error(404, "ResourceNotFound", &format!("The Resource '{path}' under resource group '{GROUP}' was not found."))
}
