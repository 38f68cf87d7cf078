use super::plan::hash;
use super::records::Source;
use super::sources::checksum;
use super::*;
use crate::execute::Live;
use crate::execute::request::Error;
use crate::operator::targets::Target;
use crate::render::mask::masked_plan;
use crate::render::plan::{Step, WriteBack};
use crate::render::status::StatusReport;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

fn diagnostics() -> Diagnostics {
    Diagnostics::new(Metrics::new())
}

fn document(diagnostics: &Diagnostics) -> Value {
    serde_json::from_str(&diagnostics.document()).unwrap()
}

fn plan(secret: &str, problem: &str) -> Plan {
    let object = crate::render::bootstrap::config_id();
    let fields = json!({ "spec": { "httpSecret": secret, "replicas": 1 } });
    Plan {
        steps: vec![
            Step::WriteBack(WriteBack { object: object.clone(), fields, withdrawn: Vec::new() }),
            Step::ReleaseFinalizer(object),
        ],
        status: StatusReport::default(),
        problems: Vec::new(),
        assumptions: vec![problem.to_owned()],
    }
}

#[test]
fn the_hash_is_that_of_the_masked_plan_and_of_no_secret() {
    let one = plan("correct-horse", "assumed");
    let hex: String = Sha256::digest(masked_plan(&one).to_string()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash(&one), format!("sha256:{hex}"));
    assert_eq!(hash(&one), hash(&plan("battery-staple", "assumed")));
    assert_ne!(hash(&one), hash(&plan("correct-horse", "something else")));
}

#[test]
fn a_checksum_is_of_versions_and_not_of_contents() {
    let live = |version: &str, data: &str| {
        let metadata = json!({ "name": "a", "namespace": "n", "uid": "u", "resourceVersion": version });
        Live::new(json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": { "a": data } })).unwrap()
    };
    let of = |live: Live| checksum([&live].into_iter());
    assert_eq!(of(live("1", "x")), of(live("1", "y")));
    assert_ne!(of(live("1", "x")), of(live("2", "x")));
}

#[test]
fn a_pass_under_way_is_told_beside_the_last_one() {
    let diagnostics = diagnostics();
    assert_eq!(document(&diagnostics)["passUnderWay"], Value::Null);
    diagnostics.begins();
    diagnostics.doing("looking");
    diagnostics.ends(true, Instant::now());
    diagnostics.begins();
    diagnostics.doing("looking");
    diagnostics.doing("executing");
    let sent = diagnostics.sent(&Method::PATCH, "/api/v1/x");
    let told = document(&diagnostics);
    assert_eq!((&told["lastPass"]["number"], &told["lastPass"]["succeeded"]), (&json!(1), &json!(true)));
    let under_way = &told["passUnderWay"];
    assert_eq!(
        (&under_way["number"], &under_way["doing"], &under_way["round"]),
        (&json!(2), &json!("executing"), &json!(1))
    );
    assert_eq!(told["requests"]["underWay"][0]["request"], "PATCH /api/v1/x");
    // A request that nobody waits for any more is none.
    drop(sent);
    assert_eq!(document(&diagnostics)["requests"]["underWay"], json!([]));
}

#[test]
fn requests_are_counted_as_the_metrics_have_it() {
    let metrics = Metrics::new();
    let diagnostics = Diagnostics::new(metrics.clone());
    diagnostics.sent(&Method::PATCH, "/api/v1/x").ended(Verb::Apply, Result::Failed);
    metrics.request(Verb::Apply, Result::Failed);
    let ended = &document(&diagnostics)["requests"]["ended"];
    assert_eq!(ended.as_array().map(Vec::len), Some(1), "{ended:#}");
    let [verb, result, count] = ["verb", "result", "count"].map(|field| ended[0][field].clone());
    assert_eq!([verb, result, count], [json!("apply"), json!("failed"), json!(1)]);
    assert_eq!(ended[0]["last"]["request"], "PATCH /api/v1/x");
}

#[test]
fn the_last_write_and_failure_outlive_the_outcome() {
    let diagnostics = diagnostics();
    let object = plan("", "").steps.first().map(crate::execute::subject).unwrap();
    let take = |done| diagnostics.outcome(&Outcome { concern: Concern::Registry, object: object.clone(), done });
    take(Done::Configured(vec!["spec.replicas".to_owned()]));
    take(Done::Failed(Error::NotLeader));
    diagnostics.planned(&plan("", ""), Some(&BTreeSet::from([Concern::Registry])));
    let told = || document(&diagnostics)["objects"][0].take();
    assert_eq!(told()["outcome"], "failed", "a concern that waits stays as it was");
    diagnostics.planned(&plan("", ""), Some(&BTreeSet::new()));
    let told = told();
    assert_eq!((&told["object"], &told["outcome"]), (&json!(object), &json!("unchanged")));
    assert_eq!(told["lastWrite"]["detail"], "spec.replicas");
    assert_eq!(told["lastFailure"]["detail"], Error::NotLeader.to_string());
}

#[test]
fn what_is_heard_of_a_target_is_told_with_it() {
    let diagnostics = diagnostics();
    let target = Target::one("Config", "", "cluster");
    let seen = diagnostics.seen(&target, By::Watch);
    seen.opened();
    seen.heard(Some("7"), false);
    let told = || document(&diagnostics)["targets"][0].take();
    assert!(told()["open"].is_string() && told()["lastEvent"].is_null(), "{}", told());
    assert_eq!(told()["resourceVersion"], "7");
    seen.ended(&Err::<(), _>(Error::NotLeader));
    assert!(told()["open"].is_null() && told()["trouble"].is_string(), "{}", told());
    // A turn that nobody takes any more is forgotten; a watch is not.
    diagnostics.seen(&Target::one("Proxy", "", "cluster"), By::Turns);
    diagnostics.held(&crate::execute::World::default(), &[]);
    let kinds = |source: &Source| source.kind;
    assert_eq!(diagnostics.note(|records| records.targets.values().map(kinds).collect::<Vec<_>>()), ["Config"]);
}

#[tokio::test]
async fn a_socket_that_is_left_behind_is_replaced_and_nothing_else_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let socket = serve(&path, diagnostics()).await.unwrap();
    let answered = ask(&path).await.unwrap();
    assert!(answered.contains("\"pid\""), "{answered}");

    let refused = serve(&path, diagnostics()).await.unwrap_err();
    assert_eq!(refused.to_string(), "another operator listens there");
    assert_eq!(ask(&path).await.map(|_| ()), Ok(()));
    drop(socket);
    assert!(!path.exists());

    fs::write(&path, "precious").unwrap();
    let refused = serve(&path, diagnostics()).await.unwrap_err();
    assert_eq!(refused.to_string(), "there is a file that is no socket");
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    let missing = ask(Path::new("/nonexistent/socket")).await.unwrap_err();
    assert!(missing.contains("there is no such socket"), "{missing}");
}

#[tokio::test]
async fn who_does_not_read_keeps_nobody_waiting_for_long() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let diagnostics = diagnostics();
    // More than a socket takes by itself.
    diagnostics.note(|records| records.lease.identity = "x".repeat(4 * 1024 * 1024));
    let _socket = serve(&path, diagnostics).await.unwrap();
    let _idle: Vec<_> = (0..3).map(|_| UnixStream::connect(&path).unwrap()).collect();
    assert!(ask(&path).await.unwrap().ends_with("}\n"));
}
