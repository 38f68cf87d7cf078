//! Accounts that are reached through a private endpoint only.

use super::cloud::{CONTAINER, Cloud, OWNED};
use super::state::GROUP;
use serde_json::{Value, json};

pub fn internal() -> Value {
    json!({ "azure": { "networkAccess": { "type": "Internal" } } })
}

/// The cluster's network and another one, and subnets of which one lends itself.
pub fn with_network(cloud: &Cloud) {
    let subnet = |name: &str, policies: &str| json!({ "name": name, "properties": { "privateEndpointNetworkPolicies": policies, "delegations": [] } });
    cloud.given_network("a-network", json!({}), json!([subnet("x", "Disabled")]));
    let subnets = json!([subnet("masters", "Enabled"), subnet("workers", "Disabled")]);
    let tag = "sigs.k8s.io_cluster-api-provider-azure_cluster_demo-x7k2p";
    cloud.given_network("demo-vnet", json!({ tag: "owned" }), subnets);
}

/// Everything but accounts and virtual networks.
pub fn parts(cloud: &Cloud) -> usize {
    let state = cloud.state();
    let other = |path: &&String| !path.contains("/storageaccounts/") && !path.contains("/virtualnetworks/");
    state.resources.keys().filter(other).count()
}

#[tokio::test]
async fn the_network_is_discovered_and_everything_is_made_and_goes_again() {
    let cloud = Cloud::start();
    with_network(&cloud);
    let mut world = cloud.world(internal());
    world.settle_well().await;
    let internal = world.at("/spec/storage/azure/networkAccess/internal");
    assert_eq!(
        internal,
        json!({ "privateEndpointName": cloud.account, "vnetName": "demo-vnet", "subnetName": "workers" })
    );
    let account = cloud.account.clone();
    assert_eq!(cloud.of_account(&account, "/properties/publicNetworkAccess"), "Disabled");
    assert_eq!(world.condition("StoragePublicAccessBlocked").unwrap().0, "True");
    {
        let state = cloud.state();
        let zone = state.path("Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net");
        let tags = json!({ OWNED: "owned", "team": "registry" });
        assert_eq!(state.resource(&zone).unwrap()["tags"], tags);
        let record = state.resource(&format!("{zone}/A/{account}")).unwrap();
        assert_eq!(record["properties"]["aRecords"], json!([{ "ipv4Address": "10.0.0.7" }]));
        assert_eq!(record["properties"]["ttl"], 10);
        let endpoint = state.path(&format!("Microsoft.Network/privateEndpoints/{account}"));
        let found = state.resource(&endpoint).unwrap();
        assert_eq!(found["properties"]["customNetworkInterfaceName"], json!(format!("{account}-nic")));
        assert_eq!(found["tags"], tags);
        assert!(
            state.resource(&format!("{endpoint}/privateDnsZoneGroups/privatelink-blob-core-windows-net")).is_some()
        );
        assert!(state.resource(&format!("{zone}/virtualNetworkLinks/{account}")).is_some());
    }
    cloud.calls();
    world.restart();
    world.settle_well().await;
    let calls = cloud.calls();
    let is_write = |call: &&String| call.starts_with("PUT") || call.starts_with("PATCH") || call.starts_with("DELETE");
    assert_eq!(calls.iter().filter(is_write).count(), 0, "{calls:?}");
    world.look_again().await;
    assert_eq!(cloud.calls(), ["GET container"]);

    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert!(!cloud.has_account(&account));
    assert_eq!(parts(&cloud), 0, "{:?}", cloud.state().resources.keys());
}

#[tokio::test]
async fn named_networks_are_taken_as_they_are() {
    let cloud = Cloud::start();
    with_network(&cloud);
    let names = json!({ "networkResourceGroupName": GROUP, "vnetName": "a-network", "subnetName": "x",
        "privateEndpointName": "my-endpoint" });
    let mut storage = internal();
    storage["azure"]["networkAccess"]["internal"] = names.clone();
    let mut world = cloud.world(storage);
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/azure/networkAccess/internal"), names);
    let calls = cloud.calls();
    assert!(!calls.iter().any(|call| call.contains("virtualNetworks")), "{calls:?}");
    let endpoint = cloud.state().path("Microsoft.Network/privateEndpoints/my-endpoint");
    assert!(cloud.state().resource(&endpoint).is_some());
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!((parts(&cloud), cloud.has_account(&cloud.account)), (0, false));
}

