//! A bucket for people without the operator.

use super::Aws;
use crate::cluster::Cluster;
use crate::e2e::support::{config, now};
use crate::verbs::{Ended, command, end};
use serde_json::json;

async fn run(cluster: &Cluster, aws: &Aws, arguments: &str) -> Ended {
    end(command(cluster, arguments, aws.environment())).await
}

#[tokio::test]
async fn apply_makes_a_bucket_and_removes_it() {
    let cluster = Cluster::acquire().await;
    let aws = Aws::around(&cluster).await;
    let planned = run(&cluster, &aws, "plan").await.with(1);
    assert!(planned.contains("S3 bucket"), "{planned}");
    assert_eq!(aws.lines(), [""; 0], "a plan asks no cloud");
    let applied = run(&cluster, &aws, "apply").await.with(0);
    assert!(applied.lines().any(|line| line.starts_with("S3 bucket ") && line.ends_with(" created")), "{applied}");
    assert_eq!(aws.buckets().len(), 1);
    let found = now(&cluster, &config()).await;
    assert_eq!(found["status"]["storage"]["s3"]["bucket"], json!(aws.buckets()[0]));

    aws.internet.clear_calls();
    run(&cluster, &aws, "apply").await.with(0);
    let writes: Vec<_> =
        aws.lines().into_iter().filter(|line| !line.starts_with("GET ") && !line.starts_with("HEAD ")).collect();
    assert_eq!(writes, [""; 0]);

    cluster.merge(&config(), json!({ "spec": { "managementState": "Removed" } })).await.unwrap();
    let removed = run(&cluster, &aws, "apply").await.with(0);
    assert!(removed.lines().any(|line| line.starts_with("S3 bucket ") && line.ends_with(" deleted")), "{removed}");
    assert_eq!(aws.buckets(), [""; 0]);
}

/// What the service has against it is said, with the exit code of a cluster that failed.
#[tokio::test]
async fn apply_says_why_there_is_no_bucket() {
    let cluster = Cluster::acquire().await;
    let aws = Aws::around(&cluster).await;
    let nobody = aws.moto.user_without_permissions("nobody");
    aws.give(&cluster, &nobody).await;
    let ended = run(&cluster, &aws, "apply").await;
    let said = ended.stderr.clone();
    ended.with(3);
    assert!(said.contains("S3 bucket ") && said.contains("s3:"), "{said}");
    assert!(!said.contains(&nobody.secret), "{said}");
    assert_eq!(aws.buckets(), [""; 0]);
}
