//! Clouds other than the public one.

use super::cloud::{CONTAINER, Cloud, Hosts, exists, told_key};
use super::private::{internal, parts, with_network};
use super::state::CLIENT_SECRET;
use serde_json::json;

const GOVERNMENT: Hosts = Hosts {
    name: "AzureUSGovernmentCloud",
    manager: "management.usgovcloudapi.net",
    audience: "https://management.usgovcloudapi.net/",
    login: "login.microsoftonline.us",
    suffix: "core.usgovcloudapi.net",
};

const STACK: Hosts = Hosts {
    name: "AzureStackCloud",
    manager: "management.hub.example.com",
    audience: "https://management.adfs.hub.example.com/1234",
    login: "adfs.hub.example.com",
    suffix: "hub.example.com",
};

#[tokio::test]
async fn a_government_has_hosts_of_its_own() {
    let cloud = Cloud::at(&GOVERNMENT);
    with_network(&cloud);
    let mut world = cloud.world(internal());
    world.settle_well().await;
    assert_eq!(cloud.blobs.containers(&cloud.account), [CONTAINER]);
    {
        let state = cloud.state();
        let zone = state.path("Microsoft.Network/privateDnsZones/privatelink.blob.core.usgovcloudapi.net");
        let group = state.path(&format!(
            "Microsoft.Network/privateEndpoints/{}/privateDnsZoneGroups/privatelink-blob-core-usgovcloudapi-net",
            cloud.account
        ));
        assert!(state.resource(&zone).is_some() && state.resource(&group).is_some());
    }
    let hosts = cloud.internet.calls().into_iter().map(|call| call.host.clone());
    assert!(hosts.into_iter().all(|host| host.ends_with(".usgovcloudapi.net") || host == GOVERNMENT.login));
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!((parts(&cloud), cloud.has_account(&cloud.account)), (0, false));
}

#[tokio::test]
async fn an_azure_stack_hub_has_older_versions_and_fewer_settings() {
    let cloud = Cloud::at(&STACK);
    let mut credentials = cloud.credentials();
    credentials["azure_client_secret"] = json!(CLIENT_SECRET);
    credentials["azure_tenant_id"] = json!("adfs");
    let mut world = cloud.world_with(cloud.derived(), credentials);
    let hub = json!({ "name": "AzureStackCloud", "resourceManagerEndpoint": format!("https://{}/", STACK.manager),
        "activeDirectoryEndpoint": format!("https://{}/adfs", STACK.login), "tokenAudience": STACK.audience,
        "storageEndpointSuffix": STACK.suffix });
    world.config_map("openshift-config", "cloud-provider-config", json!({ "endpoints": hub.to_string() }));
    world.settle_well().await;
    assert_eq!(cloud.of_account(&cloud.account, "/kind"), "Storage");
    assert_eq!(cloud.blobs.containers(&cloud.account), [CONTAINER]);
    assert_eq!(exists(&world), "True CreationSuccessful");
    assert_eq!(told_key(&world), cloud.key(&cloud.account));

    cloud.blobs.create(&cloud.account, "of-a-user", None);
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!(cloud.blobs.containers(&cloud.account), ["of-a-user"]);
    cloud.blobs.remove_all(&cloud.account);
    world.edit(json!({ "spec": { "managementState": "Managed" } }));
    world.settle_well().await;
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert!(!cloud.has_account(&cloud.account));
}
