//! What `plan` prints, as the picture in the documentation shows it. `UPDATE_DOCS=1` writes the file anew;
//! `tests/docs/pictures.rs` draws it.

use crate::cluster::operator::Options;
use crate::cluster::{Cluster, eventually};
use crate::install::empty_dir;
use crate::verbs::{command, end};
use serde_json::{Value, json};
use std::time::Duration;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pictures/plan.txt");
const SOON: Duration = Duration::from_secs(30);

async fn verb(cluster: &Cluster, arguments: &str) -> (i32, String) {
    let environment = Options::default().with("CLICOLOR_FORCE", "1").environment;
    let ended = end(command(cluster, arguments, environment)).await;
    (ended.code, format!("{}{}", ended.stderr, ended.stdout))
}

/// Waits until all that runs is of the newest form.
async fn rolled_out(cluster: &Cluster, image: &str) {
    eventually(SOON, "the Deployment is rolled out", async || {
        let live = cluster.get("apps/v1", "Deployment", "openshift-image-registry", "image-registry").await.unwrap();
        let (status, generation) = (&live["status"], &live["metadata"]["generation"]);
        let is_new = live["spec"]["template"]["spec"]["containers"][0]["image"] == image;
        let counts = ["replicas", "updatedReplicas", "availableReplicas"].map(|field| status[field].as_i64());
        let conditions = status["conditions"].as_array().cloned().unwrap_or_default();
        let is_complete = conditions.iter().any(|condition| condition["reason"] == "NewReplicaSetAvailable");
        let is_done = status["observedGeneration"] == *generation && counts == [Some(1); 3] && is_complete;
        if is_new && is_done { Ok(()) } else { Err(status.to_string()) }
    })
    .await;
}

/// How often the Deployment was written on the way depends on how fast others were.
async fn steady(cluster: &Cluster, shown: &str) -> String {
    let live = cluster.get("apps/v1", "Deployment", "openshift-image-registry", "image-registry").await.unwrap();
    let now = live["metadata"]["generation"].as_i64().unwrap();
    let field = |generation: i64| format!("lastGeneration: {generation}\u{1b}");
    assert!(shown.contains(&field(now)) && shown.contains(&field(now - 1)), "{shown}");
    shown.replace(&field(now - 1), &field(1)).replace(&field(now), &field(2))
}

#[tokio::test]
async fn the_picture_shows_what_plan_prints() {
    let cluster = Cluster::acquire().await;
    let directory = tempfile::tempdir().unwrap();
    let mut config = empty_dir();
    config["spec"]["httpSecret"] = "secret".into();
    cluster.apply(&config).await.unwrap();
    let (code, said) = verb(&cluster, "apply --wait --timeout 60").await;
    assert_eq!(code, 0, "{said}");

    // Somebody has an image of his own, and somebody is about to change Config.
    let image = "registry.example.com/mine:latest";
    let deployment: Value = json!({ "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "image-registry", "namespace": "openshift-image-registry" } });
    let patch = json!([{ "op": "replace", "path": "/spec/template/spec/containers/0/image", "value": image }]);
    cluster.json_patch(&deployment, &patch, "fieldManager=kubectl-patch").await.unwrap();
    rolled_out(&cluster, image).await;
    config["spec"]["logLevel"] = "Debug".into();
    config["spec"]["replicas"] = 3.into();
    let file = directory.path().join("config.yaml");
    std::fs::write(&file, config.to_string()).unwrap();

    let (code, shown) = verb(&cluster, &format!("plan -f {}", file.display())).await;
    assert_eq!(code, 1, "{shown}");
    let shown = format!("$ cluster-image-registry-operator plan -f config.yaml\n{}", steady(&cluster, &shown).await);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(FILE, &shown).unwrap();
    }
    let drawn = std::fs::read_to_string(FILE).unwrap_or_default();
    assert_eq!(shown, drawn, "{FILE} is not what plan prints; `just pictures` writes it");
}
