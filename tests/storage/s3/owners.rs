//! Whose a bucket is decides over what is done about it.

use super::{Amazon, OURS, condition, is, writes};
use cluster_image_registry_operator::execute::Done;
use serde_json::{Value, json};

fn tagged(key: &str) -> Value {
    json!({ "Tagging": { "TagSet": [{ "Key": key, "Value": "owned" }] } })
}

#[tokio::test]
async fn a_bucket_with_this_clusters_tag_is_taken_over() {
    let amazon = Amazon::start();
    amazon.ask("create_bucket", "images").unwrap();
    amazon.call("put_bucket_tagging", "images", tagged(OURS)).unwrap();
    let mut world = amazon.world(json!({ "s3": { "bucket": "images" } }));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Managed");
    assert_eq!(condition(&world, "StorageExists"), is("True", "S3BucketExists"));
    assert_eq!(condition(&world, "StoragePublicAccessBlocked"), is("True", "PublicAccessBlockSuccessful"));
    assert!(amazon.ask("get_public_access_block", "images").is_ok());
    assert!(matches!(world.done.last(), Some(Done::Configured(changed)) if changed.len() == 4), "{:?}", world.done);
}

#[tokio::test]
async fn a_users_bucket_is_used_and_not_touched() {
    let amazon = Amazon::start();
    amazon.ask("create_bucket", "theirs").unwrap();
    let mut world = amazon.world(json!({ "s3": { "bucket": "theirs" } }));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");
    let (status, reason, message) = world.condition("StorageExists").unwrap();
    assert_eq!((status.as_str(), reason.as_str()), ("True", "S3BucketExists"));
    assert_eq!(message, "User supplied S3 bucket theirs exists and is accessible");
    assert_eq!(world.condition("StorageTagged"), None);
    assert_eq!(writes(&amazon.calls()), 0);
    assert_eq!(amazon.ask("get_bucket_tagging", "theirs"), Err("NoSuchTagSet".to_owned()));
    world.look_again().await;
    assert_eq!(amazon.calls(), ["HEAD /"]);

    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!(writes(&amazon.calls()), 0);
    assert!(amazon.ask("head_bucket", "theirs").is_ok());
}

#[tokio::test]
async fn a_users_bucket_needs_no_right_to_see_its_tags() {
    let amazon = Amazon::start();
    amazon.ask("create_bucket", "theirs").unwrap();
    let user = amazon.moto.user("user", Some(json!({ "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*" })));
    let mut world = amazon.world_of(&user, json!({ "s3": { "bucket": "theirs" } }));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");
}

#[tokio::test]
async fn another_clusters_bucket_is_neither_settled_nor_removed() {
    let amazon = Amazon::start();
    amazon.ask("create_bucket", "others").unwrap();
    amazon.call("put_bucket_tagging", "others", tagged("kubernetes.io/cluster/other")).unwrap();
    let mut world = amazon.world(json!({ "managementState": "Managed", "s3": { "bucket": "others" } }));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("belongs to cluster other"), "{trouble}");
    assert_eq!(condition(&world, "StorageExists"), is("Unknown", "StorageNotOwned"));
    assert_eq!(writes(&amazon.calls()), 0);
    assert_eq!(amazon.tags("others"), json!({ "kubernetes.io/cluster/other": "owned" }));

    let mut world = amazon.world(json!({ "s3": { "bucket": "passed-on" } }));
    world.settle_well().await;
    amazon.call("put_bucket_tagging", "passed-on", tagged("kubernetes.io/cluster/other")).unwrap();
    amazon.internet.clear_calls();
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("is not removed: it belongs to cluster other"), "{trouble}");
    assert_eq!(writes(&amazon.calls()), 0);
    assert!(amazon.ask("head_bucket", "passed-on").is_ok());
}
