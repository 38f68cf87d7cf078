//! The extension of openshift-tests passes where all is well, and fails, skips and puts things back where it is not.

use crate::cluster::credentials::TESTS;
use crate::cluster::operator::{Operator, Options};
use crate::cluster::process::{Process, signal};
use crate::cluster::stand_ins::cvo::Cvo;
use crate::cluster::{Cluster, eventually};
use crate::e2e::support::{NAMESPACE, READY, config, configure, now, object, patch, reports, shows};
use crate::install::empty_dir;
use crate::support::servers::ote;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cluster-image-registry-operator-tests-ext");
const SUITE: &str = "openshift/cluster-image-registry-operator/operator";
const PREFIX: &str = "[sig-imageregistry] image-registry operator";
const LIMIT: Duration = Duration::from_secs(240);

static STARTED: AtomicUsize = AtomicUsize::new(0);

/// Starts the program. Standard output and standard error are one text, as for `openshift-tests`.
fn start(cluster: &Cluster, arguments: &[&str]) -> Process {
    let log = cluster.directory().join(format!("extension-{}.log", STARTED.fetch_add(1, Ordering::Relaxed)));
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear().env("KUBECONFIG", cluster.kubeconfig(TESTS));
    Process::start("the extension", &mut command, log, None).unwrap()
}

/// Its exit code, and the results as `openshift-tests` finds them: from the end up to the first line that is none.
async fn end(mut program: Process) -> (Option<i32>, Vec<Value>) {
    let status =
        eventually(LIMIT, "the extension has ended", async || program.ended().ok_or_else(|| program.log_tail())).await;
    let text = program.log();
    let lines = text.lines().rev().skip_while(|line| !line.starts_with('{'));
    let mut results: Vec<Value> =
        lines.take_while(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect();
    results.reverse();
    ote(&json!({ "results": results })).unwrap();
    (status.code(), results)
}

async fn run_test(cluster: &Cluster, more: &[&str], names: &[&str]) -> (Option<i32>, Vec<Value>) {
    let names: Vec<String> = names.iter().map(|name| format!("{PREFIX} {name}")).collect();
    let mut arguments = vec!["run-test", "-o", "jsonl"];
    names.iter().for_each(|name| arguments.extend(["-n", name]));
    arguments.extend(more);
    let (code, results) = end(start(cluster, &arguments)).await;
    assert_eq!(results.len(), names.len(), "{results:#?}");
    (code, results)
}

/// The operator's own Deployment; its program is run by the test.
async fn install(cluster: &Cluster) {
    let documents: Vec<Value> = serde_saphyr::from_multiple(include_str!("../../manifests/07-operator.yaml")).unwrap();
    for mut deployment in documents.into_iter().filter(|document| !document.is_null()) {
        // The nodes of the tests have no roles.
        deployment["spec"]["template"]["spec"]["nodeSelector"] = Value::Null;
        cluster.apply(&deployment).await.unwrap();
    }
}

async fn ready() -> (Cluster, Operator, Cvo) {
    let cluster = Cluster::acquire().await;
    install(&cluster).await;
    cluster.apply(&empty_dir()).await.unwrap();
    let operator = Operator::start(&cluster, Options::default());
    let cvo = Cvo::start(&cluster);
    reports(&cluster, &config(), &READY).await;
    shows(
        &cluster,
        &object("Deployment", "cluster-image-registry-operator"),
        &[("/status/availableReplicas", json!(1))],
    )
    .await;
    (cluster, operator, cvo)
}

/// The namespaces that the program has made.
async fn probes(cluster: &Cluster) -> Vec<Value> {
    let mut namespaces = cluster.list("v1", "Namespace", "").await.unwrap();
    namespaces.retain(|found| found["metadata"]["name"].as_str().unwrap().starts_with("image-registry-probe-"));
    namespaces
}

async fn no_probes(cluster: &Cluster) {
    eventually(Duration::from_secs(30), "the probe's namespace is gone", async || {
        let found = probes(cluster).await;
        if found.is_empty() { Ok(()) } else { Err(format!("{found:?}")) }
    })
    .await;
}

#[tokio::test]
async fn both_suites_pass() {
    let (cluster, _operator, _cvo) = ready().await;
    let before = now(&cluster, &config()).await["spec"].clone();
    let directory = tempfile::tempdir().unwrap();
    for (suite, count) in [("parallel", 11), ("serial", 12)] {
        let path = directory.path().join(format!("{suite}/junit.xml"));
        let arguments = ["run-suite", &format!("{SUITE}/{suite}"), "-o", "jsonl", "-j", path.to_str().unwrap()];
        let (code, results) = end(start(&cluster, &arguments)).await;
        for result in &results {
            println!("{} {} ms\n{}", result["name"], result["duration"], result["output"].as_str().unwrap());
        }
        let failed: Vec<&Value> = results.iter().filter(|result| result["result"] != "passed").collect();
        assert!(failed.is_empty() && code == Some(0), "{failed:#?}");
        assert_eq!(results.len(), count);
        assert_eq!(cases(&std::fs::read_to_string(&path).unwrap()), count);
        let kept = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(kept, 2, "JUnit and the results themselves");
    }
    assert_eq!(now(&cluster, &config()).await["spec"], before);
    no_probes(&cluster).await;
}

/// The cases in a JUnit document without failures.
fn cases(xml: &str) -> usize {
    let (mut reader, mut cases) = (Reader::from_str(xml), 0);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) if tag.name().as_ref() == "testcase" => cases += 1,
            Event::Start(tag) => assert_ne!(tag.name().as_ref(), "failure"),
            Event::Eof => return cases,
            _ => {}
        }
    }
}

