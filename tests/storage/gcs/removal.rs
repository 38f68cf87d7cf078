//! Removal of buckets.

use super::front::error;
use super::{Google, is, name, status};
use crate::support::internet::Fault;
use crate::world::World;
use serde_json::json;

const MARK: (&str, &str) = ("kubernetes-io-cluster-demo-x7k2p", "owned");

async fn created(google: &Google) -> (World, String) {
    let mut world = google.world(json!({}));
    world.settle_well().await;
    let name = name(&world);
    (world, name)
}

fn remove(world: &mut World) {
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
}

#[tokio::test]
async fn several_hundred_objects_go_with_all_their_versions() {
    let google = Google::start();
    google.cloud.add_bucket("ours", "demo-project", &[MARK], true);
    let mut world = google.world(json!({ "bucket": "ours" }));
    world.settle_well().await;
    for n in 0..420 {
        google.cloud.upload("ours", &format!("docker/registry/v2/ü {}?/{n}", n % 7));
    }
    for n in 0..30 {
        google.cloud.upload("ours", &format!("docker/registry/v2/ü {}?/{n}", n % 7));
    }
    google.asked();
    remove(&mut world);
    world.settle_well().await;
    assert_eq!(google.cloud.bucket("ours"), None);
    assert_eq!(status(&world, "StorageExists"), is("False", "GCSBucketDeleted"));
    let calls = google.asked();
    let deletions = calls.iter().filter(|call| call.starts_with("DELETE") && call.contains("/o/"));
    assert_eq!(deletions.count(), 450, "each version once");
    let listings = calls.iter().filter(|call| call.starts_with("GET") && call.ends_with("/o"));
    assert_eq!(listings.count(), 4);
}

#[tokio::test]
async fn one_that_is_gone_is_removed() {
    let google = Google::start();
    let (mut world, name) = created(&google).await;
    google.cloud.delete(&name);
    remove(&mut world);
    world.settle_well().await;
    assert_eq!(status(&world, "StorageExists"), is("False", "GCSBucketDeleted"));
}

#[tokio::test]
async fn objects_that_are_held_are_told_and_go_when_they_may() {
    let google = Google::start();
    let (mut world, name) = created(&google).await;
    google.cloud.upload(&name, "held");
    google.cloud.upload(&name, "free");
    let held = error(403, "retentionPolicyNotMet", "Object 'held' is subject to bucket's retention policy.");
    google.internet.fault(Fault::answer(held).method("DELETE").path("/o/held"));
    remove(&mut world);
    world.settle().await;
    let said = world.trouble.clone().unwrap();
    assert!(said.contains("lift the bucket's retention policy"), "{said}");
    google.internet.clear_faults();
    world.settle_well().await;
    assert_eq!(google.cloud.bucket(&name), None);
}

#[tokio::test]
async fn a_bucket_that_only_says_that_it_is_not_empty_is_told() {
    let google = Google::start();
    let (mut world, name) = created(&google).await;
    let conflict = error(409, "conflict", "The bucket you tried to delete is not empty.");
    google.internet.fault(Fault::answer(conflict).method("DELETE"));
    remove(&mut world);
    world.settle().await;
    let said = world.trouble.clone().unwrap();
    assert!(said.contains("managed folders"), "{said}");
    google.internet.clear_faults();
    world.settle_well().await;
    assert_eq!(google.cloud.bucket(&name), None);
}

#[tokio::test]
async fn without_our_mark_nothing_is_removed() {
    let google = Google::start();
    let (mut world, name) = created(&google).await;
    google.cloud.upload(&name, "file");
    google.cloud.state().buckets.get_mut(&name).unwrap().labels.clear();
    google.asked();
    remove(&mut world);
    world.settle().await;
    let said = world.trouble.clone().unwrap();
    assert!(said.contains("does not bear this cluster's mark"), "{said}");
    assert!(!google.asked().iter().any(|call| call.starts_with("DELETE")));
}
