//! Microsoft.Network of the Resource Manager: virtual networks, private endpoints and private DNS (their published
//! API, versions 2023-05-01 and 2020-06-01).

use super::manager::Asked;
use super::state::{Answer, REGION, State, error, missing};
use crate::support::internet::Response;
use serde_json::{Value, json};

pub fn answer(state: &mut State, asked: &Asked<'_>) -> Answer {
    let types: Vec<&str> = asked.types.iter().map(String::as_str).collect();
    let method = asked.request.method.as_str();
    match (method, &types[..]) {
        ("GET", ["virtualNetworks"]) if asked.names.is_empty() => networks(state, asked),
        ("GET", ["virtualNetworks", "subnets"]) if asked.names.len() == 1 => {
            let network = asked.path.rsplit_once('/').unwrap().0;
            let found = state.resource(network).ok_or_else(|| missing(network))?;
            Ok(Response::json(200, &json!({ "value": found["properties"]["subnets"] })))
        }
        ("GET", ["privateDnsZones", "virtualNetworkLinks"]) if asked.names.len() == 1 => {
            let below = format!("{}/", asked.path.to_lowercase());
            let links = state.resources.iter().filter(|(path, _)| path.starts_with(&below));
            Ok(Response::json(200, &json!({ "value": links.map(|(_, link)| link).collect::<Vec<_>>() })))
        }
        ("GET", ["privateDnsZones"]) => zone(state, asked),
        ("GET", _) => state.show(&asked.path),
        ("PUT", ["privateEndpoints"]) => endpoint(state, asked),
        ("PUT", ["privateEndpoints", "privateDnsZoneGroups"]) => {
            let config = json!({ "!name": "string", "!properties": { "!privateDnsZoneId": "string" } });
            let shape = json!({ "name": "string", "!properties": { "!privateDnsZoneConfigs": [config] } });
            parent(state, asked)?;
            put(state, asked, &shape, true)
        }
        ("PUT", ["privateDnsZones"]) => {
            let shape = json!({ "!location": "=global", "tags": "strings", "properties": {} });
            put(state, asked, &shape, true)
        }
        ("PUT", ["privateDnsZones", "A"]) => {
            let shape = json!({ "!properties": { "!ttl": "number", "!aRecords": [{ "!ipv4Address": "string" }] } });
            parent(state, asked)?;
            put(state, asked, &shape, false)
        }
        ("PUT", ["privateDnsZones", "virtualNetworkLinks"]) => link(state, asked),
        ("DELETE", ["privateEndpoints"]) => {
            // The network interface goes with it, and so do the connection and what the zone group has written.
            let interface = asked.path.replace("privateEndpoints", "networkInterfaces");
            state.delete(&format!("{interface}-nic"))?;
            for account in state.of_type("storageAccounts") {
                let account = state.resource_mut(&account).unwrap();
                account["properties"]["privateEndpointConnections"] = json!([]);
            }
            delete(state, asked)
        }
        ("DELETE", ["privateDnsZones"]) if children(state, &asked.path, "virtualnetworklinks") > 0 => {
            Err(error(409, "CannotDeleteResource", "Can not delete resource before nested resources are deleted."))
        }
        ("DELETE", ["privateDnsZones", "A"]) => Ok(Response::new(if state.delete(&asked.path)? { 200 } else { 204 })),
        ("DELETE", _) => delete(state, asked),
        _ => Err(error(405, "HttpMethodNotSupported", &asked.action)),
    }
}

fn put(state: &mut State, asked: &Asked<'_>, shape: &Value, takes_time: bool) -> Answer {
    let body = asked.request.json();
    let is_new = state.put(&asked.path, &body, shape)?;
    let shown = state.resource(&asked.path).unwrap().clone();
    let status = if is_new { 201 } else { 200 };
    Ok(if takes_time { state.operation(&asked.path, true, status, &shown) } else { Response::json(status, &shown) })
}

fn delete(state: &mut State, asked: &Asked<'_>) -> Answer {
    if !state.delete(&asked.path)? {
        return Ok(Response::new(204));
    }
    Ok(state.operation(&asked.path, false, 202, &Value::Null))
}

fn parent(state: &State, asked: &Asked<'_>) -> Result<(), Response> {
    let parent = asked.path.rsplitn(3, '/').last().unwrap();
    if state.resource(parent).is_some() { Ok(()) } else { Err(error(404, "ParentResourceNotFound", parent)) }
}