const DEFINED: &str = "[NetworkPolicy] should ensure image-registry NetworkPolicies are defined";
const TRAFFIC: &str = "[NetworkPolicy] should enforce cross-namespace ingress traffic to image-registry";
const SERVICE: &str = "[Serial][Disruptive] should repair the selector of its Service when it is edited";
const LOG_LEVEL: &str = "[Serial][Disruptive] should pass the log level on to the registry";
const HOSTNAME: &str = "should publish the internal registry hostname";

fn error(result: &Value) -> &str {
    assert_eq!(result["result"], "failed", "{result}");
    result["error"].as_str().unwrap()
}

/// Without an operator nothing is repaired, and what is wrong is named.
#[tokio::test]
async fn what_is_wrong_fails() {
    let (cluster, mut operator, _cvo) = ready().await;
    operator.terminate(Duration::from_secs(10)).await;
    let policy = object("NetworkPolicy", "image-registry-networkpolicy");
    let rule = json!([{"from": [{"podSelector": {}}], "ports": [{"port": 5000}]}]);
    cluster.merge(&policy, json!({"spec": {"ingress": rule}})).await.unwrap();
    let (code, results) = run_test(&cluster, &[], &[DEFINED, TRAFFIC]).await;
    assert_eq!(code, Some(1));
    let by_name = |name: &str| results.iter().find(|result| result["name"].as_str().unwrap().ends_with(name)).unwrap();
    let said = error(by_name(DEFINED));
    assert!(said.contains("image-registry-networkpolicy: spec.ingress does not allow TCP port 5000"), "{said}");
    let said = error(by_name(TRAFFIC));
    assert!(said.contains("no NetworkPolicy in openshift-image-registry allows TCP port 5000 from image-r"), "{said}");
    let output = by_name(TRAFFIC)["output"].as_str().unwrap();
    assert!(output.contains("\"phase\":\"Failed\"") && output.contains("its log cannot be read"), "{output}");
    no_probes(&cluster).await;

    let service = object("Service", "image-registry");
    let before = now(&cluster, &service).await["spec"].clone();
    let (code, results) = run_test(&cluster, &["--timeout", "2s"], &[SERVICE]).await;
    assert_eq!(code, Some(1));
    let said = error(&results[0]);
    assert!(said.contains("last seen: not as before: spec.selector.docker-registry"), "{said}");
    assert_eq!(now(&cluster, &service).await["spec"], before, "it is put back");

    cluster.merge(&object("Image", "cluster"), json!({})).await.unwrap();
    cluster.merge_status(&object("Image", "cluster"), json!({"internalRegistryHostname": "other"})).await.unwrap();
    let (_, results) = run_test(&cluster, &["--timeout", "1s"], &[HOSTNAME]).await;
    assert!(error(&results[0]).contains("last seen: \"other\""), "{results:?}");
}

/// SIGINT in the middle of a test: Config is what it was, and the result says so.
#[tokio::test]
async fn an_interrupted_test_puts_config_back() {
    let (cluster, mut operator, _cvo) = ready().await;
    operator.terminate(Duration::from_secs(10)).await;
    let before = now(&cluster, &config()).await["spec"].clone();
    let program = start(&cluster, &["run-test", "-o", "jsonl", "-n", &format!("{PREFIX} {LOG_LEVEL}")]);
    shows(&cluster, &config(), &[("/spec/logLevel", json!("Debug"))]).await;
    assert!(signal(program.id(), "INT"));
    let (code, results) = end(program).await;
    assert_eq!(code, Some(1));
    let said = error(&results[0]);
    assert!(said.contains("REGISTRY_LOG_LEVEL is debug: the run was interrupted; last seen: Some(\"info\")"), "{said}");
    assert_eq!(now(&cluster, &config()).await["spec"], before);
}

/// A registry that nobody runs is nothing to test; the rest is.
#[tokio::test]
async fn a_removed_registry_is_skipped() {
    let (cluster, _operator, _cvo) = ready().await;
    patch(&cluster, json!({"managementState": "Removed"})).await;
    reports(&cluster, &config(), &crate::e2e::support::REMOVED).await;
    let (code, results) = run_test(&cluster, &[], &[DEFINED, TRAFFIC, HOSTNAME, SERVICE]).await;
    assert_eq!(code, Some(0));
    for result in &results {
        assert_eq!(result["result"], "skipped", "{result}");
        let output = result["output"].as_str().unwrap();
        assert!(output.contains("spec.managementState of Config/cluster is Removed"), "{output}");
    }
    let others = [
        "should report in its ClusterOperator that it is available, and its version",
        "should prune images by a CronJob that follows ImagePruner",
        "should run node-ca on every node whatever its taints",
    ];
    let (code, results) = run_test(&cluster, &[], &others).await;
    assert!(code == Some(0) && results.iter().all(|result| result["result"] == "passed"), "{results:#?}");
    configure(&cluster, json!({"managementState": "Managed"})).await;
    assert!(now(&cluster, &object("Deployment", "image-registry")).await["metadata"]["namespace"] == NAMESPACE);
}
