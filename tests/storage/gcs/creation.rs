//! Buckets that are created, found and taken over.

use super::{Google, is, line, name, status};
use crate::support::internet::{Fault, Response};
use crate::world::World;
use serde_json::json;

const MARK: (&str, &str) = ("kubernetes-io-cluster-demo-x7k2p", "owned");

fn management_state(world: &World) -> String {
    world.at("/spec/storage/managementState").as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_bucket_is_created_with_the_platforms_labels_and_asks_no_more_than_it_has_to() {
    let google = Google::start();
    let mut world = google.world(json!({}));
    world.settle_well().await;
    let name = name(&world);
    let bucket = google.cloud.bucket(&name).unwrap();
    assert_eq!((bucket.project.as_str(), bucket.location.as_str()), ("demo-project", "US-CENTRAL1"));
    let labels = [MARK, ("team", "images")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!((bucket.labels, bucket.kms_key), (labels.into(), None));
    assert_eq!(status(&world, "StorageExists"), is("True", "CreationSuccessful"));
    assert_eq!(status(&world, "StorageLabeled"), is("True", "BucketLabeledSuccessfully"));
    // Neither was asked for.
    assert_eq!((status(&world, "StorageTagged"), status(&world, "StorageEncrypted")), (None, None));
    assert_eq!(management_state(&world), "Managed");

    let get = format!("GET storage.googleapis.com/storage/v1/b/{name}");
    let mut calls = google.asked();
    // One action only looks; another one, with a driver and a token of its own, creates.
    calls.dedup();
    let token = "POST oauth2.googleapis.com/token".to_owned();
    let create = "POST storage.googleapis.com/storage/v1/b".to_owned();
    assert_eq!(calls, [&token, &get, &token, &get, &create, &get].map(Clone::clone));

    world.look_again().await;
    assert_eq!(google.asked(), [get], "a look is one call");
}

#[tokio::test]
async fn a_bucket_with_this_clusters_mark_is_taken_over() {
    let google = Google::start();
    google.cloud.add_bucket("ours", "demo-project", &[MARK, ("cost", "7")], false);
    let mut world = google.world(json!({ "bucket": "ours" }));
    world.settle_well().await;
    assert_eq!(management_state(&world), "Managed");
    let labels = google.cloud.bucket("ours").unwrap().labels;
    assert_eq!(labels.get("team").map(String::as_str), Some("images"), "what is missing is completed");
    assert_eq!(labels.get("cost").map(String::as_str), Some("7"), "what others set stays");
}

#[tokio::test]
async fn a_users_bucket_stays_the_users() {
    let google = Google::start();
    google.cloud.add_bucket("theirs", "demo-project", &[("team", "other")], false);
    google.cloud.upload("theirs", "file");
    let before = google.cloud.bucket("theirs");
    let mut world = google.world(json!({ "bucket": "theirs", "keyID": "projects/p/k" }));
    world.settle_well().await;
    assert_eq!(management_state(&world), "Unmanaged");
    assert_eq!(status(&world, "StorageExists"), is("True", "GCSBucketExists"));
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!(google.cloud.bucket("theirs"), before);
    let written = google.asked().into_iter().filter(|call| call.contains("storage.") && !call.starts_with("GET"));
    assert_eq!(written.count(), 0);
}

#[tokio::test]
async fn another_clusters_bucket_is_refused() {
    let google = Google::start();
    google.cloud.add_bucket("taken", "demo-project", &[("kubernetes-io-cluster-prod-1", "owned")], false);
    let mut world = google.world(json!({ "bucket": "taken" }));
    world.edit(json!({ "spec": { "storage": { "managementState": "Managed" } } }));
    let before = google.cloud.bucket("taken");
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("belongs to cluster prod-1"), "{trouble}");
    assert_eq!(google.cloud.bucket("taken"), before);
}

#[tokio::test]
async fn a_name_of_another_project_is_taken() {
    let google = Google::start();
    google.cloud.add_bucket("global", "elsewhere", &[], false);
    let mut world = google.world(json!({ "bucket": "global" }));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("403 forbidden") && trouble.contains("set another name in spec.storage.gcs.bucket"));
    assert_eq!(status(&world, "StorageExists"), is("Unknown", "Forbidden"));

    // Google does not say of every name that it is somebody's before it is asked for.
    let missing = super::front::error(404, "notFound", "The specified bucket does not exist.");
    google.internet.fault(Fault::answer(missing).method("GET").path("/b/global").first(2));
    world.restart();
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("is taken by another project"), "{trouble}");
    assert_eq!(status(&world, "StorageExists").unwrap().1, "NameTaken");

    // Without an answer nobody knows whose it is.
    google.internet.clear_faults();
    let missing = super::front::error(404, "notFound", "The specified bucket does not exist.");
    google.internet.faults(vec![
        Fault::answer(missing).method("GET").path("/b/global").first(1),
        Fault::refuse().method("GET").path("/b/global").range(2..=usize::MAX),
    ]);
    world.restart();
    world.settle().await;
    assert_eq!(status(&world, "StorageExists").unwrap().1, "ServiceUnreachable");
}

#[tokio::test]
async fn one_that_appears_while_it_is_created_is_ours_only_with_our_mark() {
    let google = Google::start();
    let mut world = google.world(json!({ "bucket": "race" }));
    google.cloud.add_bucket("race", "demo-project", &[("team", "other")], false);
    let missing = super::front::error(404, "notFound", "The specified bucket does not exist.");
    google.internet.fault(Fault::answer(missing).method("GET").path("/b/race").first(2));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("somebody else has just created it"), "{trouble}");
    assert_eq!(google.cloud.bucket("race").unwrap().labels.len(), 1);
}

#[tokio::test]
async fn what_is_created_may_show_up_late() {
    let google = Google::start();
    let missing = super::front::error(404, "notFound", "The specified bucket does not exist.");
    // Two looks before it is created, and one after it.
    google.internet.fault(Fault::answer(missing).method("GET").path("/storage/v1/b/").first(3));
    let mut world = google.world(json!({}));
    world.settle_well().await;
    assert_eq!(status(&world, "StorageExists"), is("True", "CreationSuccessful"));
    let created = google.internet.calls().iter().filter(|call| line(call).ends_with("/v1/b")).count();
    assert_eq!(created, 1);
}

#[tokio::test]
async fn only_google_says_that_a_bucket_is_missing() {
    let google = Google::start();
    let page = Response::text(404, "<html>404 page of a proxy</html>");
    google.internet.fault(Fault::answer(page).host("storage.googleapis.com"));
    let mut world = google.world(json!({}));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("no answer of Google's"), "{trouble}");
    assert!(!google.asked().iter().any(|call| call.ends_with("/storage/v1/b")));
}
