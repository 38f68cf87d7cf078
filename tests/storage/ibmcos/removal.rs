//! Removal of everything that the operator made, and of nothing else.

use super::{BUCKET, world};
use crate::ibm_cloud::{IbmCloud, NAME, PLATFORM, WRITER};
use crate::support::internet::{Fault, Response};
use crate::world::World;
use serde_json::{Value, json};

/// Objects, versions of objects, and an upload that was never completed.
fn fill(cloud: &IbmCloud) {
    let versioned = json!({ "Bucket": BUCKET, "VersioningConfiguration": { "Status": "Enabled" } });
    cloud.s3("put_bucket_versioning", versioned);
    for key in ["docker/a b&<c>", "docker/a b&<c>", "docker/ü+%2F"] {
        cloud.s3("put_object", json!({ "Bucket": BUCKET, "Key": key, "Body": "content" }));
    }
    cloud.s3("delete_object", json!({ "Bucket": BUCKET, "Key": "docker/ü+%2F" }));
    cloud.s3("create_multipart_upload", json!({ "Bucket": BUCKET, "Key": "docker/up load" }));
}

async fn created(cloud: &IbmCloud) -> World {
    let mut world = world(cloud, json!({ "bucket": BUCKET }));
    world.settle_well().await;
    world
}

async fn removed(world: &mut World) -> String {
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    let (status, reason, message) = world.condition("StorageExists").unwrap();
    assert_eq!((status.as_str(), reason.as_str()), ("False", "IBMCOSBucketDeleted"));
    message
}

#[tokio::test]
async fn bucket_key_and_instance_go() {
    let cloud = IbmCloud::start();
    let mut world = created(&cloud).await;
    fill(&cloud);
    let message = removed(&mut world).await;
    assert_eq!(message, format!("IBM COS bucket {BUCKET} has been removed"));
    let state = cloud.state();
    assert!(state.buckets.is_empty() && state.keys.is_empty() && state.live().is_empty());
    drop(state);
    let listed = cloud.s3("list_buckets", json!({}));
    assert_eq!(listed["Buckets"], json!([]));
}

#[tokio::test]
async fn what_others_use_is_left() {
    let cloud = IbmCloud::start();
    let mut world = created(&cloud).await;
    let instance = cloud.state().live().remove(0);
    cloud.bucket("another", &instance, "us-south-smart");
    let message = removed(&mut world).await;
    assert!(message.ends_with("is left with its resource keys: it holds 1 more buckets"), "{message}");
    assert_eq!(cloud.live_counts(), (1, 1));
    assert_eq!(cloud.state().buckets.len(), 1);
}

#[tokio::test]
async fn an_instance_with_keys_of_others_is_left() {
    let cloud = IbmCloud::start();
    let mut world = created(&cloud).await;
    let instance = cloud.state().live().remove(0);
    cloud.state().key("another", &instance, WRITER, true);
    let message = removed(&mut world).await;
    assert!(message.ends_with("it has resource keys that are not the operator's"), "{message}");
    assert_eq!(cloud.live_counts(), (1, 2));
}

#[tokio::test]
async fn an_instance_that_the_user_named_is_left_whatever_its_name_is() {
    let cloud = IbmCloud::start();
    let instance = cloud.state().instance(NAME, "g-demo", "active");
    let mut world = world(&cloud, json!({ "bucket": BUCKET, "serviceInstanceCRN": instance }));
    world.settle_well().await;
    let message = removed(&mut world).await;
    assert!(message.contains("it is not one that the operator created"), "{message}");
    assert_eq!(cloud.state().live().len(), 1);
}

#[tokio::test]
async fn what_may_not_be_deleted_is_left_and_told() {
    let cloud = IbmCloud::start();
    let mut world = created(&cloud).await;
    cloud.internet.fault(Fault::answer(Response::new(403)).method("DELETE").host(PLATFORM));
    let message = removed(&mut world).await;
    assert!(message.contains("the resource key cannot be deleted"), "{message}");
    assert!(message.contains("the role Editor for Cloud Object Storage"), "{message}");
    assert!(cloud.state().buckets.is_empty());
}

#[tokio::test]
async fn a_deletion_whose_answer_is_lost_is_done() {
    let cloud = IbmCloud::start();
    let mut world = created(&cloud).await;
    cloud.internet.fault(Fault::lose_response().method("DELETE").path("/v2/resource_instances/").nth(1));
    cloud.internet.fault(Fault::lose_response().method("DELETE").path("/v2/resource_keys/").nth(1));
    cloud.internet.fault(Fault::lose_response().method("DELETE").path(&format!("/{BUCKET}")).nth(1));
    let message = removed(&mut world).await;
    assert_eq!(message, format!("IBM COS bucket {BUCKET} has been removed"));
    assert!(cloud.state().live().is_empty());
}

#[tokio::test]
async fn objects_that_may_not_be_deleted_are_told() {
    let cloud = IbmCloud::start();
    let mut world = created(&cloud).await;
    fill(&cloud);
    let error = "<DeleteResult><Error><Key>k</Key><Code>AccessDenied</Code><Message>The object is protected.</Message>\
                 </Error></DeleteResult>";
    cloud.internet.fault(Fault::answer(Response::xml(200, error)).method("POST").path("?delete"));
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    let said = super::failing(&mut world).await;
    assert!(said.contains("its content cannot be deleted") && said.contains("The object is protected"), "{said}");
    assert!(cloud.state().buckets.contains_key(BUCKET));
    cloud.internet.clear_faults();
    world.settle_well().await;
    assert_eq!(world.at("/status/storage/ibmcos"), Value::Null);
}
