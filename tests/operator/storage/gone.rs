//! A bucket that is deleted behind the operator's back.

use super::Aws;
use crate::cluster::Cluster;
use crate::e2e::support::{READY, condition, config, reports, shows};
use serde_json::json;

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
