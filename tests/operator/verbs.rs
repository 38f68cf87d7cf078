//! `plan` and `apply` as people run them.

use crate::cluster::Cluster;
use crate::cluster::audit::{Mark, Request, writes};
use crate::cluster::credentials::OPERATOR;
use crate::cluster::operator::Options;
use crate::cluster::stand_ins::StandIn;
use crate::idle::settle;
use crate::install::empty_dir;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

const DEPLOYMENT: &str = "Deployment/openshift-image-registry/image-registry";
const CANARY: &str = "correct-horse-battery-staple";

/// How a verb ended.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// Standard output, if it ended with this code. No secret is ever in what a verb says.
    #[track_caller]
    pub fn with(self, code: i32) -> String {
        let Ended { code: ended, stdout, stderr } = self;
        assert_eq!(ended, code, "\n----- stdout -----\n{stdout}----- stderr -----\n{stderr}");
        assert!(!format!("{stdout}{stderr}").contains(CANARY), "{stdout}{stderr}");
        stdout
    }
}

/// A verb with a kubeconfig.
pub fn command(cluster: &Cluster, arguments: &str, environment: BTreeMap<String, String>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"));
    command.args(arguments.split_whitespace()).arg("--kubeconfig").arg(cluster.kubeconfig(OPERATOR));
    command.env_clear().envs(environment).stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub async fn end(mut command: Command) -> Ended {
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs a verb to its end, with the operator's environment.
async fn run(cluster: &Cluster, arguments: &str) -> Ended {
    end(command(cluster, arguments, Options::default().environment)).await
}

/// Runs a verb that must not write anything, not even by dry-run; gives what it says.
async fn refused(cluster: &Cluster, arguments: &str, code: i32) -> String {
    let mark = cluster.audit_mark().await;
    let ended = run(cluster, arguments).await;
    assert_no_writes(cluster, mark, |_| false).await;
    let said = ended.stderr.clone();
    assert_eq!(ended.with(code), "");
    said
}

/// Runs `plan`, which must have changed nothing.
async fn plan(cluster: &Cluster, arguments: &str) -> Ended {
    let mark = cluster.audit_mark().await;
    let ended = run(cluster, &format!("plan {arguments}")).await;
    assert_no_writes(cluster, mark, |request| request.uri.contains("dryRun=All")).await;
    ended
}

/// Every request since then only looks, or may be.
async fn assert_no_writes(cluster: &Cluster, mark: Mark, may_be: impl Fn(&Request) -> bool) {
    let requests = cluster.requests_since(mark, OPERATOR).await;
    let written = writes(&requests).into_iter().filter(|request| !may_be(request));
    let written: Vec<String> = written.map(|request| format!("{} {}", request.verb, request.uri)).collect();
    assert!(!requests.is_empty() && written.is_empty(), "{written:?}");
}

fn config() -> Value {
    let mut config = empty_dir();
    config["spec"]["httpSecret"] = CANARY.into();
    config
}

async fn deployment(cluster: &Cluster) -> Value {
    cluster.get("apps/v1", "Deployment", "openshift-image-registry", "image-registry").await.unwrap()
}

/// A file with a Config.
fn file(directory: &tempfile::TempDir, config: &Value) -> String {
    let path = directory.path().join("config.yaml");
    std::fs::write(&path, config.to_string()).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn what_is_planned_is_applied_and_then_nothing_differs() {
    let cluster = Cluster::acquire().await;
    let shown = plan(&cluster, "").await.with(1);
    assert!(shown.contains("created    Config/cluster\n"), "{shown}");
    let mut given = config();
    given["metadata"]["finalizers"] = json!(["example.com/theirs"]);
    cluster.apply(&given).await.unwrap();
    let shown = plan(&cluster, "").await.with(1);
    let ours = "\"imageregistry.operator.openshift.io/finalizer\"";
    assert!(shown.contains(&format!("+ metadata.finalizers: [\"example.com/theirs\",{ours}]\n")), "{shown}");
    for object in
        [DEPLOYMENT, "ClusterRole/system:registry", "ImagePruner/cluster", "status of ClusterOperator/image-registry"]
    {
        assert!(shown.contains(&format!("created    {object}\n")), "{object}:\n{shown}");
    }
    assert!(shown.contains("    + status.conditions[Available]: False DeploymentNotFound "), "{shown}");
    let applied = run(&cluster, "apply --wait --timeout 60").await.with(0);
    assert!(applied.contains(&format!("{DEPLOYMENT} created\n")), "{applied}");
    assert!(applied.ends_with("The registry is ready\n"), "{applied}");
    assert_eq!(cluster.config_condition("Available").await.unwrap()["status"], "True");
    let again = run(&cluster, "apply --wait").await.with(0);
    assert!(again.ends_with("The registry is ready\n"), "{again}");
    let again = plan(&cluster, "").await.with(0);
    assert!(again.ends_with(" unchanged\n") && again.lines().count() == 1, "{again}");

    // Somebody takes a field.
    let mut drifted = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "spec": { "replicas": 3 } });
    drifted["metadata"] = json!({ "name": "image-registry", "namespace": "openshift-image-registry" });
    cluster.apply(&drifted).await.unwrap();
    let shown = plan(&cluster, "").await.with(1);
    let block = "    - spec.replicas: 3\n    + spec.replicas: 1\n      owned by tests\n";
    assert!(shown.contains(&format!("changed    {DEPLOYMENT}\n{block}")), "{shown}");
    let json: Value = serde_json::from_str(&plan(&cluster, "-o json").await.with(1)).unwrap();
    let object = json.as_array().unwrap().iter().find(|preview| preview["object"] == DEPLOYMENT).unwrap();
    assert_eq!(object["action"], "changed");
    assert_eq!(object["fields"], json!([{ "path": "spec.replicas", "old": 3, "new": 1, "owners": ["tests"] }]));
    assert_eq!(deployment(&cluster).await["spec"]["replicas"], 3);

    // One writer at a time.
    let mut lease = json!({ "apiVersion": "coordination.k8s.io/v1", "kind": "Lease" });
    lease["metadata"] = json!({ "name": "openshift-master-controllers", "namespace": "openshift-image-registry" });
    let now = format!("{:.6}", jiff::Timestamp::now());
    lease["spec"] = json!({ "holderIdentity": "somebody", "leaseDurationSeconds": 137, "renewTime": now });
    cluster.apply(&lease).await.unwrap();
    let refused = refused(&cluster, "apply", 3).await;
    assert!(refused.contains("somebody holds the operator's lease") && refused.contains("--ignore-lease"), "{refused}");
    let repaired = run(&cluster, "apply --ignore-lease").await.with(0);
    assert!(repaired.contains(&format!("{DEPLOYMENT} configured: spec.replicas\n")), "{repaired}");
    assert_eq!(deployment(&cluster).await["spec"]["replicas"], 1);
    cluster.delete(&lease).await.unwrap();
}

#[tokio::test]
async fn a_file_takes_the_place_of_the_live_config() {
    let cluster = Cluster::acquire().await;
    let directory = tempfile::tempdir().unwrap();
    cluster.apply(&config()).await.unwrap();
    run(&cluster, "apply --wait --timeout 60").await.with(0);

    let level = "spec.template.spec.containers[registry].env[REGISTRY_LOG_LEVEL].value";
    let mut changed = config();
    changed["spec"]["logLevel"] = "Debug".into();
    let changed = file(&directory, &changed);
    let shown = plan(&cluster, &format!("-f {changed}")).await.with(1);
    assert!(
        shown.contains(&format!("changed    {DEPLOYMENT}\n    - {level}: info\n    + {level}: debug\n")),
        "{shown}"
    );
    let mark = cluster.audit_mark().await;
    let applied = run(&cluster, &format!("apply -f {changed}")).await.with(0);
    assert!(applied.contains(&format!("{DEPLOYMENT} configured: ")), "{applied}");
    let requests = cluster.requests_since(mark, OPERATOR).await;
    assert!(writes(&requests).iter().all(|request| request.resource != "configs"), "a file is an input only");

    let mut removed = config();
    removed["spec"]["managementState"] = "Removed".into();
    let shown = plan(&cluster, &format!("-f {}", file(&directory, &removed))).await.with(1);
    assert!(shown.contains(&format!("deleted    {DEPLOYMENT}: ")), "{shown}");

    let mut secretive = config();
    secretive["spec"]["httpSecret"] = format!("{CANARY}-2").into();
    let shown = plan(&cluster, &format!("-f {} --all", file(&directory, &secretive))).await.with(1);
    let variable = "spec.template.spec.containers[registry].env[REGISTRY_HTTP_SECRET].value";
    assert!(shown.contains(&format!("    - {variable}: <masked>\n    + {variable}: <masked>\n")), "{shown}");
    assert!(shown.contains("unchanged  Secret/"), "{shown}");

    let mut bad = config();
    bad["spec"]["storage"]["pvc"] = json!({ "claim": "" });
    let bad = file(&directory, &bad);
    let ended = plan(&cluster, &format!("-f {bad}")).await;
    assert!(ended.stderr.contains("error: Config/cluster: spec.storage: "), "{}", ended.stderr);
    ended.with(2);
    let said = refused(&cluster, &format!("apply -f {bad}"), 2).await;
    assert!(said.contains("error: Config/cluster: spec.storage: "), "{said}");

    // What cannot become available is explained.
    cluster.stand_ins().pause(StandIn::Kubelet);
    let mut elsewhere = config();
    elsewhere["spec"]["nodeSelector"] = json!({ "no": "where" });
    let ended = run(&cluster, &format!("apply -f {} --wait --timeout 2", file(&directory, &elsewhere))).await;
    for line in ["waiting: ", "error: the registry is not available after 2 seconds\n", "error: Pod/"] {
        assert!(ended.stderr.contains(line), "{}{}", ended.stdout, ended.stderr);
    }
    ended.with(3);
}

#[tokio::test]
async fn without_an_environment_that_of_the_operator_is_taken() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&config()).await.unwrap();
    let bare = |cluster: &Cluster| command(cluster, "plan -o json", Default::default());
    let ended = end(bare(&cluster)).await;
    assert!(ended.stderr.contains("IMAGE"), "{}", ended.stderr);
    ended.with(2);
    let variables: Vec<Value> =
        Options::default().environment.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let labels = json!({ "name": "cluster-image-registry-operator" });
    let container = json!({ "name": "operator", "image": "registry.example.com/operator", "env": variables });
    let operator = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": "cluster-image-registry-operator", "namespace": "openshift-image-registry" },
        "spec": {
            "replicas": 0, "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": { "containers": [container] } },
        },
    });
    cluster.apply(&operator).await.unwrap();
    let ended = end(bare(&cluster)).await;
    assert!(ended.stderr.starts_with("note: images and versions are those of Deployment/"), "{}", ended.stderr);
    let found = ended.with(1);
    assert_eq!(found, plan(&cluster, "-o json").await.with(1));
    // What a user has set is not written over, and is no difference.
    let mut taken = config();
    taken["spec"]["observedConfig"] = json!({ "servingInfo": { "minTLSVersion": "VersionTLS13" } });
    cluster.apply(&taken).await.unwrap();
    let shown = plan(&cluster, "").await.with(1);
    let note = "changed    Config/cluster: spec.observedConfig.servingInfo.minTLSVersion of tests stays\n";
    assert!(shown.contains(note), "{shown}");
    let applied = run(&cluster, "apply --wait").await.with(0);
    assert!(applied.contains("Config/cluster configured: "), "{applied}");
    let shown = plan(&cluster, "").await.with(0);
    assert!(shown.starts_with("skipped    Config/cluster: ") && shown.lines().count() == 2, "{shown}");
}

