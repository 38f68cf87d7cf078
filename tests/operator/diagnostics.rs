//! What an operator says of itself: at rest, while the API server stands still, and while another one leads.

use crate::cluster::credentials::STRANGER;
use crate::cluster::operator::{Operator, Options};
use crate::cluster::{Cluster, eventually};
use crate::e2e::support::{READY, config, reports};
use crate::idle::settle;
use crate::install::{empty_dir, ready};
use crate::storage::Aws;
use crate::verbs::{Ended, end};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const NAMESPACE: &str = "openshift-image-registry";
const SOON: Duration = Duration::from_secs(15);
const WATCHES: usize = 15;
const CANARY: &str = "correct-horse-battery-staple";

/// Runs the verb.
async fn diagnostics(socket: &Path, more: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"));
    command.arg("diagnostics").arg("--socket").arg(socket).args(more).env_clear().stdin(Stdio::null());
    end(command).await
}

/// The document, which has to come at once.
async fn document(operator: &Operator) -> Value {
    let begin = Instant::now();
    let text = diagnostics(operator.socket(), &[]).await.with(0);
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    serde_json::from_str(&text).unwrap()
}

/// Waits until the document is as wanted.
async fn until(operator: &Operator, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    eventually(SOON, "the operator listens", async || operator.socket().exists().then_some(()).ok_or_else(String::new))
        .await;
    eventually(SOON, what, async || {
        let document = document(operator).await;
        if is_so(&document) { Ok(document) } else { Err(format!("{document:#}")) }
    })
    .await
}

pub fn list<'a>(document: &'a Value, field: &str) -> &'a Vec<Value> {
    document[field].as_array().unwrap_or_else(|| panic!("{field} is no list: {document:#}"))
}

/// Whether no pass is under way, and every object is as it should be.
pub fn is_resting(document: &Value) -> bool {
    let objects = list(document, "objects");
    document["passUnderWay"].is_null() && objects.iter().all(|object| object["outcome"] == "unchanged")
}

#[tokio::test]
async fn at_rest_everything_is_told() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    cluster.merge(&empty_dir(), json!({"spec": {"httpSecret": CANARY}})).await.unwrap();
    let mut operator = Operator::start(&cluster, Options::default());
    ready(&cluster).await;
    settle(&cluster).await;
    let first = until(&operator, "everything is unchanged", is_resting).await;
    println!("{first:#}");

    assert_eq!(first["pid"], operator.pid());
    assert_eq!((&first["lease"]["role"], &first["lease"]["holder"]), (&json!("leader"), &first["lease"]["identity"]));
    assert_eq!(first["lastPass"]["succeeded"], true);
    assert_eq!((first["failing"].clone(), first["requests"]["underWay"].clone()), (json!([]), json!([])));
    assert_eq!(first["storage"]["inUse"]["emptyDir"], json!({}));
    let applied = first["plan"]["steps"]["apply"].as_u64().unwrap();
    let objects = list(&first, "objects").iter();
    let created = objects.filter(|object| object["lastWrite"]["outcome"] == "created").count();
    assert!(applied > 10 && created > 10, "{applied} of the plan, {created} created");
    let watches: Vec<_> = list(&first, "targets").iter().filter(|target| target["by"] == "watch").collect();
    assert_eq!(watches.len(), WATCHES, "{watches:#?}");
    for target in list(&first, "targets") {
        assert!(target["complete"].is_string() && target["trouble"].is_null(), "{target:#}");
        assert_eq!(target["by"] == "watch", target["open"].is_string(), "{target:#}");
    }
    let secrets = watches.iter().find(|target| target["kind"] == "Secret").unwrap();
    let there = cluster.list("v1", "Secret", NAMESPACE).await.unwrap().len();
    assert_eq!(secrets["objects"], there);

    the_hash_is_that_of_the_plan(&cluster, &operator, &first).await;
    as_yaml(&operator).await;
    the_socket_goes(&mut operator).await;
}

/// A pass over what is the same has the same hash, and another Config another.
async fn the_hash_is_that_of_the_plan(cluster: &Cluster, operator: &Operator, first: &Value) {
    let passes = |document: &Value| document["lastPass"]["number"].as_u64().unwrap();
    let metadata = json!({"name": "unrelated", "namespace": NAMESPACE});
    cluster.apply(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})).await.unwrap();
    let more = |document: &Value| passes(document) > passes(first) && is_resting(document);
    let second = until(operator, "there was another pass", more).await;
    assert_eq!(second["plan"]["hash"], first["plan"]["hash"]);
    let maps = |document: &Value| {
        let is_ours = |target: &&Value| target["kind"] == "ConfigMap" && target["namespace"] == NAMESPACE;
        let target = list(document, "targets").iter().find(is_ours).unwrap();
        (target["objects"].as_u64().unwrap(), target["checksum"].clone())
    };
    assert_eq!(maps(&second).0, maps(first).0 + 1);
    assert_ne!(maps(&second).1, maps(first).1);
    cluster.merge(&empty_dir(), json!({"spec": {"logLevel": "Debug"}})).await.unwrap();
    let other = |document: &Value| document["plan"]["hash"] != first["plan"]["hash"] && is_resting(document);
    let third = until(operator, "the plan is another one", other).await;
    let deployment = format!("Deployment/{NAMESPACE}/image-registry");
    let deployment = list(&third, "objects").iter().find(|object| object["object"] == deployment).unwrap();
    assert_eq!(deployment["lastWrite"]["outcome"], "configured");
}

