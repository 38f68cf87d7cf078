//! A bucket that is deleted behind the operator's back.

use super::Aws;
use crate::cluster::Cluster;
use crate::e2e::support::{READY, REMOVED, condition, config, patch, reports, shows};
use crate::support::internet::{Fault, When};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_bucket_that_has_held_data_is_missed_and_not_replaced() {
    let cluster = Cluster::acquire().await;
    let aws = Aws::around(&cluster).await;
    let operator = aws.operator(&cluster, &["--lease-duration", "4"]);
    let found = reports(&cluster, &config(), &READY).await;
    let bucket = found["status"]["storage"]["s3"]["bucket"].as_str().unwrap().to_owned();
    drop(operator);
    aws.s3("delete_bucket", json!({ "Bucket": bucket })).unwrap();

    let _operator = aws.operator(&cluster, &["--lease-duration", "4"]);
    let found = reports(&cluster, &config(), &[["StorageExists", "False", "StorageGone"]]).await;
    let message = condition(&found, "StorageExists")["message"].as_str().unwrap();
    assert!(message.contains(&bucket) && message.contains("restore it"), "{message}");
    shows(&cluster, &config(), &[("/status/storage/s3/bucket", json!(bucket))]).await;
    assert_eq!(aws.buckets(), [""; 0]);

    // Whoever restores it finds it in use again.
    aws.s3("create_bucket", json!({ "Bucket": bucket })).unwrap();
    reports(
        &cluster,
        &config(),
        &[["StorageExists", "True", "S3BucketExists"], ["StorageTagged", "True", "TaggingSuccessful"]],
    )
    .await;
    reports(&cluster, &config(), &READY).await;
}

/// Whoever keeps the storage while it is being removed keeps what is left of it: here, everything.
#[tokio::test]
async fn a_removal_that_somebody_has_thought_better_of_stops() {
    let cluster = Cluster::acquire().await;
    let aws = Aws::around(&cluster).await;
    let _operator = aws.operator(&cluster, &[]);
    let found = reports(&cluster, &config(), &READY).await;
    let bucket = found["status"]["storage"]["s3"]["bucket"].as_str().unwrap().to_owned();
    aws.s3("put_object", json!({ "Bucket": bucket, "Key": "docker/registry/v2/a", "Body": "x" })).unwrap();
    let (fault, hold) = Fault::hold(When::Before);
    aws.internet.fault(fault.matching(|request| matches!(request.method.as_str(), "POST" | "DELETE")));

    patch(&cluster, json!({ "managementState": "Removed" })).await;
    let held = tokio::task::spawn_blocking(move || (hold.reached(Duration::from_secs(20)), hold));
    let (_, hold) = held.await.unwrap();
    reports(&cluster, &config(), &[["Progressing", "True", "RemovingStorage"]]).await;
    patch(&cluster, json!({ "storage": { "managementState": "Unmanaged" } })).await;
    reports(&cluster, &config(), &REMOVED).await;
    hold.release();
    aws.internet.clear_faults();
    let held = aws.s3("list_objects_v2", json!({ "Bucket": bucket })).unwrap();
    assert_eq!(held["KeyCount"], 1, "{held}");
}
