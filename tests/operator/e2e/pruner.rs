//! The image pruner: its defaults, its wishes, its failures, and its return.

use super::support::{
    NAMESPACE, READY, SOON, condition, config, exists, now, object, patch, reports, shows, start, until,
};
use crate::cluster::operator::Options;
use crate::cluster::{Cluster, eventually};
use crate::install::empty_dir;
use serde_json::{Value, json};

fn pruner() -> Value {
    object("ImagePruner", "cluster")
}

fn cron_job() -> Value {
    object("CronJob", "image-pruner")
}

fn arguments(cron_job: &Value) -> Vec<String> {
    let all = cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"].as_array();
    all.into_iter().flatten().map(|argument| argument.as_str().unwrap().to_owned()).collect()
}

async fn has_arguments(cluster: &Cluster, wanted: &[&str]) {
    until(cluster, &cron_job(), &format!("arguments {wanted:?}"), |found| {
        let all = arguments(found);
        wanted.iter().all(|wanted| all.iter().any(|found| found == wanted))
    })
    .await;
}

#[tokio::test]
async fn the_pruner() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let _operator = start(&cluster, Options::default());
    reports(&cluster, &config(), &READY).await;
    defaults(&cluster).await;
    wishes(&cluster).await;
    wrong_schedule(&cluster).await;
    failing_job(&cluster).await;
    recreated(&cluster).await;
    without_registry(&cluster).await;
}

async fn defaults(cluster: &Cluster) {
    let spec = json!({
        "suspend": false,
        "keepTagRevisions": 3,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 3,
        "ignoreInvalidImageReferences": true,
        "logLevel": "Normal",
    });
    shows(cluster, &pruner(), &[("/spec", spec)]).await;
    let wanted = [
        ["Available", "True", "AsExpected"],
        ["Scheduled", "True", "Scheduled"],
        ["Failed", "False", "NoRunYet"],
        ["Degraded", "False", "AsExpected"],
    ];
    reports(cluster, &pruner(), &wanted).await;
    let wanted = [
        ("/spec/schedule", json!("0 0 * * *")),
        ("/spec/suspend", json!(false)),
        ("/spec/concurrencyPolicy", json!("Forbid")),
        ("/spec/startingDeadlineSeconds", json!(3600)),
        ("/spec/successfulJobsHistoryLimit", json!(3)),
        ("/spec/failedJobsHistoryLimit", json!(3)),
        ("/spec/jobTemplate/metadata/labels", json!({"created-by": "image-pruner"})),
        ("/spec/jobTemplate/spec/backoffLimit", json!(0)),
        ("/spec/jobTemplate/spec/template/spec/serviceAccountName", json!("pruner")),
        ("/spec/jobTemplate/spec/template/spec/restartPolicy", json!("Never")),
        ("/spec/jobTemplate/spec/template/spec/containers/0/resources/requests/cpu", json!("100m")),
    ];
    shows(cluster, &cron_job(), &wanted).await;
    let wanted = [
        "--certificate-authority=/var/run/configmaps/serviceca/service-ca.crt",
        "--keep-tag-revisions=3",
        "--keep-younger-than=60m",
        "--ignore-invalid-refs=true",
        "--loglevel=1",
        "--prune-registry=true",
        "--registry-url=https://image-registry.openshift-image-registry.svc:5000",
    ];
    has_arguments(cluster, &wanted).await;
}

async fn wishes(cluster: &Cluster) {
    let spec = json!({
        "suspend": true,
        "schedule": "10 10 * * *",
        "keepTagRevisions": 5,
        "keepYoungerThanDuration": "90m",
        "ignoreInvalidImageReferences": false,
        "logLevel": "Debug",
        "nodeSelector": {"example.com/a": "b"},
    });
    cluster.merge(&pruner(), json!({ "spec": spec })).await.unwrap();
    reports(cluster, &pruner(), &[["Scheduled", "False", "Suspended"], ["Degraded", "False", "AsExpected"]]).await;
    let wanted = [
        ("/spec/suspend", json!(true)),
        ("/spec/schedule", json!("10 10 * * *")),
        ("/spec/jobTemplate/spec/template/spec/nodeSelector", json!({"example.com/a": "b"})),
    ];
    shows(cluster, &cron_job(), &wanted).await;
    let wanted =
        ["--keep-tag-revisions=5", "--keep-younger-than=1h30m0s", "--ignore-invalid-refs=false", "--loglevel=4"];
    has_arguments(cluster, &wanted).await;
    cluster.merge(&pruner(), json!({"spec": {"suspend": false, "nodeSelector": null}})).await.unwrap();
    reports(cluster, &pruner(), &[["Scheduled", "True", "Scheduled"]]).await;
    shows(cluster, &cron_job(), &[("/spec/suspend", json!(false))]).await;
}