async fn as_yaml(operator: &Operator) {
    let yaml = diagnostics(operator.socket(), &["-o", "yaml"]).await.with(0);
    let document: Value = serde_saphyr::from_str(&yaml).unwrap();
    assert_eq!(document["pid"], operator.pid());
}

/// Nobody but its user may connect, and nothing is left of it.
async fn the_socket_goes(operator: &mut Operator) {
    let mode = fs::metadata(operator.socket()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(operator.terminate(SOON).await.code(), Some(0));
    assert!(!operator.socket().exists());
    let ended = diagnostics(operator.socket(), &[]).await;
    assert!(ended.stderr.starts_with("error: no operator listens on "), "{}", ended.stderr);
    assert_eq!(ended.with(3), "");
}

#[tokio::test]
async fn while_the_api_server_stands_still_it_says_what_it_waits_for() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let operator = Operator::start(&cluster, Options::default());
    ready(&cluster).await;
    settle(&cluster).await;
    let before = until(&operator, "everything is unchanged", is_resting).await;
    // The operator hears of it, and its repair hangs.
    let stopped = stopped_in_a_repair(&cluster, &operator).await;
    cluster.resume_api_server();
    let under_way = &stopped["passUnderWay"];
    assert!(under_way["since"].as_str() >= before["now"].as_str(), "{stopped:#}");
    assert!(under_way["number"].as_u64() > stopped["lastPass"]["number"].as_u64(), "{stopped:#}");
    assert_eq!(stopped["plan"]["hash"], before["plan"]["hash"]);
    until(&operator, "the pass is over", is_resting).await;
}

/// Deletes an object and stops the API server, until a pass hangs in a request.
async fn stopped_in_a_repair(cluster: &Cluster, operator: &Operator) -> Value {
    let account =
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "registry", "namespace": NAMESPACE}});
    for _ in 0..50 {
        cluster.delete(&account).await.unwrap();
        cluster.pause_api_server();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let document = document(operator).await;
        let requests = list(&document["requests"], "underWay");
        let writes = requests.iter().any(|request| !request["request"].as_str().unwrap().contains("leases"));
        if !document["passUnderWay"].is_null() && writes {
            println!("{:#}\n{:#}", document["passUnderWay"], document["requests"]["underWay"]);
            return document;
        }
        cluster.resume_api_server();
        ready(cluster).await;
    }
    panic!("no pass was under way when the API server stopped\n{}", operator.log_tail());
}

#[tokio::test]
async fn a_standby_says_who_leads_and_nobody_fights_for_a_socket() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let leader = Operator::start(&cluster, Options::default());
    ready(&cluster).await;
    let standby = Operator::start(&cluster, Options::default());
    let document = until(&standby, "it stands by", |document| document["lease"]["role"] == "standby").await;
    let led = until(&leader, "it leads", |document| document["lease"]["role"] == "leader").await;
    assert_eq!(document["lease"]["holder"], led["lease"]["identity"]);
    assert!(document["lease"]["until"].as_str() > document["now"].as_str(), "{document:#}");
    assert_eq!((&document["lastPass"], &document["targets"]), (&Value::Null, &json!([])));

    // A third one is given the leader's path, and goes on without.
    let arguments = vec!["--diagnostics-socket".to_owned(), leader.socket().display().to_string()];
    let mut third = Operator::start(&cluster, Options { arguments, ..Options::default() });
    eventually(SOON, "the third stands by", async || {
        if third.log().contains("waiting for the lease") { Ok(()) } else { Err(third.log_tail()) }
    })
    .await;
    assert!(third.log().contains("diagnostics are not told: "), "{}", third.log_tail());
    assert_eq!(third.terminate(SOON).await.code(), Some(0), "{}", third.log_tail());
    assert_eq!(crate::diagnostics::document(&leader).await["pid"], leader.pid());
}

#[tokio::test]
async fn whoever_the_api_server_does_not_know_says_so() {
    let cluster = Cluster::acquire().await;
    let stranger = Operator::start_as(&cluster, STRANGER, Options::default());
    let document =
        until(&stranger, "it cannot read the lease", |document| document["lease"]["trouble"] != Value::Null).await;
    let trouble = document["lease"]["trouble"].as_str().unwrap();
    assert!(trouble.contains("does not accept the operator's credentials"), "{document:#}");
    assert_eq!(document["lease"]["role"], "starting");
}

/// Keys of the storage are in none of it, not even when they are refused.
#[tokio::test]
async fn keys_of_the_storage_are_not_told() {
    let cluster = Cluster::acquire().await;
    let aws = Aws::around(&cluster).await;
    let operator = aws.operator(&cluster, &[]);
    reports(&cluster, &config(), &READY).await;
    let is_well = |document: &Value| document["storage"]["standing"] == "well";
    let document = until(&operator, "the bucket is well", is_well).await;
    println!("{:#}", document["storage"]);
    assert_eq!((&document["storage"]["presence"], &document["storage"]["trouble"]), (&json!("ours"), &Value::Null));
    let text = document.to_string();
    let keys = [&aws.moto.keys.access, &aws.moto.keys.secret];
    assert!(keys.iter().all(|key| !text.contains(key.as_str())), "{document:#}");
    let config = cluster.get("imageregistry.operator.openshift.io/v1", "Config", "", "cluster").await.unwrap();
    assert!(!text.contains(config["spec"]["httpSecret"].as_str().unwrap()), "{document:#}");
}
