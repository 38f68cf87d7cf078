//! Labels, keys and tags.

use super::front::IMPERSONATE;
use super::{Google, is, name, status};
use crate::support::internet::Fault;
use serde_json::{Value, json};

const KEY: &str = "projects/demo-project/locations/us-central1/keyRings/r/cryptoKeys/k";

fn tags(values: &[&str]) -> (Value, Vec<String>) {
    let tag = |value: &&str| json!({ "parentID": "123456789012", "key": "env", "value": value });
    let names = values.iter().map(|value| format!("123456789012/env/{value}"));
    (values.iter().map(tag).collect(), names.collect())
}

#[tokio::test]
async fn a_key_is_set_at_creation_and_looked_up() {
    let google = Google::start();
    google.cloud.state().kms_keys.insert(KEY.to_owned());
    let mut world = google.world(json!({ "keyID": KEY }));
    world.settle_well().await;
    assert_eq!(google.cloud.bucket(&name(&world)).unwrap().kms_key.as_deref(), Some(KEY));
    assert_eq!(status(&world, "StorageEncrypted"), is("True", "EncryptionSuccessful"));
    let patches = google.asked().into_iter().filter(|call| call.starts_with("PATCH"));
    assert_eq!(patches.count(), 0, "what is right is not written");
}

#[tokio::test]
async fn without_the_right_to_the_key_nothing_is_created() {
    let google = Google::start();
    let mut world = google.world(json!({ "keyID": KEY }));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("roles/cloudkms.cryptoKeyEncrypterDecrypter"), "{trouble}");
    assert_eq!(google.cloud.bucket(&name(&world)), None);
    google.cloud.state().kms_keys.insert(KEY.to_owned());
    world.settle_well().await;
    assert_eq!(status(&world, "StorageEncrypted"), is("True", "EncryptionSuccessful"));
}

#[tokio::test]
async fn a_key_that_cannot_be_set_is_told_and_set_later() {
    let google = Google::start();
    let mut world = google.world(json!({}));
    world.settle_well().await;
    world.edit(json!({ "spec": { "storage": { "gcs": { "keyID": KEY } } } }));
    world.settle_well().await;
    assert_eq!(status(&world, "StorageEncrypted"), is("False", "Forbidden"));
    assert_eq!(status(&world, "StorageExists").unwrap().0, "True");
    google.cloud.state().kms_keys.insert(KEY.to_owned());
    google.asked();
    world.look_again().await;
    assert_eq!(status(&world, "StorageEncrypted"), is("True", "EncryptionSuccessful"));
    let path = format!("storage.googleapis.com/storage/v1/b/{}", name(&world));
    assert_eq!(google.asked(), [format!("GET {path}"), format!("PATCH {path}")]);
}

#[tokio::test]
async fn labels_that_were_taken_away_come_back_and_others_stay() {
    let google = Google::start();
    let mut world = google.world(json!({}));
    world.settle_well().await;
    let name = name(&world);
    {
        let mut state = google.cloud.state();
        let labels = &mut state.buckets.get_mut(&name).unwrap().labels;
        labels.remove("team");
        labels.insert("cost".to_owned(), "7".to_owned());
    }
    google.asked();
    world.restart();
    world.settle_well().await;
    let labels = google.cloud.bucket(&name).unwrap().labels;
    assert_eq!(labels.into_keys().collect::<Vec<_>>(), ["cost", "kubernetes-io-cluster-demo-x7k2p", "team"]);
    let calls = google.internet.calls();
    let patch = calls.iter().find(|call| call.method == "PATCH").unwrap();
    assert_eq!(patch.json(), json!({ "labels": { "team": "images" } }), "only what is missing is written");
}

#[tokio::test]
async fn labels_without_the_permission_are_told_with_its_name() {
    let google = Google::start();
    google.cloud.add_bucket("ours", "demo-project", &[("kubernetes-io-cluster-demo-x7k2p", "owned")], false);
    google.cloud.forbid("storage.buckets.update");
    let mut world = google.world(json!({ "bucket": "ours" }));
    world.settle_well().await;
    let (status, reason, message) = world.condition("StorageLabeled").unwrap();
    assert_eq!((status.as_str(), reason.as_str()), ("False", "Forbidden"));
    assert!(
        message.contains("give operator@demo-project.iam.gserviceaccount.com the permission storage.buckets.update")
    );
}

