//! What goes wrong, and what is said of it.

use super::front::{Key, LOGIN, STORAGE, error};
use super::{Google, credentials, is, name, status};
use crate::support::internet::{Fault, Response, When};
use serde_json::json;

/// The sentence that comes of settling, without anything secret in it.
async fn trouble(google: &Google, gcs: serde_json::Value) -> String {
    let mut world = google.world(gcs);
    world.settle().await;
    let trouble = world.trouble.unwrap();
    assert!(!trouble.contains("PRIVATE") && !trouble.contains("ya29") && !trouble.contains("eyJ"), "{trouble}");
    trouble
}

#[tokio::test]
async fn a_key_of_nobody_is_told_from_an_account_of_nobody() {
    let google = Google::start();
    let mut world = google.world(json!({}));
    world.secret("installer-cloud-credentials", credentials(&Key::B.file()));
    world.settle().await;
    let said = world.trouble.clone().unwrap();
    assert!(said.contains("invalid_grant Invalid JWT Signature.; the key has been deleted"), "{said}");
    assert!(said.contains("service_account.json in Secret openshift-image-registry/installer-cloud-credentials"));
    assert_eq!(status(&world, "StorageExists"), is("Unknown", "InvalidGrant"));
    google.cloud.state().accounts.clear();
    assert!(trouble(&google, json!({})).await.contains("the service account is gone"));
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    for permission in ["storage.buckets.get", "storage.buckets.create"] {
        let google = Google::start();
        google.cloud.forbid(permission);
        let said = trouble(&google, json!({})).await;
        let account = "operator@demo-project.iam.gserviceaccount.com";
        let remedy = format!("give {account} the permission {permission} (role roles/storage.admin)");
        assert!(said.contains(&remedy), "{said}");
    }
}

#[tokio::test]
async fn a_project_or_a_place_that_does_not_exist_is_named() {
    let google = Google::start();
    let said = trouble(&google, json!({ "projectID": "nowhere" })).await;
    assert!(said.contains("Unknown project id: nowhere; check spec.storage.gcs"), "{said}");
    let said = trouble(&google, json!({ "region": "mars-north1" })).await;
    assert!(said.contains("location constraint is not valid.; check spec.storage.gcs"), "{said}");
}

#[tokio::test]
async fn a_key_file_of_another_type_is_refused_by_its_type() {
    let google = Google::start();
    let mut world = google.world(json!({}));
    let user = json!({ "type": "authorized_user", "client_secret": "s3cret", "refresh_token": "s3cret" });
    world.secret("installer-cloud-credentials", credentials(&user));
    world.settle().await;
    let said = world.trouble.clone().unwrap();
    assert!(said.contains("is of type \"authorized_user\"") && !said.contains("s3cret"), "{said}");
    assert_eq!(google.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn storms_pass() {
    let google = Google::start();
    let busy = error(429, "rateLimitExceeded", "The rate of requests is too high.");
    let unavailable = Response::text(503, "unavailable");
    google.internet.faults(vec![
        Fault::answer(busy).host(STORAGE).method("GET").first(2),
        Fault::answer(unavailable.clone()).host(LOGIN).first(2),
        Fault::answer(unavailable).method("POST").host(STORAGE).first(2),
    ]);
    let mut world = google.world(json!({}));
    world.settle_well().await;
    assert!(google.cloud.bucket(&name(&world)).is_some());
}

#[tokio::test]
async fn a_storm_that_does_not_pass_is_told() {
    let google = Google::start();
    google.internet.fault(Fault::answer(error(429, "rateLimitExceeded", "Slow down.")).host(STORAGE));
    let said = trouble(&google, json!({})).await;
    assert!(said.contains("429 rateLimitExceeded, Slow down.; it is asked again"), "{said}");
}

#[tokio::test]
async fn every_answer_may_get_lost_once() {
    let google = Google::start();
    // The token, a look, another token, a look, the creation, a look.
    for k in 1..=6 {
        google.internet.break_at(k, When::After);
        let mut world = google.world(json!({ "bucket": format!("bucket-{k}") }));
        world.settle_well().await;
        assert!(google.internet.broke(), "call {k}");
        assert_eq!(status(&world, "StorageLabeled"), is("True", "BucketLabeledSuccessfully"));
    }
    assert_eq!(google.cloud.state().buckets.len(), 6);
}

#[tokio::test]
async fn an_unknown_ca_is_not_trusted() {
    for (host, about) in [(LOGIN, "there is no token for"), (STORAGE, "storage.googleapis.com cannot be reached")] {
        let google = Google::start();
        google.internet.fault(Fault::unknown_ca().host(host));
        let said = trouble(&google, json!({})).await;
        assert!(said.contains(about) && said.contains("add its CA to the trusted CAs"), "{said}");
    }
}

#[tokio::test]
async fn half_an_answer_is_none() {
    let google = Google::start();
    let half = Response::new(200).with_header("content-type", "application/json").with_body("{\"name\": \"x\", \"lab");
    google.internet.fault(Fault::answer(half).host(STORAGE));
    let said = trouble(&google, json!({})).await;
    assert!(said.contains("the answer cannot be read"), "{said}");
}
