//! The process ends between any two calls, and the next one ends with one account, one container, and nothing left.

use super::cloud::{CLUSTER, CONTAINER, Cloud, OWNED};
use super::private::{internal, parts, with_network};
use crate::support::internet::When;
use crate::world::World;
use serde_json::{Value, json};
use std::time::Duration;

/// Works until call `k`, and ends there as if killed; says whether there was such a call.
async fn killed(cloud: &Cloud, world: &mut World, k: usize, when: When) -> bool {
    cloud.internet.cut_at(k, when);
    let cut = async {
        while !cloud.internet.broke() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        () = cut => {}
        () = world.settle() => {}
    }
    world.restart();
    let broke = cloud.internet.broke();
    cloud.internet.mend();
    broke
}

async fn made(cloud: &Cloud, world: &mut World, k: usize) {
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Managed", "call {k}");
    assert_eq!(world.at("/status/storage/azure/accountName"), json!(cloud.account), "call {k}");
    assert_eq!(cloud.of_account(&cloud.account, "/tags"), json!({ OWNED: "owned", "team": "registry" }), "call {k}");
    assert_eq!(cloud.blobs.containers(&cloud.account), [CONTAINER], "call {k}");
    assert_eq!(cloud.blobs.owner(&cloud.account, CONTAINER), CLUSTER, "call {k}");
    assert_eq!(cloud.state().of_type("storageAccounts").len(), 1, "call {k}");
}

async fn removed(cloud: &Cloud, world: &mut World) {
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!((parts(cloud), cloud.has_account(&cloud.account)), (0, false));
}

/// Creation, killed at every call; at least so many there must be.
async fn creation(cloud: &Cloud, storage: &Value, when: When, least: usize) {
    for k in 1.. {
        let mut world = cloud.world(storage.clone());
        let broke = killed(cloud, &mut world, k, when).await;
        made(cloud, &mut world, k).await;
        removed(cloud, &mut world).await;
        if !broke {
            assert!(k > least, "there were {} calls only", k - 1);
            return;
        }
    }
}

async fn removal(cloud: &Cloud, storage: &Value, when: When, least: usize) {
    for k in 1.. {
        let mut world = cloud.world(storage.clone());
        made(cloud, &mut world, k).await;
        world.edit(json!({ "spec": { "managementState": "Removed" } }));
        let broke = killed(cloud, &mut world, k, when).await;
        removed(cloud, &mut world).await;
        if !broke {
            assert!(k > least, "there were {} calls only", k - 1);
            return;
        }
    }
}

#[tokio::test]
async fn a_creation_is_taken_up_wherever_it_ended() {
    let cloud = Cloud::start();
    creation(&cloud, &cloud.derived(), When::Before, 13).await;
    creation(&cloud, &cloud.derived(), When::After, 13).await;
}

#[tokio::test]
async fn a_removal_is_taken_up_wherever_it_ended() {
    let cloud = Cloud::start();
    removal(&cloud, &cloud.derived(), When::Before, 6).await;
    removal(&cloud, &cloud.derived(), When::After, 6).await;
}

#[tokio::test]
async fn a_private_endpoint_is_made_wherever_it_was_left() {
    let cloud = Cloud::start();
    with_network(&cloud);
    creation(&cloud, &internal(), When::After, 40).await;
}

#[tokio::test]
async fn a_private_endpoint_goes_wherever_its_removal_ended() {
    let cloud = Cloud::start();
    with_network(&cloud);
    removal(&cloud, &internal(), When::After, 15).await;
}
