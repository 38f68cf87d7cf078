//! Where the private endpoint goes: a subnet of the cluster's virtual network (Microsoft.Network reference).

use super::access::Minted;
use super::refusal::Refusal;
use crate::render::storage::action::PrivateEndpoint;
use serde_json::Value;

/// The version of Microsoft.Network.
pub(super) const NETWORK: &str = "2023-05-01";

/// A virtual network and a subnet of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The network's name.
    pub(super) vnet: String,
    /// The subnet's name.
    pub(super) subnet: String,
}

/// Why there is no place.
pub(super) enum NoPlace {
    Refused(Refusal, String),
    /// Nothing bears the tags, or nothing is in it.
    Undiscovered(String),
}

/// The names that are given, and those that are not by tags and policies.
pub(super) async fn find(minted: &Minted, endpoint: &PrivateEndpoint, cluster: &str) -> Result<Place, NoPlace> {
    let given = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    let (vnet, subnet) = (given(&endpoint.vnet_name), given(&endpoint.subnet_name));
    match (vnet, subnet) {
        (Some(vnet), Some(subnet)) => Ok(Place { vnet, subnet }),
        (Some(vnet), None) => {
            let path = format!("{}/{vnet}/subnets", networks(minted, endpoint));
            let refused =
                |refusal| NoPlace::Refused(refusal, format!("the subnets of virtual network {vnet} cannot be listed"));
            let subnets = minted.manager.list(&path, NETWORK).await.map_err(refused)?;
            within(&subnets, vnet)
        }
        (None, subnet) => {
            let refused = |refusal| {
                let group = &endpoint.network_resource_group;
                NoPlace::Refused(refusal, format!("the virtual networks of resource group {group} cannot be listed"))
            };
            let all = minted.manager.list(&networks(minted, endpoint), NETWORK).await.map_err(refused)?;
            let found = discovered(&all, cluster).ok_or_else(|| {
                let group = &endpoint.network_resource_group;
                NoPlace::Undiscovered(format!(
                    "failed to discover vnet name, please provide network details manually: none in resource group \
                     {group} is tagged as cluster {cluster}'s"
                ))
            })?;
            let vnet = text(found, "/name").to_owned();
            match subnet {
                Some(subnet) => Ok(Place { vnet, subnet }),
                None => {
                    let subnets = found.pointer("/properties/subnets").and_then(Value::as_array);
                    within(subnets.map_or(&[], Vec::as_slice), vnet)
                }
            }
        }
    }
}

/// The path of the virtual networks.
pub(super) fn networks(minted: &Minted, endpoint: &PrivateEndpoint) -> String {
    let group = &endpoint.network_resource_group;
    format!("{}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks", minted.subscription)
}

/// The network that is the cluster's by its tags, owned rather than shared.
fn discovered<'a>(networks: &'a [Value], cluster: &str) -> Option<&'a Value> {
    let tags = [
        format!("sigs.k8s.io_cluster-api-provider-azure_cluster_{cluster}"),
        format!("kubernetes.io_cluster.{cluster}"),
    ];
    let with = |wanted: &str| {
        networks.iter().find(|network| {
            let value = |tag: &String| network.get("tags").and_then(|tags| tags.get(tag)).and_then(Value::as_str);
            tags.iter().any(|tag| value(tag) == Some(wanted))
        })
    };
    with("owned").or_else(|| with("shared"))
}

/// The subnet that lends itself best: not given over to another service, and without policies for private endpoints.
fn within(subnets: &[Value], vnet: String) -> Result<Place, NoPlace> {
    let rank = |subnet: &&Value| {
        let delegations = subnet.pointer("/properties/delegations").and_then(Value::as_array);
        let policies = text(subnet, "/properties/privateEndpointNetworkPolicies");
        (delegations.is_some_and(|all| !all.is_empty()), policies != "Disabled")
    };
    // The first of equals.
    let subnet = subnets.iter().min_by_key(rank).map(|subnet| text(subnet, "/name").to_owned());
    match subnet.filter(|name| !name.is_empty()) {
        Some(subnet) => Ok(Place { vnet, subnet }),
        None => Err(NoPlace::Undiscovered(format!(
            "virtual network {vnet} has no subnet; name one in spec.storage.azure.networkAccess.internal.subnetName"
        ))),
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Place, discovered, within};
    use serde_json::{Value, json};

    #[test]
    fn owned_networks_go_before_shared_ones() {
        let network = |name: &str, tag: &str, value: &str| json!({ "name": name, "tags": { tag: value } });
        let all = [
            network("other", "kubernetes.io_cluster.other", "owned"),
            network("shared", "kubernetes.io_cluster.demo", "shared"),
            network("own", "sigs.k8s.io_cluster-api-provider-azure_cluster_demo", "owned"),
        ];
        assert_eq!(discovered(&all, "demo"), Some(&all[2]));
        assert_eq!(discovered(&all[..2], "demo"), Some(&all[1]));
        assert_eq!(discovered(&all[..1], "demo"), None);
    }

    #[test]
    fn a_subnet_of_another_service_is_the_last_choice() {
        let subnet = |name: &str, policies: &str, delegations: Value| {
            json!({ "name": name, "properties":
                { "privateEndpointNetworkPolicies": policies, "delegations": delegations } })
        };
        let best = |subnets: &[Value]| {
            let found = within(subnets, "v".to_owned());
            found.ok().map(|Place { subnet, .. }| subnet)
        };
        let all = [
            subnet("delegated", "Disabled", json!([{ "name": "d" }])),
            subnet("policies", "Enabled", json!([])),
            subnet("workers", "Disabled", json!([])),
        ];
        assert_eq!(best(&all).as_deref(), Some("workers"));
        assert_eq!(best(&all[..2]).as_deref(), Some("policies"));
        assert_eq!(best(&all[..1]).as_deref(), Some("delegated"));
        assert_eq!(best(&[]), None);
    }
}
