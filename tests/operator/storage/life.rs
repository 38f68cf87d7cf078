//! From a cluster without Config to a bucket, its registry, and their end.

use super::Aws;
use crate::cluster::Cluster;
use crate::e2e::support::{
    NAMESPACE, READY, REMOVED, condition, config, configure, has_environment, is_gone, patch, registry, reports, shows,
    until,
};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_bucket_comes_and_goes_with_the_registry() {
    let cluster = Cluster::acquire().await;
    let aws = Aws::around(&cluster).await;
    let _operator = aws.operator(&cluster, &[]);
    let bucket = created(&cluster, &aws).await;
    costs_nothing(&cluster, &aws).await;
    tags_of_the_platform(&cluster, &aws, &bucket).await;
    removed(&cluster, &aws, &bucket).await;
    managed_again(&cluster, &aws, &bucket).await;
    of_the_user(&cluster, &aws, &bucket).await;
    deleted(&cluster, &aws, &bucket).await;
}

/// The platform's default is an S3 bucket, which is created before the registry is.
async fn created(cluster: &Cluster, aws: &Aws) -> String {
    let found = reports(cluster, &config(), &READY).await;
    let bucket = found["spec"]["storage"]["s3"]["bucket"].as_str().unwrap().to_owned();
    assert_eq!(aws.buckets(), std::slice::from_ref(&bucket));
    let wanted = [
        ("/spec/storage/managementState", json!("Managed")),
        ("/spec/storage/s3/encrypt", json!(true)),
        ("/status/storageManaged", json!(true)),
        ("/status/storage/managementState", json!("Managed")),
        ("/status/storage/s3/bucket", json!(bucket)),
    ];
    shows(cluster, &config(), &wanted).await;
    let conditions = [
        ["StorageExists", "True", "CreationSuccessful"],
        ["StoragePublicAccessBlocked", "True", "PublicAccessBlockSuccessful"],
        ["StorageTagged", "True", "TaggingSuccessful"],
        ["StorageEncrypted", "True", "EncryptionSuccessful"],
        ["StorageIncompleteUploadCleanupEnabled", "True", "EnableCleanupSuccessful"],
    ];
    reports(cluster, &config(), &conditions).await;
    let wanted = [
        ("REGISTRY_STORAGE", json!("s3")),
        ("REGISTRY_STORAGE_S3_BUCKET", json!(bucket)),
        ("REGISTRY_STORAGE_S3_ENCRYPT", json!("true")),
    ];
    let deployment = has_environment(cluster, &wanted).await;
    // Everything was known before the first pod: there was no second rollout for the storage's sake.
    assert!(deployment["metadata"]["generation"].as_i64().unwrap() <= 2, "{}", deployment["metadata"]);
    bucket
}

/// What has nothing to do with the bucket asks nobody about it.
async fn costs_nothing(cluster: &Cluster, aws: &Aws) {
    aws.internet.clear_calls();
    configure(cluster, json!({ "replicas": 1, "logLevel": "Debug" })).await;
    cluster.delete(&registry()).await.unwrap();
    shows(cluster, &registry(), &[("/spec/replicas", json!(1))]).await;
    reports(cluster, &config(), &READY).await;
    assert_eq!(aws.lines(), [""; 0]);
}

/// Tags of Infrastructure reach the bucket; those of others stay.
async fn tags_of_the_platform(cluster: &Cluster, aws: &Aws, bucket: &str) {
    let all = || {
        let tags = aws.s3("get_bucket_tagging", json!({ "Bucket": bucket })).unwrap();
        let text = |tag: &Value| format!("{}={}", tag["Key"].as_str().unwrap(), tag["Value"].as_str().unwrap());
        let mut tags: Vec<String> = tags["TagSet"].as_array().unwrap().iter().map(text).collect();
        tags.sort();
        tags
    };
    let mut tags = aws.s3("get_bucket_tagging", json!({ "Bucket": bucket })).unwrap()["TagSet"].clone();
    tags.as_array_mut().unwrap().push(json!({ "Key": "of-somebody", "Value": "else" }));
    aws.s3("put_bucket_tagging", json!({ "Bucket": bucket, "Tagging": { "TagSet": tags } })).unwrap();
    let before = all();
    let aws_status = json!({ "region": super::REGION, "resourceTags": [{ "key": "team", "value": "images" }] });
    cluster.set_platform(json!({ "type": "AWS", "aws": aws_status })).await;
    crate::cluster::eventually(Duration::from_secs(30), "the bucket is tagged", async || {
        let tags = all();
        if tags.contains(&"team=images".to_owned()) { Ok(()) } else { Err(format!("{tags:?}")) }
    })
    .await;
    let mut wanted = before;
    wanted.push("team=images".to_owned());
    wanted.sort();
    assert_eq!(all(), wanted);
    crate::cluster::eventually(Duration::from_secs(10), "event UpdateAWSTags", async || {
        let events = cluster.list("v1", "Event", NAMESPACE).await.unwrap();
        let found = events.iter().any(|event| event["reason"] == "UpdateAWSTags");
        if found { Ok(()) } else { Err(format!("{} events", events.len())) }
    })
    .await;
}