#[tokio::test]
async fn what_is_written_back_is_heeded_by_the_same_apply() {
    let cluster = Cluster::acquire().await;
    // What it makes afterwards would be another reason to write.
    cluster.stand_ins().pause(StandIn::ServiceCa);
    cluster.apply(&empty_dir()).await.unwrap();
    let applied = run(&cluster, "apply").await.with(0);
    assert!(applied.contains("Config/cluster configured: ") && applied.contains("spec.httpSecret"), "{applied}");
    let config = cluster.get("imageregistry.operator.openshift.io/v1", "Config", "", "cluster").await.unwrap();
    assert_eq!(config["status"]["observedGeneration"], config["metadata"]["generation"], "{applied}");
    let deployment = deployment(&cluster).await;
    let variables = deployment["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
    let secret = variables.iter().find(|variable| variable["name"] == "REGISTRY_HTTP_SECRET").unwrap();
    assert_eq!(secret["value"], config["spec"]["httpSecret"]);

    settle(&cluster).await;
    let mark = cluster.audit_mark().await;
    run(&cluster, "apply").await.with(0);
    let requests = cluster.requests_since(mark, OPERATOR).await;
    // How the rollout has gone on since is told.
    let more: Vec<_> = writes(&requests).into_iter().filter(|request| !request.uri.contains("/status?")).collect();
    assert!(more.is_empty(), "{more:#?}");
}

/// Every list and every object that was read, and how often.
fn looks(requests: &[Request]) -> BTreeMap<&str, usize> {
    let mut found = BTreeMap::new();
    for request in requests.iter().filter(|request| ["get", "list"].contains(&request.verb.as_str())) {
        *found.entry(request.uri.as_str()).or_default() += 1;
    }
    found
}

#[tokio::test]
async fn nothing_is_read_twice_without_a_reason() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&config()).await.unwrap();
    let applied = async || {
        let mark = cluster.audit_mark().await;
        run(&cluster, "apply").await.with(0);
        cluster.requests_since(mark, OPERATOR).await
    };
    // Values were written back, after which everything is looked at again.
    let first = applied().await;
    let often: Vec<_> = looks(&first).into_iter().filter(|(_, count)| *count > 2).collect();
    assert!(often.is_empty(), "{often:?}");
    run(&cluster, "apply --wait --timeout 60").await.with(0);

    let unchanged = applied().await;
    let twice = |requests: &[Request]| -> Vec<String> {
        let looks = looks(requests).into_iter().filter(|(_, count)| *count > 1);
        looks.map(|(uri, count)| format!("{uri} {count} times")).collect()
    };
    assert!(writes(&unchanged).is_empty(), "{unchanged:#?}");
    assert_eq!(twice(&unchanged), [""; 0]);
    let at_first = looks(&first);
    let is_once = |uri: &&str| at_first.get(uri) != Some(&2) && !uri.contains("/leases/");
    let once: Vec<_> = looks(&unchanged).into_keys().filter(is_once).collect();
    assert!(once.is_empty(), "not looked at again after the values were written back: {once:#?}");

    let mut drifted = json!({ "apiVersion": "v1", "kind": "Service", "spec": { "sessionAffinity": "None" } });
    drifted["metadata"] = json!({ "name": "image-registry", "namespace": "openshift-image-registry" });
    drifted["spec"]["selector"] = json!({ "docker-registry": "another" });
    cluster.apply(&drifted).await.unwrap();
    let repaired = applied().await;
    let written: Vec<_> = writes(&repaired).iter().map(|request| format!("{} {}", request.verb, request.uri)).collect();
    assert!(matches!(&written[..], [only] if only.contains("/services/image-registry?")), "{written:#?}");
    assert_eq!(twice(&repaired), [""; 0]);
    println!("requests: {} first, {} unchanged, {} repaired", first.len(), unchanged.len(), repaired.len());
}
