//! Azure Blob: the accounts are a stand-in's, the containers azurite's.

use super::{proxied, removed, runs};
use crate::azure::cloud::Cloud;
use crate::support::servers::Kind;
use crate::world::World;
use serde_json::json;

/// Azurite itself takes the registry's calls: it checks the key of the account, and blobs are no text.
fn past_the_front(cloud: &Cloud) {
    cloud.internet.forward("*.blob.core.windows.net", cloud.blobs.address());
}

fn images(cloud: &Cloud, account: &str, container: &str) -> usize {
    cloud.blobs.names(account, container).len()
}

fn proxied_world(cloud: &Cloud, mut world: World) -> World {
    proxied(&mut world, &cloud.internet);
    world
}

#[tokio::test]
async fn a_container_of_the_operator_holds_images_and_goes_with_the_registry() {
    let cloud = Cloud::start();
    let mut world = proxied_world(&cloud, cloud.world(cloud.derived()));
    world.settle_well().await;
    let container = world.at("/status/storage/azure/container").as_str().unwrap().to_owned();
    past_the_front(&cloud);
    runs(&world, Kind::Distribution);
    assert!(images(&cloud, &cloud.account, &container) > 0);
    removed(&mut world).await;
    assert!(!cloud.has_account(&cloud.account));
    assert_eq!(cloud.blobs.containers(&cloud.account), [""; 0]);
}

/// With nothing but the key of an account, the container is the user's.
#[tokio::test]
async fn a_container_of_the_user_holds_images_and_stays() {
    let cloud = Cloud::start();
    cloud.given_account(&cloud.users, json!({}));
    cloud.blobs.create(&cloud.users, "images", None);
    let mut world =
        proxied_world(&cloud, cloud.world(json!({ "azure": { "accountName": cloud.users, "container": "images" } })));
    let key = json!({ "REGISTRY_STORAGE_AZURE_ACCOUNTKEY": cloud.key(&cloud.users) });
    world.secret("image-registry-private-configuration-user", key);
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");
    past_the_front(&cloud);
    runs(&world, Kind::Distribution);
    removed(&mut world).await;
    assert!(images(&cloud, &cloud.users, "images") > 0 && cloud.has_account(&cloud.users));
}
