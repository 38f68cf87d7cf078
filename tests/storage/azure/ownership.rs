//! What is a user's or another cluster's is not touched.

use super::cloud::{CLUSTER, CONTAINER, Cloud, OWNED, exists, told_key};
use crate::support::internet::{Fault, Response};
use crate::world::World;
use serde_json::{Value, json};

fn named(cloud: &Cloud) -> Value {
    json!({ "azure": { "accountName": cloud.users, "container": "images" } })
}

async fn removed(world: &mut World) {
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle().await;
}

fn writes(cloud: &Cloud) -> Vec<String> {
    let calls = cloud.calls().into_iter();
    calls.filter(|call| !call.starts_with("GET") && !call.starts_with("POST")).collect()
}

#[tokio::test]
async fn a_user_s_account_and_container_are_used_as_they_are() {
    let cloud = Cloud::start();
    cloud.given_account(&cloud.users, json!({ "billing": "1" }));
    cloud.blobs.create(&cloud.users, "images", None);
    let mut world = cloud.world(named(&cloud));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");
    assert_eq!(exists(&world), "True ContainerExists");
    assert_eq!(told_key(&world), cloud.key(&cloud.users));
    removed(&mut world).await;
    assert_eq!(world.trouble, None);
    assert_eq!(writes(&cloud), [""; 0]);
    assert_eq!(cloud.blobs.containers(&cloud.users), ["images"]);
}

#[tokio::test]
async fn a_container_in_a_user_s_account_is_ours_and_the_account_stays_the_user_s() {
    let cloud = Cloud::start();
    cloud.given_account(&cloud.users, json!({ "billing": "1" }));
    cloud.blobs.create(&cloud.users, "of-a-user", None);
    let mut world = cloud.world(named(&cloud));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Managed");
    assert_eq!(cloud.blobs.owner(&cloud.users, "images"), CLUSTER);
    world.restart();
    world.settle_well().await;
    assert_eq!(cloud.of_account(&cloud.users, "/tags"), json!({ "billing": "1" }));
    removed(&mut world).await;
    assert_eq!((world.trouble.as_deref(), cloud.has_account(&cloud.users)), (None, true));
    assert_eq!(cloud.blobs.containers(&cloud.users), ["of-a-user"]);
    // Not even if nothing else is in it.
    cloud.blobs.remove_all(&cloud.users);
    world.edit(json!({ "spec": { "managementState": "Managed" } }));
    world.settle_well().await;
    removed(&mut world).await;
    assert_eq!((world.trouble.as_deref(), cloud.has_account(&cloud.users)), (None, true));
    assert_eq!(writes(&cloud), ["PUT container", "DELETE container", "PUT container", "DELETE container"]);
}

#[tokio::test]
async fn an_account_of_another_cluster_is_refused() {
    let cloud = Cloud::start();
    cloud.given_account(&cloud.users, json!({ "kubernetes.io_cluster.other-1": "owned" }));
    let mut world = cloud.world(named(&cloud));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("belongs to cluster other-1"), "{trouble}");
    assert_eq!(world.condition("StorageExists").unwrap().1, "StorageNotOwned");
    assert_eq!((writes(&cloud).len(), cloud.blobs.containers(&cloud.users).len()), (0, 0));
}

#[tokio::test]
async fn a_container_of_another_cluster_is_neither_managed_nor_removed() {
    let cloud = Cloud::start();
    cloud.given_account(&cloud.users, json!({}));
    cloud.blobs.create(&cloud.users, "images", Some("other-1"));
    let mut storage = named(&cloud);
    storage["managementState"] = json!("Managed");
    let mut world = cloud.world(storage);
    world.settle().await;
    assert!(world.trouble.as_deref().unwrap().contains("belongs to cluster other-1"), "{:?}", world.trouble);
    let status = world.at("/spec/storage");
    world.config()["status"] = json!({ "storage": status, "storageManaged": true });
    removed(&mut world).await;
    assert!(world.trouble.as_deref().unwrap().contains("belongs to cluster other-1"), "{:?}", world.trouble);
    assert_eq!(writes(&cloud), [""; 0]);
}

/// Tokens lead to it all the same; its key is not to be had.
#[tokio::test]
async fn an_account_in_another_resource_group_can_be_used_by_tokens() {
    let cloud = Cloud::start();
    cloud.given_elsewhere(&cloud.users);
    cloud.blobs.create(&cloud.users, "images", None);
    let mut world = cloud.world_by_token(named(&cloud));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");
    assert_eq!(exists(&world), "True ContainerExists");

    let mut world = cloud.world(named(&cloud));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("is taken by another subscription or resource group"), "{trouble}");
    assert_eq!(writes(&cloud), [""; 0]);
}

/// The first look was a moment too early.
#[tokio::test]
async fn a_container_that_somebody_else_creates_meanwhile_is_not_ours() {
    for owner in [Some("other-1"), None] {
        let cloud = Cloud::start();
        cloud.given_account(&cloud.users, json!({}));
        cloud.blobs.create(&cloud.users, "images", owner);
        let missing = Response::new(404).with_header("x-ms-error-code", "ContainerNotFound");
        cloud.internet.fault(Fault::answer(missing).host("*.blob.core.windows.net").first(2));
        let mut world = cloud.world(named(&cloud));
        world.settle().await;
        let trouble = world.trouble.clone().unwrap();
        let whose = owner.map_or("somebody else".to_owned(), |owner| format!("cluster {owner}"));
        assert!(trouble.contains(&format!("it was created by {whose} just now")), "{trouble}");
        world.restart();
        removed(&mut world).await;
        assert_eq!(cloud.blobs.containers(&cloud.users), ["images"]);
        assert_eq!(writes(&cloud), ["PUT container"]);
    }
}

/// The reference marks accounts by their tag, and containers not at all.
#[tokio::test]
async fn storage_of_the_reference_is_taken_over_and_removed() {
    // The installer's own account bears the same tag as those that were made for the registry, and stays.
    for is_for_registry in [true, false] {
        let cloud = Cloud::start();
        let account = if is_for_registry { &cloud.account } else { &cloud.users };
        cloud.given_account(account, json!({ OWNED: "owned" }));
        cloud.blobs.create(account, "images", None);
        let mut storage = named(&cloud);
        storage["managementState"] = json!("Managed");
        storage["azure"]["accountName"] = json!(account);
        let mut world = cloud.world(storage.clone());
        world.config()["status"] = json!({ "storage": storage, "storageManaged": true });
        world.settle_well().await;
        removed(&mut world).await;
        assert_eq!((world.trouble.as_deref(), cloud.has_account(account)), (None, !is_for_registry));
    }
}

#[tokio::test]
async fn the_tag_of_the_cluster_makes_a_container_ours_before_anything_is_decided() {
    let cloud = Cloud::start();
    cloud.given_account(&cloud.account, json!({ OWNED: "owned" }));
    cloud.blobs.create(&cloud.account, CONTAINER, None);
    let mut world = cloud.world(cloud.derived());
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Managed");
}
