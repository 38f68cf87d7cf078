//! `plan` and `apply` as people run them.

use crate::cluster::Cluster;
use crate::cluster::audit::{Mark, writes};
use crate::cluster::credentials::OPERATOR;
use crate::cluster::operator::Options;
use crate::install::empty_dir;
use serde_json::{Value, json};
use std::process::{Command, Stdio};

const CANARY: &str = "correct-horse-battery-staple";

/// How a verb ended.
struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Ended {
    /// Standard output, if it ended with this code. No secret is ever in what a verb says.
    #[track_caller]
    fn with(self, code: i32) -> String {
        let Ended { code: ended, stdout, stderr } = self;
        assert_eq!(ended, code, "\n----- stdout -----\n{stdout}----- stderr -----\n{stderr}");
        assert!(!format!("{stdout}{stderr}").contains(CANARY), "{stdout}{stderr}");
        stdout
    }
}

/// Runs a verb with a kubeconfig to its end.
async fn run(cluster: &Cluster, arguments: &str) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"));
    command.args(arguments.split_whitespace()).arg("--kubeconfig").arg(cluster.kubeconfig(OPERATOR));
    command.env_clear().envs(Options::default().environment).stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs `plan`, which must have changed nothing.
async fn plan(cluster: &Cluster, arguments: &str) -> Ended {
    let mark = cluster.audit_mark().await;
    let ended = run(cluster, &format!("plan {arguments}")).await;
    changes(cluster, mark, "dryRun=All").await;
    ended
}

/// Every request since then that is more than a look has this in its query.
async fn changes(cluster: &Cluster, mark: Mark, only: &str) {
    let requests = cluster.requests_since(mark, OPERATOR).await;
    let others: Vec<String> = writes(&requests)
        .into_iter()
        .filter(|request| only.is_empty() || !request.uri.contains(only))
        .map(|request| format!("{} {}", request.verb, request.uri))
        .collect();
    assert!(!requests.is_empty() && others.is_empty(), "{others:?}");
}

fn config() -> Value {
    let mut config = empty_dir();
    config["spec"]["httpSecret"] = CANARY.into();
    config
}

async fn deployment(cluster: &Cluster) -> Value {
    cluster.get("apps/v1", "Deployment", "openshift-image-registry", "image-registry").await.unwrap()
}

#[tokio::test]
async fn what_is_planned_is_applied_and_then_nothing_differs() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&config()).await.unwrap();
    let created = plan(&cluster, "").await.with(1);
    for object in ["Deployment/openshift-image-registry/image-registry", "ClusterRole/system:registry"] {
        assert!(created.contains(&format!("created    {object}\n")), "{created}");
    }
    println!("{created}");
    let applied = run(&cluster, "apply --wait --timeout 60").await;
    println!("{}{}", applied.stdout, applied.stderr);
    let applied = applied.with(0);
    assert!(applied.contains("Deployment/openshift-image-registry/image-registry created\n"), "{applied}");
    assert!(applied.ends_with("the registry is available\n"), "{applied}");
    assert_eq!(cluster.config_condition("Available").await.unwrap()["status"], "True");
    let again = plan(&cluster, "").await.with(0);
    assert!(again.ends_with(" unchanged\n") && again.lines().count() == 1, "{again}");

    // Somebody changes a field by hand.
    let before = deployment(&cluster).await;
    cluster.merge(&before, json!({ "spec": { "replicas": 3 } })).await.unwrap();
    let drifted = plan(&cluster, "").await.with(1);
    println!("{drifted}");
    let block = "changed    Deployment/openshift-image-registry/image-registry\n    - spec.replicas: 3\n    + spec.replicas: 1\n";
    assert!(drifted.contains(block), "{drifted}");
    assert_eq!(deployment(&cluster).await["spec"]["replicas"], 3);
    let json: Value = serde_json::from_str(&plan(&cluster, "-o json").await.with(1)).unwrap();
    println!("{json:#}");
    let object =
        json.as_array().unwrap().iter().find(|preview| preview["object"].as_str().unwrap().starts_with("Deployment/"));
    let field = &object.unwrap()["fields"][0];
    assert_eq!((&field["path"], &field["old"], &field["new"]), (&json!("spec.replicas"), &json!(3), &json!(1)));
    assert!(drifted.contains(&format!("      owned by {}\n", field["owners"][0].as_str().unwrap())), "{drifted}");
    let repaired = run(&cluster, "apply").await.with(0);
    println!("{repaired}");
    assert!(repaired.contains("Deployment/openshift-image-registry/image-registry configured: spec.replicas\n"));
    assert_eq!(deployment(&cluster).await["spec"]["replicas"], 1);

    // A file takes the place of the live Config.
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config.yaml");
    let mut changed = empty_dir();
    changed["spec"]["logLevel"] = "Debug".into();
    std::fs::write(&file, changed.to_string()).unwrap();
    let shown = plan(&cluster, &format!("-f {}", file.display())).await.with(1);
    println!("{shown}");
}