/// The CronJob stays as it was, and Degraded reaches ClusterOperator.
async fn wrong_schedule(cluster: &Cluster) {
    cluster.merge(&pruner(), json!({"spec": {"schedule": "never"}})).await.unwrap();
    let is_told = |found: &Value| condition(found, "Degraded")["reason"] == "SyncError";
    let found = until(cluster, &pruner(), "the schedule is wrong", is_told).await;
    let message = condition(&found, "Degraded")["message"].to_string();
    assert!(message.contains("spec.schedule"), "{message}");
    assert_eq!(found["status"]["observedGeneration"], found["metadata"]["generation"]);
    assert_eq!(now(cluster, &cron_job()).await["spec"]["schedule"], "10 10 * * *");
    let report = object("ClusterOperator", "image-registry");
    reports(cluster, &report, &[["Degraded", "True", "ImagePrunerSyncError"]]).await;
    cluster.merge(&pruner(), json!({"spec": {"schedule": ""}})).await.unwrap();
    shows(cluster, &cron_job(), &[("/spec/schedule", json!("0 0 * * *"))]).await;
    reports(cluster, &report, &[["Degraded", "False", "AsExpected"]]).await;
}

/// A run as the CronJob would start it; what else runs in the namespace does not count.
async fn run(cluster: &Cluster, name: &str, is_of_pruner: bool) {
    let mut job = now(cluster, &cron_job()).await["spec"]["jobTemplate"].clone();
    let owner = now(cluster, &cron_job()).await;
    job["apiVersion"] = json!("batch/v1");
    job["kind"] = json!("Job");
    job["metadata"]["name"] = json!(name);
    job["metadata"]["namespace"] = json!(NAMESPACE);
    if is_of_pruner {
        job["metadata"]["ownerReferences"] = json!([{
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "name": "image-pruner",
            "uid": owner["metadata"]["uid"],
            "controller": true,
        }]);
    } else {
        job["metadata"]["labels"] = Value::Null;
    }
    cluster.apply(&job).await.unwrap();
    let what = format!("{name} has ended");
    eventually(SOON, &what, async || {
        let found = now(cluster, &object("Job", name)).await;
        let conditions = found["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let ended = |found: &Value| ["Complete", "Failed"].iter().any(|type_| found["type"] == *type_);
        if conditions.iter().any(ended) { Ok(()) } else { Err(found["status"].to_string()) }
    })
    .await;
}

async fn failing_job(cluster: &Cluster) {
    cluster.stand_ins().jobs_fail(true);
    run(cluster, "foreign", false).await;
    run(cluster, "image-pruner-1", true).await;
    let wanted = [["Failed", "True", "BackoffLimitExceeded"], ["Degraded", "True", "JobFailed"]];
    let found = reports(cluster, &pruner(), &wanted).await;
    let message = condition(&found, "Failed")["message"].clone();
    assert_eq!(condition(&found, "Degraded")["message"], message);
    let report = object("ClusterOperator", "image-registry");
    let found = reports(cluster, &report, &[["Degraded", "True", "ImagePrunerJobFailed"]]).await;
    let text = condition(&found, "Degraded")["message"].as_str().unwrap();
    assert!(text.contains(&format!("ImagePrunerDegraded: {}", message.as_str().unwrap())), "{text}");
    cluster.stand_ins().jobs_fail(false);
    // Times of creation have seconds; of two Jobs of one second, the later name is the newer.
    run(cluster, "image-pruner-2", true).await;
    let wanted = [["Failed", "False", "Complete"], ["Degraded", "False", "AsExpected"]];
    reports(cluster, &pruner(), &wanted).await;
    reports(cluster, &report, &[["Degraded", "False", "AsExpected"]]).await;
}

/// Deleted, it comes again with the defaults; so does the CronJob.
async fn recreated(cluster: &Cluster) {
    for gone in [pruner(), cron_job()] {
        let before = now(cluster, &gone).await["metadata"]["uid"].clone();
        cluster.delete(&gone).await.unwrap();
        until(cluster, &gone, "is another one", |found| {
            found["metadata"]["uid"].is_string() && found["metadata"]["uid"] != before
        })
        .await;
    }
    let found = exists(cluster, &pruner()).await;
    assert_eq!(found["spec"]["ignoreInvalidImageReferences"], true, "{found}");
    has_arguments(cluster, &["--keep-tag-revisions=3", "--keep-younger-than=60m", "--ignore-invalid-refs=true"]).await;
    reports(cluster, &pruner(), &[["Available", "True", "AsExpected"], ["Scheduled", "True", "Scheduled"]]).await;
}

/// It goes on without a registry, and leaves the registry's blobs alone.
async fn without_registry(cluster: &Cluster) {
    patch(cluster, json!({"managementState": "Removed"})).await;
    has_arguments(cluster, &["--prune-registry=false"]).await;
    reports(cluster, &pruner(), &[["Available", "True", "AsExpected"], ["Degraded", "False", "AsExpected"]]).await;
}
