//! Accounts and containers are created with all settings, found again, and removed.

use super::cloud::{CLUSTER, CONTAINER, Cloud, OWNED};
use super::state::REGION;
use crate::world::World;
use serde_json::json;

fn exists(world: &World) -> (String, String) {
    let (status, reason, _) = world.condition("StorageExists").expect("no condition StorageExists");
    (status, reason)
}

fn pair(status: &str, reason: &str) -> (String, String) {
    (status.to_owned(), reason.to_owned())
}

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
    assert_eq!(exists(&world), pair("True", "CreationSuccessful"));
    assert_eq!(world.at("/spec/storage/managementState"), "Managed");
    assert_eq!(world.at("/status/storage/azure/accountName"), json!(account));
    assert_eq!(world.condition("StorageTagged").unwrap().0, "True");
    println!("{:#?}", cloud.calls());
}
