//! Containers that are created, found, adopted, left alone and missed.

use super::{CLUSTER, Cloud, MARK, exists, name, pair};
use crate::support::servers::swift::REGION_TWO;
use serde_json::json;

#[tokio::test]
async fn a_missing_container_is_created_with_its_metadata_at_once() {
    let cloud = Cloud::new();
    let mut world = cloud.world(json!({}));
    world.settle_well().await;
    let name = name(&world);
    assert_eq!(exists(&world), pair("True", "CreationSuccessful"));
    assert_eq!(world.condition("StorageTagged").unwrap().0, "True");
    assert_eq!(world.at("/spec/storage/managementState"), "Managed");
    let container = cloud.container("HEAD", &name, &[]);
    assert_eq!((container.header(MARK), container.header("X-Container-Meta-Name")), (CLUSTER, name.as_str()));
    // It is decided whose the container will be, and then it is created.
    let (head, put) = (format!("HEAD /{name}"), format!("PUT /{name}"));
    assert_eq!(cloud.calls(), ["token", &head, "token", &head, &put, &head]);
    world.look_again().await;
    assert_eq!(cloud.calls(), [head]);
}

#[tokio::test]
async fn a_container_of_ours_is_adopted_and_completed() {
    let cloud = Cloud::new();
    cloud.container("PUT", "images", &[(MARK, CLUSTER), ("X-Container-Meta-Colour", "blue")]);
    let mut world = cloud.world(json!({ "container": "images" }));
    world.settle_well().await;
    assert_eq!(exists(&world), pair("True", "SwiftContainerExists"));
    assert_eq!(world.at("/spec/storage/managementState"), "Managed");
    let container = cloud.container("HEAD", "images", &[]);
    let metadata = [MARK, "X-Container-Meta-Name", "X-Container-Meta-Colour"].map(|name| container.header(name));
    assert_eq!(metadata, [CLUSTER, "images", "blue"]);
    world.restart();
    cloud.calls();
    world.settle_well().await;
    assert_eq!(cloud.calls(), ["token", "HEAD /images"]);
}

#[tokio::test]
async fn a_users_container_is_left_as_it_is() {
    let cloud = Cloud::new();
    cloud.container("PUT", "images", &[]);
    let mut world = cloud.world(json!({ "container": "images" }));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");
    assert_eq!(cloud.container("HEAD", "images", &[]).header(MARK), "");
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!(cloud.containers(), ["images"]);
    assert!(cloud.calls().iter().all(|call| call == "token" || call == "HEAD /images"));
}

#[tokio::test]
async fn another_clusters_container_is_used_but_not_taken_over() {
    let cloud = Cloud::new();
    cloud.container("PUT", "images", &[(MARK, "other-cluster")]);
    let mut world = cloud.world(json!({ "container": "images" }));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");

    world.edit(json!({ "spec": { "storage": { "managementState": "Managed" } } }));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("belongs to cluster other-cluster"), "{trouble}");
    let container = cloud.container("HEAD", "images", &[]);
    assert_eq!((container.header(MARK), container.header("X-Container-Meta-Name")), ("other-cluster", ""));
}

#[tokio::test]
async fn a_container_that_is_gone_is_not_replaced_by_an_empty_one() {
    let cloud = Cloud::new();
    let mut world = cloud.world(json!({}));
    world.settle_well().await;
    cloud.container("DELETE", &name(&world), &[]);
    world.look_again().await;
    assert_eq!(exists(&world), pair("False", "StorageGone"));
    assert_eq!(cloud.containers(), [""; 0]);
}

#[tokio::test]
async fn the_region_decides_over_the_place() {
    let cloud = Cloud::new();
    let mut world = cloud.world(json!({ "container": "images", "regionName": "RegionTwo" }));
    world.settle_well().await;
    assert_eq!(cloud.containers(), [""; 0]);
    let calls = cloud.internet.calls();
    let put = calls.iter().find(|call| call.method == "PUT").unwrap();
    assert_eq!(put.line(), format!("PUT {REGION_TWO}/v1/SECOND_{}/images", cloud.project.id));
}

#[tokio::test]
async fn a_region_without_swift_is_named_with_those_that_have_it() {
    let cloud = Cloud::new();
    let mut world = cloud.world(json!({ "container": "images", "regionName": "Atlantis" }));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("no Swift in region Atlantis, only in RegionOne, RegionTwo;"), "{trouble}");
    assert_eq!(exists(&world), pair("Unknown", "NoObjectStore"));
}

#[tokio::test]
async fn a_catalogue_without_swift_is_told() {
    let cloud = Cloud::new();
    cloud.swift.hide_swift(&cloud.project);
    let mut world = cloud.world(json!({}));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("no public endpoint of a service of type object-store;"), "{trouble}");
    assert_eq!(exists(&world), pair("Unknown", "NoObjectStore"));
}
