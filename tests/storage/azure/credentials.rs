//! Account keys of users, keys that the Resource Manager tells, and tokens.

use super::cloud::{CONTAINER, Cloud, exists, silent, told_key};
use super::state::CLIENT_SECRET;
use crate::world::World;
use cluster_image_registry_operator::execute::storage::azure_key_cache_requests;
use serde_json::json;

const KEY: &str = "REGISTRY_STORAGE_AZURE_ACCOUNTKEY";

/// With nothing but a key of the user's.
fn by_key(cloud: &Cloud, key: &str) -> World {
    let mut world = cloud.world(json!({ "azure": { "accountName": cloud.users, "container": "images" } }));
    world.secret("image-registry-private-configuration-user", json!({ KEY: key }));
    world
}

#[tokio::test]
async fn with_a_user_s_key_only_the_container_is_asked_about() {
    let cloud = Cloud::start();
    cloud.given_account(&cloud.users, json!({}));
    cloud.blobs.create(&cloud.users, "images", None);
    let mut world = by_key(&cloud, &cloud.key(&cloud.users));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");
    assert_eq!(exists(&world), "True ContainerExists");
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!(cloud.calls(), ["GET container"]);
    assert_eq!(cloud.blobs.containers(&cloud.users), ["images"]);
}

#[tokio::test]
async fn with_a_user_s_key_nothing_is_created() {
    let cloud = Cloud::start();
    cloud.given_account(&cloud.users, json!({}));
    let mut world = by_key(&cloud, &cloud.key(&cloud.users));
    for _ in 0..2 {
        world.settle().await;
        assert_eq!(exists(&world), "False StorageMissing");
        assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");
    }
    assert_eq!(cloud.calls(), ["GET container", "GET container"]);
    world.edit(json!({ "spec": { "storage": { "managementState": "Managed" } } }));
    world.settle().await;
    assert!(world.trouble.as_deref().unwrap().contains("the operator creates none"), "{:?}", world.trouble);
    assert_eq!(cloud.blobs.containers(&cloud.users), [""; 0]);
}

#[tokio::test]
async fn a_wrong_key_is_named_and_not_told() {
    let cloud = Cloud::start();
    cloud.given_account(&cloud.users, json!({}));
    cloud.blobs.create(&cloud.users, "images", None);
    let wrong = super::blobs::other_key("wrong", 1);
    let mut world = by_key(&cloud, &wrong);
    world.settle().await;
    assert_eq!(exists(&world), "Unknown AuthenticationFailed");
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("check the account key") && silent(&world, &[&wrong]), "{trouble}");

    let mut world = by_key(&cloud, "not base64!");
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("is not base64") && silent(&world, &["not base64!"]), "{trouble}");
}

#[tokio::test]
async fn with_workload_identity_there_are_tokens_and_no_keys() {
    let cloud = Cloud::start();
    let mut world = cloud.world_by_token(cloud.derived());
    world.settle_well().await;
    assert_eq!(cloud.of_account(&cloud.account, "/properties/allowSharedKeyAccess"), false);
    assert_eq!(cloud.blobs.containers(&cloud.account), [CONTAINER]);
    assert_eq!(told_key(&world), "");
    assert_eq!(world.condition("StorageSharedKeyDisabled").unwrap().0, "True");
    world.look_again().await;
    let calls = cloud.calls();
    assert_eq!(calls.last().unwrap(), "GET container");
    assert!(!calls.iter().any(|call| call.contains("listKeys")), "{calls:?}");

    let path = cloud.state().account_path(&cloud.account);
    cloud.state().resource_mut(&path).unwrap()["properties"]["allowSharedKeyAccess"] = json!(true);
    world.restart();
    world.settle_well().await;
    assert_eq!(cloud.of_account(&cloud.account, "/properties/allowSharedKeyAccess"), false);
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert!(!cloud.has_account(&cloud.account));
}

#[tokio::test]
async fn the_keys_of_a_user_s_account_stay_valid_with_workload_identity() {
    let cloud = Cloud::start();
    cloud.given_account(&cloud.users, json!({}));
    let mut world = cloud.world_by_token(json!({ "azure": { "accountName": cloud.users, "container": "images" } }));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Managed");
    assert_eq!(cloud.of_account(&cloud.users, "/properties/allowSharedKeyAccess"), json!(null));
    assert_eq!(world.condition("StorageSharedKeyDisabled"), None);
}

#[tokio::test]
async fn a_role_for_data_that_is_missing_is_named() {
    let cloud = Cloud::start();
    cloud.state().may_use_data = false;
    let mut world = cloud.world_by_token(cloud.derived());
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("the role Storage Blob Data Contributor"), "{trouble}");
    cloud.state().may_use_data = true;
    world.settle_well().await;
    assert_eq!((world.at("/spec/storage/managementState"), cloud.state().created), (json!("Managed"), 1));
}

#[tokio::test]
async fn a_key_that_was_rotated_is_asked_for_again_and_told() {
    let cloud = Cloud::start();
    let mut world = cloud.world(cloud.derived());
    world.settle_well().await;
    let before = azure_key_cache_requests();
    world.look_again().await;
    let after = azure_key_cache_requests();
    assert!(after.0 > before.0, "the key was at hand: {before:?} {after:?}");
    let new = super::blobs::other_key(&cloud.account, 1);
    cloud.state().keys.get_mut(&cloud.account).unwrap()[0] = new.clone();
    cloud.calls();
    world.look_again().await;
    assert_eq!(world.trouble, None);
    assert_eq!(told_key(&world), new);
    assert!(azure_key_cache_requests().1 > after.1);
    let calls = cloud.calls();
    assert_eq!(calls[..3], ["GET container", "POST listKeys", "GET container"]);
    world.look_again().await;
    assert_eq!(cloud.calls(), ["GET container"]);
}

/// The other key was rotated: the registry need not be restarted.
#[tokio::test]
async fn a_key_that_is_still_valid_stays_told() {
    let cloud = Cloud::start();
    let mut world = cloud.world(cloud.derived());
    world.settle_well().await;
    let key = cloud.key(&cloud.account);
    *cloud.state().keys.get_mut(&cloud.account).unwrap() = [super::blobs::other_key("new", 1), key.clone()];
    world.look_again().await;
    assert_eq!((world.trouble.as_deref(), told_key(&world)), (None, key));
}

#[tokio::test]
async fn a_wrong_client_secret_points_to_its_secret() {
    let cloud = Cloud::start();
    let mut credentials = cloud.credentials();
    credentials["azure_client_secret"] = json!("wrong-secret");
    let mut world = cloud.world_with(cloud.derived(), credentials);
    world.settle().await;
    assert_eq!(exists(&world), "Unknown TokenRefused");
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("AADSTS7000215") && trouble.contains("Secret installer-cloud-credentials"), "{trouble}");
    assert!(silent(&world, &["wrong-secret", CLIENT_SECRET]), "{trouble}");
}

#[tokio::test]
async fn credentials_that_lack_something_say_what() {
    let cloud = Cloud::start();
    let mut world = cloud.world_with(cloud.derived(), cloud.credentials());
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("neither azure_client_secret nor azure_federated_token_file"), "{trouble}");
    assert_eq!(cloud.calls(), [""; 0]);
}
