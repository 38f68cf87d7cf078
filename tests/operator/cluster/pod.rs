//! What kubelet makes of a Deployment's pod, for a process beside the cluster: its arguments, environment, files, token.

use super::objects::Objects;
use super::{Cluster, eventually};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const NAMESPACE: &str = "openshift-image-registry";
const SOON: Duration = Duration::from_secs(30);

/// A pod's first container.
pub struct Pod {
    /// With paths in a directory of this run.
    pub arguments: Vec<String>,
    pub environment: BTreeMap<String, String>,
    /// With a token of the pod's service account.
    pub kubeconfig: PathBuf,
    /// The account, as the API server names it.
    pub user: String,
}

impl Pod {
    /// Of a Deployment in the operator's namespace, as soon as it is ready.
    pub async fn of(cluster: &Cluster, deployment: &str) -> Pod {
        let live = eventually(SOON, &format!("Deployment {deployment} is ready"), async || {
            let found = cluster.get("apps/v1", "Deployment", NAMESPACE, deployment).await.unwrap_or_default();
            if found["status"]["readyReplicas"] == 1 { Ok(found) } else { Err(found["status"].to_string()) }
        })
        .await;
        let spec = &live["spec"]["template"]["spec"];
        let container = &spec["containers"][0];
        let root = cluster.directory().join(format!("pod-{deployment}"));
        mount(cluster, spec, &root).await;
        let account = spec["serviceAccountName"].as_str().unwrap();
        Pod {
            arguments: arguments(container, &root),
            environment: environment(container, deployment),
            kubeconfig: kubeconfig(cluster, account),
            user: format!("system:serviceaccount:{NAMESPACE}:{account}"),
        }
    }
}

/// Writes the files of Secrets and ConfigMaps, once they are there, below `root`.
async fn mount(objects: &Objects, spec: &Value, root: &Path) {
    let mounts = spec["containers"][0]["volumeMounts"].as_array().unwrap();
    for mount in mounts {
        let volume = spec["volumes"].as_array().unwrap().iter().find(|volume| volume["name"] == mount["name"]).unwrap();
        let directory = root.join(mount["mountPath"].as_str().unwrap().trim_matches('/'));
        fs::create_dir_all(&directory).unwrap();
        let (kind, name) = match (&volume["secret"]["secretName"], &volume["configMap"]["name"]) {
            (Value::String(name), _) => ("Secret", name),
            (_, Value::String(name)) => ("ConfigMap", name),
            _ => continue,
        };
        let found = eventually(SOON, &format!("{kind} {name} is there"), async || {
            objects.get("v1", kind, NAMESPACE, name).await.ok_or_else(String::new)
        })
        .await;
        // Items that pick keys are of optional volumes only, which may be empty.
        let data = found["data"].as_object().filter(|_| volume["configMap"]["items"].is_null());
        for (key, value) in data.into_iter().flatten() {
            let text = value.as_str().unwrap();
            let content = if kind == "Secret" { decode(text) } else { text.as_bytes().to_vec() };
            fs::write(directory.join(key), free_port(content)).unwrap();
        }
    }
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

/// A pod has an address of its own; here, others may be using the port.
fn free_port(content: Vec<u8>) -> Vec<u8> {
    match String::from_utf8(content) {
        Ok(text) => text.replace("bindAddress: \":60000\"", "bindAddress: \"127.0.0.1:0\"").into_bytes(),
        Err(error) => error.into_bytes(),
    }
}

fn arguments(container: &Value, root: &Path) -> Vec<String> {
    let given = container["args"].as_array().unwrap().iter().map(|argument| argument.as_str().unwrap());
    let moved = given.map(|argument| argument.replacen("=/", &format!("={}/", root.display()), 1));
    let secrets = root.join("etc/secrets");
    let defaults = ["certificate=tls.crt", "key=tls.key"].map(|default| {
        let (what, file) = default.split_once('=').unwrap();
        format!("--tls-{what}={}", secrets.join(file).display())
    });
    moved.chain(defaults).collect()
}

fn environment(container: &Value, deployment: &str) -> BTreeMap<String, String> {
    let variables = container["env"].as_array().unwrap().iter();
    let value = |variable: &Value| match variable["valueFrom"]["fieldRef"]["fieldPath"].as_str() {
        Some("metadata.namespace") => NAMESPACE.to_owned(),
        Some("metadata.name") => format!("{deployment}-0"),
        Some(other) => panic!("{other} is unknown here"),
        None => variable["value"].as_str().unwrap().to_owned(),
    };
    variables.map(|variable| (variable["name"].as_str().unwrap().to_owned(), value(variable))).collect()
}

fn kubeconfig(cluster: &Cluster, account: &str) -> PathBuf {
    let token = cluster.kubectl(&["create", "token", account, "-n", NAMESPACE]);
    let mut config: Value = serde_json::from_slice(&fs::read(cluster.kubeconfig("tests")).unwrap()).unwrap();
    config["users"][0]["user"] = json!({"token": token.trim()});
    let path = cluster.directory().join(format!("pod-{account}.kubeconfig"));
    fs::write(&path, config.to_string()).unwrap();
    path
}