/// A page with one network, and a link to the next.
fn networks(state: &State, asked: &Asked<'_>) -> Answer {
    let all = state.of_type("virtualNetworks");
    let at: usize = asked.request.parameter("$skipToken").map_or(0, |token| token.parse().unwrap());
    let items: Vec<&Value> = all.iter().skip(at).take(1).map(|path| &state.resources[path]).collect();
    let mut page = json!({ "value": items });
    if at + 1 < all.len() {
        let version = "api-version=2023-05-01";
        page["nextLink"] = json!(format!("https://{}{}?{version}&%24skipToken={}", state.manager, asked.path, at + 1));
    }
    Ok(Response::json(200, &page))
}

fn endpoint(state: &mut State, asked: &Asked<'_>) -> Answer {
    let connection = json!({
        "!name": "string", "!properties": { "!privateLinkServiceId": "string", "!groupIds": ["=blob"] },
    });
    let shape = json!({ "!location": "string", "tags": "strings", "!properties": {
        "!subnet": { "!id": "string" }, "customNetworkInterfaceName": "string",
        "!privateLinkServiceConnections": [connection],
    }});
    let body = asked.request.json();
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (vnet, subnet) = (text("/properties/subnet/id"), text("/properties/subnet/id"));
    let subnet = subnet.rsplit('/').next().unwrap();
    let found = state.resource(vnet.split("/subnets/").next().unwrap());
    let subnets = found.and_then(|found| found.pointer("/properties/subnets")).and_then(Value::as_array);
    if !subnets.into_iter().flatten().any(|found| found["name"] == subnet) {
        return Err(error(400, "InvalidResourceReference", &format!("{vnet} was not found.")));
    }
    if text("/location") != REGION {
        return Err(error(400, "InvalidPrivateEndpointLocation", "not the region of the virtual network"));
    }
    let account = text("/properties/privateLinkServiceConnections/0/properties/privateLinkServiceId");
    if state.resource(&account).is_none() {
        return Err(error(404, "NotFound", &account));
    }
    let name = text("/properties/customNetworkInterfaceName");
    let interface = state.path(&format!("Microsoft.Network/networkInterfaces/{name}"));
    let response = put(state, asked, &shape, true)?;
    let address = json!({ "name": "a", "properties": { "privateIPAddress": "10.0.0.7" } });
    let shown = json!({ "id": interface, "properties": { "ipConfigurations": [address] } });
    state.resources.insert(interface.to_lowercase(), shown);
    let endpoint = state.resource_mut(&asked.path).unwrap();
    endpoint["properties"]["networkInterfaces"] = json!([{ "id": interface }]);
    let connection = json!({ "properties": {
        "privateEndpoint": { "id": asked.path }, "privateLinkServiceConnectionState": { "status": "Approved" },
    }});
    state.resource_mut(&account).unwrap()["properties"]["privateEndpointConnections"] = json!([connection]);
    Ok(response)
}

fn link(state: &mut State, asked: &Asked<'_>) -> Answer {
    let shape = json!({ "!location": "=global", "tags": "strings", "!properties": {
        "!registrationEnabled": "bool", "!virtualNetwork": { "!id": "string" },
    }});
    parent(state, asked)?;
    let vnet = asked.request.json()["properties"]["virtualNetwork"]["id"].as_str().unwrap_or_default().to_owned();
    if state.resource(&vnet).is_none() {
        return Err(error(400, "BadRequest", &format!("{vnet} does not exist")));
    }
    let others = state.of_type("virtualNetworkLinks").into_iter().filter(|path| *path != asked.path.to_lowercase());
    let mut others = others.map(|path| state.resources[&path]["properties"]["virtualNetwork"]["id"].clone());
    if others.any(|other| other.as_str().is_some_and(|other| other.eq_ignore_ascii_case(&vnet))) {
        return Err(error(409, "Conflict", "A virtual network cannot be linked to multiple zones of a name."));
    }
    put(state, asked, &shape, true)
}

fn children(state: &State, path: &str, type_: &str) -> usize {
    let below = format!("{}/{type_}/", path.to_lowercase());
    state.resources.keys().filter(|path| path.starts_with(&below)).count()
}

/// A zone with its numbers; one record set is the start of authority.
fn zone(state: &mut State, asked: &Asked<'_>) -> Answer {
    let (records, links) = (children(state, &asked.path, "a"), children(state, &asked.path, "virtualnetworklinks"));
    let Some(zone) = state.resource_mut(&asked.path) else { return Err(missing(&asked.path)) };
    zone["properties"]["numberOfRecordSets"] = json!(records + 1);
    zone["properties"]["numberOfVirtualNetworkLinks"] = json!(links);
    state.show(&asked.path)
}
