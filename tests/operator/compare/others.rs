//! The same objects, applied by others: kubectl, kubectl with an ApplySet that prunes, and Flux's library.

use super::rows::Row;
use super::{PHASES, drift, stands};
use crate::cluster::Cluster;
use crate::cluster::credentials::TESTS;
use crate::support::servers::flux_ssa;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One way to apply files.
pub struct Contender {
    name: &'static str,
    /// How it calls itself.
    agent: &'static str,
    /// The files with and without the Route.
    files: [PathBuf; 2],
    command: fn(&Contender, &Cluster, Phase) -> Command,
    home: tempfile::TempDir,
}

/// What is applied.
#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Full,
    Pruned,
}

/// All of them.
pub fn all(cluster: &Cluster, objects: &[Vec<Value>; 2]) -> Vec<Contender> {
    let directory = cluster.directory().join("compare");
    fs::create_dir_all(&directory).unwrap();
    let file = |name: &str, objects: &[Value]| {
        let path = directory.join(name);
        let documents: Vec<String> = objects.iter().map(Value::to_string).collect();
        fs::write(&path, documents.join("\n---\n")).unwrap();
        path
    };
    let files = [file("full.yaml", &objects[0]), file("pruned.yaml", &objects[1])];
    // A set that a ConfigMap describes holds objects of one namespace: here is one less.
    let elsewhere = |object: &Value| object["metadata"]["namespace"] == "openshift-config-managed";
    let here = objects
        .each_ref()
        .map(|objects| -> Vec<Value> { objects.iter().filter(|object| !elsewhere(object)).cloned().collect() });
    let files_here = [file("full-here.yaml", &here[0]), file("pruned-here.yaml", &here[1])];
    let contender = |name, agent, command, files: &[PathBuf; 2]| Contender {
        name,
        agent,
        files: files.clone(),
        command,
        home: tempfile::tempdir().unwrap(),
    };
    vec![
        contender("kubectl apply --server-side", "kubectl/", kubectl, &files),
        contender("kubectl apply --server-side --prune --applyset", "kubectl/", apply_set, &files_here),
        contender("fluxcd/pkg/ssa", "flux-ssa/", flux, &files),
    ]
}

impl Contender {
    fn file(&self, phase: Phase) -> &Path {
        &self.files[usize::from(phase == Phase::Pruned)]
    }
}

fn kubectl(contender: &Contender, cluster: &Cluster, phase: Phase) -> Command {
    let mut command = cluster.kubectl_command();
    // What it learns of the kinds is kept, as on a desk.
    command.arg("--cache-dir").arg(contender.home.path()).args(["apply", "--server-side", "--force-conflicts", "-f"]);
    command.arg(contender.file(phase));
    command
}

fn apply_set(contender: &Contender, cluster: &Cluster, phase: Phase) -> Command {
    let mut command = kubectl(contender, cluster, phase);
    command.args(["--prune", "--applyset=configmaps/applied", "--namespace=openshift-image-registry"]);
    command.env("KUBECTL_APPLYSET", "true");
    command
}

fn flux(contender: &Contender, cluster: &Cluster, phase: Phase) -> Command {
    let mut command = Command::new(flux_ssa().unwrap());
    command.arg(cluster.kubeconfig(TESTS)).arg(contender.file(phase));
    if phase == Phase::Pruned {
        command.arg(contender.file(Phase::Full));
    }
    command
}

/// All phases of one; who cannot prune has three.
pub async fn measure(cluster: &Cluster, contender: &Contender) -> Vec<Row> {
    let mut rows = Vec::new();
    for phase in PHASES {
        let is_pruned = phase == "prune";
        if is_pruned && contender.name == "kubectl apply --server-side" {
            continue;
        }
        if phase == "drifted" {
            drift(cluster).await;
        }
        let mark = cluster.audit_mark().await;
        let mut command = (contender.command)(contender, cluster, if is_pruned { Phase::Pruned } else { Phase::Full });
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{}: {phase}:\n{said}{errors}", contender.name);
        assert_eq!(stands(cluster).await, (true, !is_pruned), "{}: {phase}:\n{said}{errors}", contender.name);
        let mut requests = cluster.requests_since(mark, TESTS).await;
        requests.retain(|request| request.user_agent.starts_with(contender.agent));
        assert!(!requests.is_empty(), "{}: {phase}", contender.name);
        rows.push(Row::of(contender.name, phase, &requests));
    }
    rows
}
