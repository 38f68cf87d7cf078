//! The operator at its most verbose, with keys of S3, the HTTP secret and passwords of proxies in it: nothing that it
//! tells to anybody has one of them.

use crate::cluster::Cluster;
use crate::cluster::credentials::OPERATOR;
use crate::e2e::support::{NAMESPACE, READY, condition, config, configure, reports};
use crate::storage::Aws;
use crate::support::servers::Keys;
use crate::verbs::{command, end};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::Duration;

const CANARY: &str = "canary-sings";

/// What must not be seen: the canary, and the keys that moto gave.
struct Secrets(Vec<String>);

impl Secrets {
    fn none_in(&self, what: &str, text: &str) {
        for secret in &self.0 {
            let Some(at) = text.find(secret.as_str()) else { continue };
            let begin = (0..=at.saturating_sub(200)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
            let around: String = text[begin..].chars().take(400).collect();
            panic!("{what} tells a secret: {around}");
        }
    }
}

#[tokio::test]
async fn no_key_of_the_storage_is_told() {
    let cluster = Cluster::acquire().await;
    let aws = Aws::around(&cluster).await;
    let keys = aws.moto.keys.clone();
    let secrets = Secrets(vec![CANARY.to_owned(), keys.access.clone(), keys.secret.clone()]);
    let mark = cluster.audit_mark().await;
    let mut operator = aws.operator(&cluster, &[]);
    reports(&cluster, &config(), &READY).await;

    // At first the level is only now raised; the bucket is settled anew at it.
    let proxy = json!({ "http": format!("http://u:{CANARY}@proxy.example.com:3128") });
    configure(
        &cluster,
        json!({ "operatorLogLevel": "TraceAll", "httpSecret": format!("{CANARY}-of-http"), "proxy": proxy }),
    )
    .await;
    wrong_keys(&cluster, &aws, &keys).await;
    let tags = json!([{ "key": "team", "value": "images" }]);
    let status = json!({ "type": "AWS", "aws": { "region": "us-east-1", "resourceTags": tags } });
    cluster.set_platform(status).await;
    reports(&cluster, &config(), &[["StorageTagged", "True", "TaggingSuccessful"]]).await;
    aws.give(&cluster, &keys).await;
    reports(&cluster, &config(), &READY).await;

    let log = operator.log();
    assert!(log.lines().filter(|line| line.contains(" TRACE ")).count() > 50, "the log is not verbose:\n{log:.2000}");
    secrets.none_in("the log", &log);
    for kind in ["Config", "ImagePruner"] {
        let object = cluster.get("imageregistry.operator.openshift.io/v1", kind, "", "cluster").await.unwrap();
        secrets.none_in(&format!("the status of {kind}"), &object["status"].to_string());
    }
    let operator_status = cluster.get("config.openshift.io/v1", "ClusterOperator", "", "image-registry").await.unwrap();
    secrets.none_in("ClusterOperator", &operator_status.to_string());
    let events = cluster.list("v1", "Event", NAMESPACE).await.unwrap();
    assert!(!events.is_empty());
    secrets.none_in("an event", &Value::from(events).to_string());
    for request in cluster.requests_since(mark, OPERATOR).await {
        secrets.none_in("a URL that the API server was asked", &request.uri);
    }
    let audit = std::fs::read_to_string(cluster.audit_log()).unwrap();
    secrets.none_in("the audit log", &audit);
    diagnostics(&operator, &secrets).await;
    operator.terminate(Duration::from_secs(30)).await;
    secrets.none_in("the end of the log", &operator.log());
    verbs(&cluster, &aws, &secrets).await;
}

/// The service refuses them and says so, which is a condition.
async fn wrong_keys(cluster: &Cluster, aws: &Aws, keys: &Keys) {
    let wrong = Keys { secret: format!("{CANARY}-of-aws"), ..keys.clone() };
    aws.give(cluster, &wrong).await;
    let found = reports(cluster, &config(), &[["StorageExists", "Unknown", "SignatureDoesNotMatch"]]).await;
    let message = condition(&found, "StorageExists")["message"].as_str().unwrap();
    assert!(!message.contains(CANARY) && !message.contains(&keys.access), "{message}");
}

async fn diagnostics(operator: &crate::cluster::operator::Operator, secrets: &Secrets) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"));
    command.arg("diagnostics").arg("--socket").arg(operator.socket()).env_clear().stdin(Stdio::null());
    let told = end(command).await;
    assert_eq!(told.code, 0, "{}", told.stderr);
    secrets.none_in("diagnostics", &told.stdout);
}

/// What is to be changed is told of every object, and then changed, while no operator is there to do it.
async fn verbs(cluster: &Cluster, aws: &Aws, secrets: &Secrets) {
    let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    let mut changed = crate::e2e::support::now(cluster, &config()).await;
    changed["spec"]["httpSecret"] = json!(format!("{CANARY}-of-another"));
    changed["spec"]["proxy"]["https"] = json!(format!("http://v:{CANARY}@proxy.example.com:3128"));
    std::fs::write(file.path(), changed.to_string()).unwrap();
    for verb in ["plan", "plan -o json", "apply"] {
        let arguments = format!("{verb} -f {}", file.path().display());
        let ending =
            tokio::time::timeout(Duration::from_secs(60), end(command(cluster, &arguments, aws.environment())));
        let ended = ending.await.expect("the verb does not end");
        assert!(matches!(ended.code, 0..=1), "{verb}: {}", ended.stderr);
        secrets.none_in(verb, &format!("{}{}", ended.stdout, ended.stderr));
    }
}