#[tokio::test]
async fn labels_that_google_does_not_take_are_told_and_keep_no_others_away() {
    let google = Google::start();
    let mut world = google.world(json!({}));
    let platform = &mut world.object("Infrastructure")["status"]["platformStatus"]["gcp"];
    platform["resourceLabels"] = json!([{ "key": "Team", "value": "a" }, { "key": "unit", "value": "b" }]);
    world.settle_well().await;
    let (status, reason, message) = world.condition("StorageLabeled").unwrap();
    assert_eq!((status.as_str(), reason.as_str()), ("False", "InvalidLabels"));
    assert!(message.contains("the labels Team"), "{message}");
    assert_eq!(google.cloud.bucket(&name(&world)).unwrap().labels.get("unit").map(String::as_str), Some("b"));
}

#[tokio::test]
async fn only_tags_that_are_not_in_effect_are_bound() {
    let google = Google::start();
    let (platform, names) = tags(&["a", "b", "c", "d", "e"]);
    {
        let mut state = google.cloud.state();
        state.tags.extend(names.iter().cloned());
        state.inherited.insert(names[4].clone());
        state.slow_binding = true;
    }
    let mut world = google.world_on(platform, json!({}));
    world.settle_well().await;
    assert_eq!(status(&world, "StorageTagged"), is("True", "SuccessTaggingBucket"));
    let bucket = google.cloud.bucket(&name(&world)).unwrap();
    assert_eq!(bucket.tags.into_iter().collect::<Vec<_>>(), names[..4]);
    google.asked();
    world.restart();
    world.settle_well().await;
    let calls = google.asked();
    let host = "us-central1-cloudresourcemanager.googleapis.com";
    let listed = calls.iter().filter(|call| **call == format!("GET {host}/v3/effectiveTags"));
    assert_eq!(listed.count(), 3, "five tags on pages of two");
    assert!(!calls.iter().any(|call| call.starts_with("POST") && call.contains(host)), "{calls:?}");
    assert!(!calls.iter().any(|call| call.contains(IMPERSONATE)));
}

#[tokio::test]
async fn tags_that_are_bound_already_or_do_not_exist() {
    let google = Google::start();
    let (platform, names) = tags(&["gone", "there"]);
    google.cloud.state().tags.insert(names[1].clone());
    // Bound by whoever lost the answer.
    google.internet.fault(Fault::lose_response().method("POST").path("/v3/tagBindings").nth(2));
    let mut world = google.world_on(platform, json!({}));
    world.settle_well().await;
    let (status_, reason, message) = world.condition("StorageTagged").unwrap();
    assert_eq!((status_.as_str(), reason.as_str()), ("False", "ErrorTaggingBucket"));
    assert!(message.contains(&names[0]) && message.contains("there is no such tag"), "{message}");
    assert_eq!(google.cloud.bucket(&name(&world)).unwrap().tags.into_iter().collect::<Vec<_>>(), names[1..]);
    // The registry works without them.
    assert_eq!(status(&world, "StorageExists").unwrap().0, "True");
    google.cloud.state().tags.insert(names[0].clone());
    world.look_again().await;
    assert_eq!(status(&world, "StorageTagged"), is("True", "SuccessTaggingBucket"));
}

#[tokio::test]
async fn a_place_without_tags_keeps_nothing_else_away() {
    let google = Google::start();
    let (platform, _) = tags(&["a"]);
    google.internet.fault(Fault::refuse().host("us-central1-cloudresourcemanager.googleapis.com"));
    let mut world = google.world_on(platform, json!({}));
    world.settle_well().await;
    assert_eq!(status(&world, "StorageTagged").unwrap().0, "False");
    assert_eq!(status(&world, "StorageLabeled").unwrap().0, "True");
}
