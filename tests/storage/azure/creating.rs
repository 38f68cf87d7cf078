//! Accounts and containers are created with all their settings, looked at, and removed.

use super::cloud::{CLUSTER, CONTAINER, Cloud, OWNED, exists, told_key};
use super::state::REGION;
use serde_json::json;

#[tokio::test]
async fn account_and_container_are_created_with_all_their_settings() {
    let cloud = Cloud::start();
    let mut world = cloud.world(cloud.derived());
    world.settle_well().await;
    let account = &cloud.account;
    assert_eq!(cloud.of_account(account, "/sku/name"), "Standard_LRS");
    assert_eq!(cloud.of_account(account, "/kind"), "StorageV2");
    assert_eq!(cloud.of_account(account, "/location"), REGION);
    assert_eq!(cloud.of_account(account, "/tags"), json!({ OWNED: "owned", "team": "registry" }));
    assert_eq!(
        cloud.of_account(account, "/properties"),
        json!({ "supportsHttpsTrafficOnly": true, "minimumTlsVersion": "TLS1_2", "allowBlobPublicAccess": false,
            "provisioningState": "Succeeded" })
    );
    assert_eq!(cloud.blobs.containers(account), [CONTAINER]);
    assert_eq!(cloud.blobs.owner(account, CONTAINER), CLUSTER);
    assert_eq!(exists(&world), "True CreationSuccessful");
    assert_eq!(world.at("/spec/storage/managementState"), "Managed");
    assert_eq!(world.at("/status/storage/azure/accountName"), json!(account));
    assert_eq!(world.condition("StorageTagged").unwrap().0, "True");
    assert_eq!(told_key(&world), cloud.key(account));
}

#[tokio::test]
async fn every_call_is_needed() {
    let cloud = Cloud::start();
    let mut world = cloud.world(cloud.derived());
    world.settle_well().await;
    let look = ["POST login", "POST listKeys"];
    let create = [
        "POST login",
        "POST listKeys",
        "GET storageAccounts",
        "POST checkNameAvailability",
        "PUT storageAccounts",
        "GET operationResults",
        "GET operationResults",
        "GET storageAccounts",
        "POST listKeys",
        "PUT container",
        "GET container",
        "GET storageAccounts",
    ];
    assert_eq!(cloud.calls(), [&look[..], &create[..]].concat());

    world.look_again().await;
    assert_eq!(cloud.calls(), ["GET container"]);
    world.restart();
    world.settle_well().await;
    assert_eq!(cloud.calls(), ["POST login", "POST listKeys", "GET container", "GET storageAccounts"]);

    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    let remove = [
        "POST login",
        "POST listKeys",
        "GET container",
        "GET storageAccounts",
        "DELETE container",
        "GET containers",
        "DELETE storageAccounts",
    ];
    assert_eq!(cloud.calls(), remove);
    assert!(!cloud.has_account(&cloud.account));
    assert_eq!(exists(&world), "False ContainerDeleted");
}

#[tokio::test]
async fn tags_that_are_lost_come_back_and_those_of_others_stay() {
    let cloud = Cloud::start();
    let mut world = cloud.world(cloud.derived());
    world.settle_well().await;
    let path = cloud.state().account_path(&cloud.account);
    cloud.state().resource_mut(&path).unwrap()["tags"] = json!({ OWNED: "owned", "billing": "1", "team": "x" });
    world.restart();
    world.settle_well().await;
    let tags = json!({ OWNED: "owned", "billing": "1", "team": "registry" });
    assert_eq!(cloud.of_account(&cloud.account, "/tags"), tags);
    let calls = cloud.calls();
    assert_eq!(calls.iter().filter(|call| *call == "PATCH storageAccounts").count(), 1, "{calls:?}");
}

#[tokio::test]
async fn an_account_with_other_containers_in_it_is_left() {
    let cloud = Cloud::start();
    let mut world = cloud.world(cloud.derived());
    world.settle_well().await;
    cloud.blobs.upload(&cloud.account, CONTAINER, "layer");
    cloud.blobs.create(&cloud.account, "of-a-user", None);
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!(cloud.blobs.containers(&cloud.account), ["of-a-user"]);
    assert!(cloud.has_account(&cloud.account));
}

#[tokio::test]
async fn storage_is_made_anew_after_it_was_removed() {
    let cloud = Cloud::start();
    let mut world = cloud.world(cloud.derived());
    world.settle_well().await;
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    world.edit(json!({ "spec": { "managementState": "Managed" } }));
    world.settle_well().await;
    assert_eq!(cloud.blobs.containers(&cloud.account), [CONTAINER]);
    assert_eq!(cloud.state().created, 2);
}

#[tokio::test]
async fn the_region_of_the_resource_group_does_if_the_credentials_have_none() {
    let cloud = Cloud::start();
    let mut world = cloud.world(cloud.derived());
    let mut credentials = cloud.credentials();
    credentials["azure_client_secret"] = json!(super::state::CLIENT_SECRET);
    credentials["azure_region"] = json!("");
    world.secret("installer-cloud-credentials", credentials);
    world.settle_well().await;
    assert_eq!(cloud.of_account(&cloud.account, "/location"), REGION);
}