/// What OpenShift's CredentialsRequest for Azure asks for: neither networks nor DNS records can be read.
const MINTED: [&str; 22] = [
    "Microsoft.Storage/storageAccounts/blobServices/containers/read",
    "Microsoft.Storage/storageAccounts/blobServices/containers/write",
    "Microsoft.Storage/storageAccounts/blobServices/containers/delete",
    "Microsoft.Storage/storageAccounts/read",
    "Microsoft.Storage/storageAccounts/write",
    "Microsoft.Storage/storageAccounts/delete",
    "Microsoft.Storage/storageAccounts/listKeys/action",
    "Microsoft.Storage/storageAccounts/PrivateEndpointConnectionsApproval/action",
    "Microsoft.Network/privateEndpoints/write",
    "Microsoft.Network/privateEndpoints/read",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/write",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/read",
    "Microsoft.Network/privateDnsZones/read",
    "Microsoft.Network/privateDnsZones/write",
    "Microsoft.Network/privateDnsZones/join/action",
    "Microsoft.Network/privateDnsZones/A/write",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks/write",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read",
    "Microsoft.Network/networkInterfaces/read",
    "Microsoft.Network/virtualNetworks/subnets/read",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
    "Microsoft.Network/virtualNetworks/join/action",
];

#[tokio::test]
async fn the_permissions_that_openshift_grants_are_enough() {
    let cloud = Cloud::start();
    with_network(&cloud);
    cloud.state().only = Some(MINTED.to_vec());
    let mut storage = internal();
    storage["azure"]["networkAccess"]["internal"] = json!({ "vnetName": "demo-vnet" });
    let mut world = cloud.world(storage);
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/azure/networkAccess/internal/subnetName"), "workers");
    assert_eq!(cloud.of_account(&cloud.account, "/properties/publicNetworkAccess"), "Disabled");
    // They are not enough to remove it again, and that is said.
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("(it lacks Microsoft.Network/privateDnsZones/A/delete)"), "{trouble}");
    cloud.state().only = None;
    world.settle_well().await;
    assert_eq!((parts(&cloud), cloud.has_account(&cloud.account)), (0, false));
}

/// A private endpoint of the user's leads there; no names are known.
#[tokio::test]
async fn an_account_that_is_private_already_is_left_as_it_is() {
    let cloud = Cloud::start();
    cloud.given_account(&cloud.account, json!({ OWNED: "owned", "team": "registry" }));
    cloud.blobs.create(&cloud.account, CONTAINER, None);
    {
        let mut state = cloud.state();
        let path = state.account_path(&cloud.account);
        let endpoint = state.path("Microsoft.Network/privateEndpoints/of-the-user");
        let connection = json!({ "properties": { "privateEndpoint": { "id": endpoint },
            "privateLinkServiceConnectionState": { "status": "Approved" } } });
        let properties = &mut state.resource_mut(&path).unwrap()["properties"];
        properties["publicNetworkAccess"] = json!("Disabled");
        properties["privateEndpointConnections"] = json!([connection]);
        let zone = state.path("Microsoft.Network/privateDnsZones/of-the-user");
        for path in
            [endpoint, format!("{zone}/A/{}", cloud.account), format!("{zone}/virtualNetworkLinks/{}", cloud.account)]
        {
            state.resources.insert(path.to_lowercase(), json!({}));
        }
    }
    let before = parts(&cloud);
    let mut world = cloud.world(internal());
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Managed");
    assert_eq!(parts(&cloud), before);
    let calls = cloud.calls();
    assert!(!calls.iter().any(|call| call.starts_with("PUT") || call.starts_with("PATCH")), "{calls:?}");
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!((parts(&cloud), cloud.has_account(&cloud.account)), (before, false));
}

