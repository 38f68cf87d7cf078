//! Buckets are emptied and removed.

use super::{Amazon, BUCKET, condition, is};
use crate::support::internet::{Fault, Response};
use crate::support::servers::Keys;
use crate::world::World;
use serde_json::{Value, json};

/// A removal in which nothing is left.
async fn remove(world: &mut World) {
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!(condition(world, "StorageExists"), is("False", "S3BucketDeleted"));
}

fn puts(amazon: &Amazon, keys: impl Iterator<Item = String>) {
    let put = |key| ("s3", "put_object", json!({ "Bucket": BUCKET, "Key": key, "Body": "x" }));
    let calls: Vec<(&str, &str, Value)> = keys.map(put).collect();
    for answer in amazon.moto.aws(&amazon.moto.keys).calls(&calls) {
        answer.unwrap();
    }
}

#[tokio::test]
async fn versions_markers_and_unfinished_uploads_go_with_the_bucket() {
    let amazon = Amazon::start();
    let mut world = amazon.world(json!({ "s3": {} }));
    world.settle_well().await;
    let versioned = json!({ "VersioningConfiguration": { "Status": "Enabled" } });
    amazon.call("put_bucket_versioning", BUCKET, versioned).unwrap();
    let twice = (0..530).flat_map(|n| [n, n]).map(|n| format!("docker/registry/v2/{n}"));
    puts(&amazon, twice.chain([" a b&<c>+%2F".to_owned(), "ü/€".to_owned(), "/leading//double".to_owned()]));
    for key in ["docker/registry/v2/7", " a b&<c>+%2F"] {
        amazon.call("delete_object", BUCKET, json!({ "Key": key })).unwrap();
    }
    for key in ["docker/upload", "up load/+&ü", "docker/upload"] {
        amazon.call("create_multipart_upload", BUCKET, json!({ "Key": key })).unwrap();
    }
    amazon.internet.clear_calls();
    remove(&mut world).await;
    assert_eq!(amazon.ask("head_bucket", BUCKET), Err("404".to_owned()));
    let calls = amazon.calls();
    let deletions = calls.iter().filter(|call| *call == "POST /?delete=").count();
    assert!((2..=4).contains(&deletions), "{calls:#?}");
    assert_eq!(calls.iter().filter(|call| call.contains("?uploadId=")).count(), 3);
    assert_eq!(calls.last().unwrap(), "DELETE /");
}

#[tokio::test]
async fn a_bucket_that_is_gone_is_removed() {
    let amazon = Amazon::start();
    let mut world = amazon.world(json!({ "s3": {} }));
    world.settle_well().await;
    amazon.ask("delete_bucket", BUCKET).unwrap();
    amazon.internet.clear_calls();
    remove(&mut world).await;
    assert_eq!(amazon.calls()[0], "HEAD /");
}

/// The permissions of minted credentials (the operator's CredentialsRequest).
fn minted(amazon: &Amazon) -> Keys {
    let actions = [
        "CreateBucket",
        "DeleteBucket",
        "PutBucketTagging",
        "GetBucketTagging",
        "PutBucketPublicAccessBlock",
        "GetBucketPublicAccessBlock",
        "PutEncryptionConfiguration",
        "GetEncryptionConfiguration",
        "PutLifecycleConfiguration",
        "GetLifecycleConfiguration",
        "GetBucketLocation",
        "ListBucket",
        "GetObject",
        "PutObject",
        "DeleteObject",
        "ListBucketMultipartUploads",
        "AbortMultipartUpload",
        "ListMultipartUploadParts",
    ];
    let actions: Vec<String> = actions.iter().map(|action| format!("s3:{action}")).collect();
    amazon.moto.user("minted", Some(json!({ "Effect": "Allow", "Action": actions, "Resource": "*" })))
}

#[tokio::test]
async fn minted_credentials_are_enough() {
    let amazon = Amazon::start();
    let mut world = amazon.world_of(&minted(&amazon), json!({ "s3": {} }));
    world.settle_well().await;
    assert_eq!(super::facts(&world).map(|(status, _)| status), ["True"; 4].map(str::to_owned));
    puts(&amazon, (0..3).map(|n| format!("docker/{n}")));
    remove(&mut world).await;
    assert_eq!(amazon.ask("head_bucket", BUCKET), Err("404".to_owned()));
}

#[tokio::test]
async fn versions_that_must_not_be_listed_are_a_permission_that_is_missing() {
    let amazon = Amazon::start();
    let mut world = amazon.world_of(&minted(&amazon), json!({ "s3": {} }));
    world.settle_well().await;
    let versioned = json!({ "VersioningConfiguration": { "Status": "Enabled" } });
    amazon.call("put_bucket_versioning", BUCKET, versioned).unwrap();
    puts(&amazon, ["a".to_owned()].into_iter());
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("s3:ListBucketVersions"), "{trouble}");
    assert!(amazon.ask("head_bucket", BUCKET).is_ok());
}

#[tokio::test]
async fn objects_that_cannot_be_deleted_are_named() {
    let amazon = Amazon::start();
    let mut world = amazon.world(json!({ "s3": {} }));
    world.settle_well().await;
    puts(&amazon, (0..5).map(|n| format!("locked/{n}")));
    let errors: String = (0..5)
        .map(|n| format!("<Error><Key>locked/{n}</Key><Code>AccessDenied</Code><Message>lock</Message></Error>"))
        .collect();
    let answer = Response::xml(200, &format!("<DeleteResult>{errors}</DeleteResult>"));
    amazon.internet.fault(Fault::answer(answer).method("POST").path("delete"));
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("5 of its objects cannot be deleted: locked/0 (AccessDenied), locked/1"), "{trouble}");
    assert!(trouble.contains("locked/2 (") && !trouble.contains("locked/3"), "{trouble}");
    amazon.internet.clear_faults();
    world.settle_well().await;
    assert_eq!(amazon.ask("head_bucket", BUCKET), Err("404".to_owned()));
}
