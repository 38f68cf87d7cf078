//! An operator that is killed at any of the writes that make a bucket.

use super::Aws;
use crate::cluster::Cluster;
use crate::e2e::support::{READY, condition, config, reports, until};
use crate::support::internet::{Fault, When};
use serde_json::json;
use std::time::Duration;

/// More writes than an installation makes.
const WRITES: usize = 10;
const LEASE: [&str; 2] = ["--lease-duration", "2"];
const CONDITIONS: [&str; 5] = [
    "StorageExists",
    "StoragePublicAccessBlocked",
    "StorageTagged",
    "StorageEncrypted",
    "StorageIncompleteUploadCleanupEnabled",
];

/// Killed with the k-th write under way, before or after S3 has heard it: the next operator ends with one bucket, its
/// own, with every setting.
#[tokio::test]
async fn one_bucket_whenever_it_is_killed() {
    let cluster = Cluster::acquire().await;
    let mut killed = 0;
    for k in 1..=WRITES {
        cluster.reset().await;
        let aws = Aws::around(&cluster).await;
        let (fault, hold) = Fault::hold(if k % 2 == 0 { When::Before } else { When::After });
        aws.internet.fault(fault.method("PUT").nth(k));
        let mut operator = aws.operator(&cluster, &LEASE);
        let held = tokio::task::spawn_blocking(move || (hold.first_within(Duration::from_secs(10)), hold));
        let (call, hold) = held.await.unwrap();
        operator.kill();
        drop((hold, operator));
        aws.internet.clear_faults();
        let Some(call) = call else { break };
        killed += 1;

        let _operator = aws.operator(&cluster, &LEASE);
        reports(&cluster, &config(), &READY).await;
        let found = until(&cluster, &config(), "has a bucket with every setting", |found| {
            CONDITIONS.iter().all(|type_| condition(found, type_)["status"] == "True")
        })
        .await;
        let at = format!("killed at {} {}", call.method, call.target);
        assert_eq!(found["spec"]["storage"]["managementState"], json!("Managed"), "{at}");
        assert_eq!(aws.buckets().len(), 1, "{at}: {:?}", aws.buckets());
    }
    assert!((5..WRITES).contains(&killed), "{killed} writes make a bucket with its settings");
}