/// The bucket is emptied and goes, and the status names it no longer.
async fn removed(cluster: &Cluster, aws: &Aws, bucket: &str) {
    for key in ["docker/registry/v2/a", "docker/registry/v2/b"] {
        aws.s3("put_object", json!({ "Bucket": bucket, "Key": key, "Body": "x" })).unwrap();
    }
    patch(cluster, json!({ "managementState": "Removed" })).await;
    reports(cluster, &config(), &REMOVED).await;
    reports(cluster, &config(), &[["StorageExists", "False", "S3BucketDeleted"]]).await;
    shows(cluster, &config(), &[("/status/storage", json!({})), ("/status/storageManaged", json!(false))]).await;
    is_gone(cluster, &registry()).await;
    assert_eq!(aws.buckets(), [""; 0]);
}

/// There is a fresh bucket of the same name.
async fn managed_again(cluster: &Cluster, aws: &Aws, bucket: &str) {
    configure(cluster, json!({ "managementState": "Managed" })).await;
    assert_eq!(aws.buckets(), [bucket]);
}

/// Another bucket that is named is the user's, although the one before was the operator's.
async fn of_the_user(cluster: &Cluster, aws: &Aws, bucket: &str) {
    aws.s3("create_bucket", json!({ "Bucket": "users" })).unwrap();
    configure(cluster, json!({ "storage": { "s3": { "bucket": "users" } } })).await;
    let wanted = [
        ("/spec/storage/managementState", json!("Unmanaged")),
        ("/status/storage/s3/bucket", json!("users")),
        ("/status/storageManaged", json!(false)),
    ];
    shows(cluster, &config(), &wanted).await;
    has_environment(cluster, &[("REGISTRY_STORAGE_S3_BUCKET", json!("users"))]).await;
    assert_eq!(aws.s3("get_bucket_tagging", json!({ "Bucket": "users" })), Err("NoSuchTagSet".to_owned()));
    patch(cluster, json!({ "managementState": "Removed" })).await;
    reports(cluster, &config(), &REMOVED).await;
    let mut buckets = aws.buckets();
    buckets.sort();
    // The one before is not the operator's to delete either, once something else is in use.
    assert_eq!(buckets, [bucket, "users"]);
}

/// Config takes its bucket with it.
async fn deleted(cluster: &Cluster, aws: &Aws, bucket: &str) {
    configure(cluster, json!({ "managementState": "Managed", "storage": { "s3": { "bucket": bucket } } })).await;
    // The mark on it tells that it is the operator's.
    shows(cluster, &config(), &[("/spec/storage/managementState", json!("Managed"))]).await;
    let before = until(cluster, &config(), "is there", |found| !condition(found, "Available").is_null()).await;
    cluster.delete(&config()).await.unwrap();
    until(cluster, &config(), "is another one", |found| {
        found["metadata"]["uid"] != before["metadata"]["uid"] && !found.is_null()
    })
    .await;
    // The operator starts over with the platform's default.
    reports(cluster, &config(), &READY).await;
    let mut buckets = aws.buckets();
    buckets.sort();
    assert_eq!(buckets, [bucket, "users"]);
    let deleted = |line: &String| line.starts_with("DELETE ") && line.contains(bucket);
    assert!(aws.lines().iter().any(deleted), "{:?}", aws.lines());
}
