//! Microsoft.Storage of the Resource Manager (its published API, versions 2023-01-01 and 2019-06-01).

use super::blobs::Blobs;
use super::manager::Asked;
use super::schema;
use super::state::{Answer, State, error, missing};
use crate::support::internet::{Request, Response};
use serde_json::{Value, json};

const SKUS: &str = "=Standard_LRS|Standard_GRS|Standard_RAGRS|Standard_ZRS|Premium_LRS|Premium_ZRS|Standard_GZRS";
const KINDS: &str = "=Storage|StorageV2|BlobStorage|FileStorage|BlockBlobStorage";

fn properties(stack: bool) -> Value {
    let mut shape = json!({ "accessTier": "=Hot|Cool", "supportsHttpsTrafficOnly": "bool" });
    if !stack {
        for name in ["allowBlobPublicAccess", "allowSharedKeyAccess", "allowCrossTenantReplication"] {
            shape[name] = json!("bool");
        }
        shape["minimumTlsVersion"] = json!("=TLS1_0|TLS1_1|TLS1_2");
        shape["publicNetworkAccess"] = json!("=Enabled|Disabled|SecuredByPerimeter");
    }
    shape
}

pub fn name(state: &State, request: &Request) -> Answer {
    let shape = json!({ "!name": "string", "!type": "=Microsoft.Storage/storageAccounts" });
    schema::check(&request.json(), &shape).map_err(|why| error(400, "InvalidRequestContent", &why))?;
    let name = request.json()["name"].as_str().unwrap().to_owned();
    let free = json!({ "nameAvailable": true });
    let unavailable =
        |reason: &str, message: &str| json!({ "nameAvailable": false, "reason": reason, "message": message });
    let answer = if !is_name(&name) {
        let message = format!("{name} is not a valid storage account name.");
        unavailable("AccountNameInvalid", &message)
    } else if state.taken.contains(&name) || state.account(&name).is_some() {
        unavailable("AlreadyExists", &format!("The storage account named {name} is already taken."))
    } else {
        free
    };
    Ok(Response::json(200, &answer))
}

fn is_name(name: &str) -> bool {
    (3..=24).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

pub fn answer(state: &mut State, blobs: &Blobs, asked: &Asked<'_>) -> Answer {
    let types: Vec<&str> = asked.types.iter().map(String::as_str).collect();
    let name = &asked.names[0];
    match (asked.request.method.as_str(), &types[..]) {
        ("GET", ["storageAccounts"]) => state.show(&asked.path),
        ("PUT", ["storageAccounts"]) => create(state, name, asked),
        ("PATCH", ["storageAccounts"]) => change(state, asked),
        ("DELETE", ["storageAccounts"]) => {
            if !state.delete(&asked.path)? {
                return Ok(Response::new(204));
            }
            state.keys.remove(name);
            blobs.remove_all(name);
            Ok(Response::new(200))
        }
        ("POST", ["storageAccounts", "listKeys"]) => keys(state, name, asked),
        ("GET", ["storageAccounts", "blobServices", "containers"]) if !state.stack => {
            if state.account(name).is_none() {
                return Err(missing(&asked.path));
            }
            let names = blobs.containers(name);
            match asked.names.get(2) {
                Some(wanted) if names.contains(wanted) => Ok(Response::json(200, &json!({ "name": wanted }))),
                Some(_) => Err(error(404, "ContainerNotFound", "The specified container does not exist.")),
                None => {
                    let items: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
                    Ok(Response::json(200, &json!({ "value": items })))
                }
            }
        }
        _ => Err(error(405, "HttpMethodNotSupported", &asked.action)),
    }
}

fn create(state: &mut State, name: &str, asked: &Asked<'_>) -> Answer {
    if !is_name(name) {
        return Err(error(400, "AccountNameInvalid", "is not a valid storage account name."));
    }
    if state.taken.contains(name) {
        let message = format!("The storage account named {name} is already taken.");
        return Err(error(409, "StorageAccountAlreadyTaken", &message));
    }
    let shape = json!({
        "!sku": { "!name": SKUS }, "!kind": KINDS, "!location": "string", "tags": "strings",
        "properties": properties(state.stack),
    });
    let body = asked.request.json();
    if !state.put(&asked.path, &body, &shape)? {
        return Ok(Response::json(200, state.resource(&asked.path).unwrap()));
    }
    if state.stack && body["kind"] != "Storage" {
        return Err(error(400, "InvalidKind", "An Azure Stack Hub knows the kind Storage only."));
    }
    state.created += 1;
    state.keys.insert(name.to_owned(), [super::blobs::key(name), super::blobs::other_key(name, 0)]);
    Ok(state.operation(&asked.path, false, 202, &Value::Null))
}

fn change(state: &mut State, asked: &Asked<'_>) -> Answer {
    let body = asked.request.json();
    let shape = json!({ "tags": "strings", "properties": properties(state.stack) });
    schema::check(&body, &shape).map_err(|why| error(400, "InvalidRequestContent", &why))?;
    let Some(account) = state.resource_mut(&asked.path) else { return Err(missing(&asked.path)) };
    if let Some(tags) = body.get("tags") {
        account["tags"] = tags.clone();
    }
    for (name, value) in body.get("properties").and_then(Value::as_object).into_iter().flatten() {
        account["properties"][name] = value.clone();
    }
    Ok(Response::json(200, account))
}

fn keys(state: &mut State, name: &str, asked: &Asked<'_>) -> Answer {
    if !asked.request.body.is_empty() {
        return Err(error(400, "InvalidRequestContent", "listKeys takes no body"));
    }
    let account = asked.path.rsplit_once('/').unwrap().0;
    if state.resource(account).is_none() {
        return Err(missing(account));
    }
    if !state.is_ready(account) {
        return Err(error(409, "StorageAccountIsNotProvisioned", "The storage account is not provisioned."));
    }
    let [first, second] = &state.keys[name];
    let key = |name: &str, value: &str| json!({ "keyName": name, "value": value, "permissions": "FULL" });
    Ok(Response::json(200, &json!({ "keys": [key("key1", first), key("key2", second)] })))
}
