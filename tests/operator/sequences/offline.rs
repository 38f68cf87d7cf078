//! What is live against what is rendered offline, from a dump as the documentation tells to make it.

use super::state::is_empty;
use crate::cluster::Cluster;
use crate::cluster::operator::Options;
use cluster_image_registry_operator::execute::ownership::contains;
use cluster_image_registry_operator::inputs::files::{self, EnvSource};
use cluster_image_registry_operator::problem::Problem;
use cluster_image_registry_operator::render::render;
use serde_json::{Value, json};
use std::process::Command;

const ENVIRONMENT: &str = "env.yaml";
const DOCUMENTED: &str = include_str!("../../../docs/render-your-cluster.md");

/// The commands of the documentation, without `oc` and the prompt: arguments, and the file that the output goes to.
fn documented() -> Vec<(Vec<&'static str>, &'static str)> {
    let lines = DOCUMENTED.split("```console").nth(1).unwrap().split("```").next().unwrap();
    let commands = lines.split("\n$ ").filter_map(|command| command.trim().strip_prefix("oc "));
    let parts = commands.map(|command| {
        let (arguments, file) = command.split_once(" > ").unwrap();
        (arguments.split_whitespace().filter(|word| *word != "\\").collect(), file.trim())
    });
    parts.collect()
}

/// Dumps the cluster; the directory has the dump, and the environment of the operator beside it.
fn dump(cluster: &Cluster) -> tempfile::TempDir {
    let commands = documented();
    assert!(commands.len() >= 4, "{commands:?}");
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("dump")).unwrap();
    for (arguments, file) in commands {
        std::fs::write(directory.path().join(file), cluster.kubectl(&arguments)).unwrap();
    }
    let environment = Options::default().environment;
    std::fs::write(directory.path().join(ENVIRONMENT), json!(environment).to_string()).unwrap();
    directory
}

/// What is wrong with what is live, as it is found offline.
pub fn problems(cluster: &Cluster) -> Vec<Problem> {
    let directory = dump(cluster);
    let environment = directory.path().join(ENVIRONMENT);
    match files::load(&[directory.path().join("dump")], EnvSource::File(&environment)) {
        Ok(loaded) => render(&loaded.inputs).problems,
        Err(problems) => problems,
    }
}

/// Every rendered field that the live object has otherwise or lacks.
pub async fn differences(cluster: &Cluster) -> Vec<String> {
    let directory = dump(cluster);
    let mut command = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"));
    command
        .arg("render")
        .arg("-f")
        .arg(directory.path().join("dump"))
        .arg("--env-file")
        .arg(directory.path().join(ENVIRONMENT))
        .env_clear();
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    if !output.status.success() {
        return vec![format!("render: {}: {}", output.status, String::from_utf8_lossy(&output.stderr))];
    }
    let rendered: Vec<Value> = serde_saphyr::from_multiple(&String::from_utf8(output.stdout).unwrap()).unwrap();
    assert!(rendered.len() > 5, "only {} objects are rendered", rendered.len());
    let mut found = Vec::new();
    for wanted in &rendered {
        let (api, name) = cluster.api_of(wanted);
        let name = format!("{} {name}", wanted["kind"].as_str().unwrap());
        match api.get_opt(wanted["metadata"]["name"].as_str().unwrap()).await.unwrap() {
            Some(live) => compare(&name, wanted, &json!(live), &mut found),
            None => found.push(format!("{name} is rendered, and does not exist")),
        }
    }
    found
}

fn compare(path: &str, wanted: &Value, live: &Value, found: &mut Vec<String>) {
    match (wanted, live) {
        (wanted, live) if contains(live, wanted) => {}
        // What was applied empty over more is not there.
        (wanted, Value::Null) if is_empty(wanted) => {}
        (Value::Object(wanted), Value::Object(live)) => {
            for (name, wanted) in wanted {
                compare(&format!("{path} / {name}"), wanted, live.get(name).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(wanted), Value::Array(live)) if wanted.len() == live.len() => {
            for (index, (wanted, live)) in wanted.iter().zip(live).enumerate() {
                compare(&format!("{path} / {index}"), wanted, live, found);
            }
        }
        _ => found.push(format!("{path} is rendered otherwise than it is live")),
    }
}
