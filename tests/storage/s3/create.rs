//! Buckets are created with every setting, and drift of the settings is repaired.

use super::{Amazon, BUCKET, OURS, REGION, condition, facts, is, platform, writes};
use crate::world::World;
use cluster_image_registry_operator::execute::Done;
use serde_json::{Value, json};

/// What the server says of a bucket's settings: public access, encryption, lifecycle.
fn settings(amazon: &Amazon, bucket: &str) -> [Value; 3] {
    let block = amazon.ask("get_public_access_block", bucket).unwrap();
    let encryption = amazon.ask("get_bucket_encryption", bucket).unwrap();
    let lifecycle = amazon.ask("get_bucket_lifecycle_configuration", bucket).unwrap();
    let rule = encryption["ServerSideEncryptionConfiguration"]["Rules"].clone();
    [block["PublicAccessBlockConfiguration"].clone(), rule, lifecycle["Rules"].clone()]
}

fn blocked() -> Value {
    json!({ "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true,
        "RestrictPublicBuckets": true })
}

fn cleanup() -> Value {
    json!({ "ID": "cleanup-incomplete-multipart-registry-uploads", "Status": "Enabled", "Filter": { "Prefix": "" },
        "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 1 } })
}

#[tokio::test]
async fn a_bucket_is_created_with_every_setting() {
    let amazon = Amazon::start();
    let mut world = amazon.world(json!({ "s3": {} }));
    world.settle_well().await;
    assert_eq!(world.done, [Done::Created]);
    assert_eq!(
        amazon.calls(),
        [
            // Whose it would be is written into Config first.
            "HEAD /",
            "HEAD /",
            "PUT /",
            "HEAD /",
            "GET /?publicAccessBlock=",
            "PUT /?publicAccessBlock=",
            "GET /?tagging=",
            "PUT /?tagging=",
            "GET /?encryption=",
            "PUT /?encryption=",
            "GET /?lifecycle=",
            "PUT /?lifecycle=",
        ]
    );
    let by_default = json!([{ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" },
        "BucketKeyEnabled": true }]);
    assert_eq!(settings(&amazon, BUCKET), [blocked(), by_default, json!([cleanup()])]);
    assert_eq!(amazon.tags(BUCKET), json!({ OURS: "owned", "Name": "demo-x7k2p-image-registry" }));
    assert_eq!(condition(&world, "StorageExists"), is("True", "CreationSuccessful"));
    assert_eq!(
        facts(&world),
        [
            is("True", "PublicAccessBlockSuccessful"),
            is("True", "TaggingSuccessful"),
            is("True", "EncryptionSuccessful"),
            is("True", "EnableCleanupSuccessful"),
        ]
    );
    assert_eq!(world.at("/spec/storage/s3/encrypt"), true);
    assert_eq!(world.at("/spec/storage/managementState"), "Managed");
}

#[tokio::test]
async fn an_unchanged_bucket_costs_one_request_a_look() {
    let amazon = Amazon::start();
    let mut world = amazon.world(json!({ "s3": {} }));
    world.settle_well().await;
    for _ in 0..3 {
        amazon.internet.clear_calls();
        world.look_again().await;
        assert_eq!(amazon.calls(), ["HEAD /"]);
    }
    world.restart();
    world.settle_well().await;
    let calls = amazon.calls();
    assert_eq!((calls.len(), writes(&calls)), (6, 0), "{calls:?}");
    assert_eq!(condition(&world, "StorageExists"), is("True", "S3BucketExists"));
    assert_eq!(world.at("/spec/storage/s3/encrypt"), true);
}

#[tokio::test]
async fn a_bucket_is_created_where_the_user_wants_it_and_encrypted_with_the_users_key() {
    let amazon = Amazon::start();
    let key = "arn:aws:kms:eu-central-1:123456789012:key/images";
    let mut world = amazon.world(json!({ "s3": { "region": "eu-central-1", "keyID": key, "bucket": "my.images" } }));
    world.settle_well().await;
    let host = "s3.eu-central-1.amazonaws.com";
    assert!(amazon.internet.calls().iter().all(|call| call.host == host && call.path == "/my.images"));
    let location = amazon.ask("get_bucket_location", "my.images").unwrap();
    assert_eq!(location["LocationConstraint"], "eu-central-1");
    let by_key = json!([{ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key },
        "BucketKeyEnabled": true }]);
    assert_eq!(settings(&amazon, "my.images")[1], by_key);
    let (_, _, message) = world.condition("StorageEncrypted").unwrap();
    assert_eq!(message, "Default aws:kms encryption was successfully enabled on the S3 bucket");

    amazon.internet.clear_calls();
    world.edit(json!({ "spec": { "storage": { "s3": { "keyID": null } } } }));
    world.settle_well().await;
    assert_eq!(settings(&amazon, "my.images")[1][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256");
    assert_eq!(world.done.last(), Some(&Done::Configured(vec!["encryption".to_owned()])));
}

#[tokio::test]
async fn drift_is_repaired_and_what_others_set_stays() {
    let amazon = Amazon::start();
    let mut world = amazon.world(json!({ "s3": {} }));
    world.settle_well().await;
    let theirs = json!({ "ID": "theirs", "Status": "Enabled", "Filter": { "Prefix": "logs/" },
        "Expiration": { "Days": 30 } });
    let broken = json!({ "ID": "cleanup-incomplete-multipart-registry-uploads", "Status": "Disabled",
        "Filter": { "Prefix": "" }, "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 } });
    let tags = json!([{ "Key": "cost & centre", "Value": "<42>" }, { "Key": "Name", "Value": "wrong" },
        { "Key": OURS, "Value": "owned" }]);
    amazon.call("put_bucket_tagging", BUCKET, json!({ "Tagging": { "TagSet": tags } })).unwrap();
    let rules = json!({ "LifecycleConfiguration": { "Rules": [theirs, broken] } });
    amazon.call("put_bucket_lifecycle_configuration", BUCKET, rules).unwrap();
    amazon.ask("delete_public_access_block", BUCKET).unwrap();

    amazon.internet.clear_calls();
    *world.object("Infrastructure").pointer_mut("/status/platformStatus").unwrap() =
        platform(json!([{ "key": "team", "value": "images" }, { "key": "kubernetes.io/x", "value": "no" },
            { "key": "Name", "value": "no" }]));
    world.settle_well().await;
    assert_eq!(writes(&amazon.calls()), 3);
    assert_eq!(
        world.done.last(),
        Some(&Done::Configured(["public access block", "tags", "lifecycle"].map(str::to_owned).to_vec()))
    );
    assert_eq!(
        amazon.tags(BUCKET),
        json!({ "cost & centre": "<42>", "Name": "demo-x7k2p-image-registry", OURS: "owned", "team": "images" })
    );
    let [block, _, rules] = settings(&amazon, BUCKET);
    assert_eq!((block, rules), (blocked(), json!([theirs, cleanup()])));
    let notes = world.plan().assumptions;
    assert!(notes.iter().any(|note| note.contains("\"kubernetes.io/x\"")), "{notes:?}");
}

#[tokio::test]
async fn a_bucket_with_too_many_tags_says_so_once() {
    let amazon = Amazon::start();
    let tags: Vec<Value> = (0..50).map(|n| json!({ "Key": format!("theirs-{n}"), "Value": "" })).collect();
    amazon.ask("create_bucket", "full").unwrap();
    amazon.call("put_bucket_tagging", "full", json!({ "Tagging": { "TagSet": tags } })).unwrap();
    let mut world = amazon.world(json!({ "managementState": "Managed", "s3": { "bucket": "full", "region": REGION } }));
    world.settle_well().await;
    assert_eq!(condition(&world, "StorageTagged"), is("False", "TooManyTags"));
    assert_eq!(condition(&world, "StorageEncrypted"), is("True", "EncryptionSuccessful"));
    assert_eq!(amazon.tags("full").as_object().unwrap().len(), 50);
    amazon.internet.clear_calls();
    world.look_again().await;
    assert_eq!(amazon.calls(), ["HEAD /"]);
}

#[tokio::test]
async fn a_role_is_assumed_with_the_clusters_token() {
    let amazon = Amazon::start();
    let role = amazon.moto.role("registry", json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }));
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    std::fs::write(&token, "header.claims.signature\n").unwrap();
    let ini = |role: &str| {
        format!(
            "[default]\nsts_regional_endpoints = regional\nrole_arn = {role}\nweb_identity_token_file = {}\n",
            token.display()
        )
    };
    let of = |ini: String| {
        World::on(platform(json!([])), json!({ "s3": {} }), json!({ "credentials": ini }), amazon.network())
    };
    let mut world = of(ini(&role));
    world.settle_well().await;
    let first = &amazon.internet.calls()[0];
    assert_eq!((first.line().as_str(), first.status()), ("POST sts.us-east-1.amazonaws.com/", Some(200)));
    assert!(first.form().contains(&("WebIdentityToken".to_owned(), "header.claims.signature".to_owned())));
    assert!(!amazon.internet.calls()[1].header("x-amz-security-token").is_empty());
    assert_eq!(amazon.tags(BUCKET)[OURS], "owned");
    amazon.internet.clear_calls();
    world.look_again().await;
    assert_eq!(amazon.calls(), ["HEAD /"], "the session is kept");

    let mut stranger = of(ini("arn:aws:iam::123456789012:role/unknown"));
    stranger.settle().await;
    let trouble = stranger.trouble.clone().unwrap();
    assert!(trouble.contains("role/unknown") && trouble.contains("cannot be assumed"), "{trouble}");
    assert!(!trouble.contains("claims"), "{trouble}");
    std::fs::remove_file(&token).unwrap();
    let mut world = of(ini(&role));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("the token") && trouble.contains("cannot be read"), "{trouble}");
    let mut world = of("[default]\nregion = us-east-1\n".to_owned());
    world.settle().await;
    assert!(world.trouble.unwrap().contains("neither aws_access_key_id"));
}