/// The first attempt fails after account and container were made: both stay ours.
#[tokio::test]
async fn an_endpoint_that_fails_is_made_later_and_nothing_changes_hands() {
    let cloud = Cloud::start();
    let mut world = cloud.world(internal());
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    let sentence = "Unable to process private endpoint: failed to discover vnet name, please provide network details";
    assert!(trouble.contains(sentence), "{trouble}");
    assert_eq!(world.condition("StorageExists").unwrap().1, "NetworkNotFound");
    assert_eq!(cloud.of_account(&cloud.account, "/properties/publicNetworkAccess"), json!(null));

    with_network(&cloud);
    cloud.state().denied = vec!["Microsoft.Network/privateEndpoints/write"];
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("the role Network Contributor"), "{trouble}");
    cloud.state().denied.clear();
    world.restart();
    world.settle_well().await;
    assert_eq!((world.at("/spec/storage/managementState"), cloud.state().created), (json!("Managed"), 1));
    assert_eq!(cloud.state().of_type("privateEndpoints").len(), 1);
    assert_eq!(cloud.of_account(&cloud.account, "/properties/publicNetworkAccess"), "Disabled");
}

/// The network has a link to the zone of that name in a resource group.
fn with_link(cloud: &Cloud, group: &str) {
    let mut state = cloud.state();
    let vnet = state.path("Microsoft.Network/virtualNetworks/demo-vnet");
    let zone = state.path("Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net");
    let zone = zone.replace(&format!("/{GROUP}/"), &format!("/{group}/"));
    let link = json!({ "properties": { "virtualNetwork": { "id": vnet } } });
    state.resources.insert(zone.to_lowercase(), json!({ "id": zone, "properties": {} }));
    state.resources.insert(format!("{zone}/virtualNetworkLinks/of-the-user").to_lowercase(), link);
}

#[tokio::test]
async fn a_network_that_is_linked_already_is_no_failure() {
    let cloud = Cloud::start();
    with_network(&cloud);
    with_link(&cloud, GROUP);
    let before = parts(&cloud);
    let mut world = cloud.world(internal());
    world.settle_well().await;
    assert_eq!(cloud.of_account(&cloud.account, "/properties/publicNetworkAccess"), "Disabled");
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!((parts(&cloud), cloud.has_account(&cloud.account)), (before, false), "the user's zone stays");
}

/// Nothing in the cluster would find the account any more.
#[tokio::test]
async fn the_account_stays_open_if_the_network_looks_elsewhere() {
    let cloud = Cloud::start();
    with_network(&cloud);
    with_link(&cloud, "other-rg");
    let mut world = cloud.world(internal());
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("is linked to another private DNS zone"), "{trouble}");
    assert_eq!(cloud.of_account(&cloud.account, "/properties/publicNetworkAccess"), json!(null));
}

#[tokio::test]
async fn an_endpoint_that_leads_elsewhere_is_not_taken() {
    let cloud = Cloud::start();
    with_network(&cloud);
    let path = cloud.state().path("Microsoft.Network/privateEndpoints/my-endpoint");
    let target = json!({ "properties": { "privateLinkServiceId": "/subscriptions/s/other" } });
    let given = json!({ "id": path, "properties": { "privateLinkServiceConnections": [target] } });
    cloud.state().resources.insert(path.to_lowercase(), given.clone());
    let mut storage = internal();
    storage["azure"]["networkAccess"]["internal"] = json!({ "privateEndpointName": "my-endpoint" });
    let mut world = cloud.world(storage);
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("my-endpoint exists and leads to something else"), "{trouble}");
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert!(!cloud.has_account(&cloud.account));
    assert_eq!(cloud.state().resource(&path), Some(&given));
}

#[tokio::test]
async fn public_access_to_a_user_s_account_is_the_user_s_to_disable() {
    let cloud = Cloud::start();
    with_network(&cloud);
    cloud.given_account(&cloud.users, json!({}));
    let mut storage = internal();
    storage["azure"]["accountName"] = json!(cloud.users);
    storage["azure"]["container"] = json!("images");
    let mut world = cloud.world(storage);
    world.settle_well().await;
    assert_eq!(cloud.of_account(&cloud.users, "/properties/publicNetworkAccess"), "Enabled");
    let (status, reason, _) = world.condition("StoragePublicAccessBlocked").unwrap();
    assert_eq!((status.as_str(), reason.as_str()), ("False", "AccountNotOwned"));
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!((parts(&cloud), cloud.has_account(&cloud.users)), (0, true));
}
