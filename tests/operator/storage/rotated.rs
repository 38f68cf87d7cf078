//! Credentials that change while the operator runs.

use super::Aws;
use crate::cluster::Cluster;
use crate::e2e::support::{READY, condition, config, configure, patch, registry, reports, shows, until};
use crate::support::internet::{Fault, When};
use crate::support::servers::Keys;
use serde_json::json;
use std::time::Duration;

/// Wrong keys are told, hinder nothing else, and right ones take effect at once in the same process.
#[tokio::test]
async fn new_keys_take_effect_without_a_restart() {
    let cluster = Cluster::acquire().await;
    let aws = Aws::around(&cluster).await;
    let operator = aws.operator(&cluster, &[]);
    reports(&cluster, &config(), &READY).await;

    let wrong = Keys { secret: "of-another-user".to_owned(), ..aws.moto.keys.clone() };
    aws.give(&cluster, &wrong).await;
    let found = reports(&cluster, &config(), &[["StorageExists", "Unknown", "SignatureDoesNotMatch"]]).await;
    let message = condition(&found, "StorageExists")["message"].as_str().unwrap().to_owned();
    let bucket = found["status"]["storage"]["s3"]["bucket"].as_str().unwrap();
    assert!(message.contains(bucket) && message.contains("installer-cloud-credentials"), "{message}");
    for text in [message.as_str(), operator.log().as_str(), &found.to_string()] {
        assert!(!text.contains("of-another-user") && !text.contains(&aws.moto.keys.secret), "{text}");
    }
    // The registry is kept in order all the same.
    cluster.delete(&registry()).await.unwrap();
    shows(&cluster, &registry(), &[("/spec/template/spec/containers/0/name", json!("registry"))]).await;

    let another = aws.moto.user("another", Some(json!({"Effect": "Allow", "Action": "*", "Resource": "*"})));
    aws.internet.clear_calls();
    aws.give(&cluster, &another).await;
    reports(&cluster, &config(), &[["StorageExists", "True", "CreationSuccessful"]]).await;
    let signed_by =
        |access: &str| aws.internet.calls().iter().any(|call| call.header("authorization").contains(access));
    assert!(signed_by(&another.access));
    reports(&cluster, &config(), &READY).await;
}

/// A service that does not answer blocks nothing.
#[tokio::test]
async fn the_loop_goes_on_while_the_storage_does_not_answer() {
    let cluster = Cluster::acquire().await;
    let aws = Aws::around(&cluster).await;
    let _operator = aws.operator(&cluster, &[]);
    reports(&cluster, &config(), &READY).await;
    aws.internet.fault(Fault::freeze(When::Before));
    aws.internet.clear_calls();
    let another = aws.moto.user("another", Some(json!({"Effect": "Allow", "Action": "*", "Resource": "*"})));
    aws.give(&cluster, &another).await;
    aws.internet.wait(Duration::from_secs(10), "a call that is not answered", |calls| !calls.is_empty());
    configure(&cluster, json!({ "logLevel": "Debug" })).await;
    cluster.delete(&registry()).await.unwrap();
    shows(&cluster, &registry(), &[("/spec/template/spec/containers/0/name", json!("registry"))]).await;
    // Another bucket is wanted meanwhile: the call under way is given up for it.
    aws.s3("create_bucket", json!({ "Bucket": "users" })).unwrap();
    aws.internet.clear_faults();
    patch(&cluster, json!({ "storage": { "s3": { "bucket": "users" } } })).await;
    until(&cluster, &config(), "another bucket", |found| found["status"]["storage"]["s3"]["bucket"] == "users").await;
    reports(&cluster, &config(), &[["StorageExists", "True", "S3BucketExists"]]).await;
}
