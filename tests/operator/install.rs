//! From an empty cluster to a registry that is available, and then silence.

use crate::cluster::Cluster;
use crate::cluster::audit::{Request, watches, writes};
use crate::cluster::credentials::OPERATOR;
use crate::cluster::eventually;
use crate::cluster::operator::{Operator, Options};
use serde_json::{Value, json};
use std::time::Duration;

/// A Config with emptyDir.
pub fn empty_dir() -> Value {
    json!({
        "apiVersion": "imageregistry.operator.openshift.io/v1",
        "kind": "Config",
        "metadata": { "name": "cluster" },
        "spec": { "managementState": "Managed", "replicas": 1, "storage": { "emptyDir": {} } },
    })
}

/// Waits until the registry is ready.
pub async fn ready(cluster: &Cluster) {
    eventually(Duration::from_secs(60), "the registry is available", async || {
        let conditions = ["Available", "Progressing", "Degraded"];
        let mut seen = Vec::new();
        for condition in conditions {
            let value = cluster.config_condition(condition).await.unwrap_or_default();
            seen.push((condition, value["status"].clone(), value["reason"].clone(), value["message"].clone()));
        }
        let wanted = ["True", "False", "False"];
        let is_ready = seen.iter().zip(wanted).all(|((_, status, ..), wanted)| status == wanted);
        if is_ready { Ok(()) } else { Err(format!("{seen:?}")) }
    })
    .await;
}

#[tokio::test]
async fn an_empty_cluster_becomes_ready_with_few_requests() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let mark = cluster.audit_mark().await;
    let _operator = Operator::start(&cluster, Options::default());
    ready(&cluster).await;
    let requests = cluster.requests_since(mark, OPERATOR).await;
    let line = |request: &Request| {
        format!("{} {} {}", request.verb, request.uri.split('?').next().unwrap_or_default(), request.code)
    };
    let summary = requests.iter().map(line).collect::<Vec<_>>().join("\n");
    println!("{} requests, {} writes, {} watches", requests.len(), writes(&requests).len(), watches(&requests).len());
    assert!(requests.len() <= 60, "{} requests:\n{summary}", requests.len());
    assert!(writes(&requests).len() <= 35, "{} writes:\n{summary}", writes(&requests).len());
    assert!(watches(&requests).len() <= 15, "{} watches:\n{summary}", watches(&requests).len());
}
