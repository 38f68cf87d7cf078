//! What others do in a cluster that has nothing to do with the operator, seen by it or not.

use crate::cluster::Cluster;
use crate::e2e::support::object;
use serde_json::{Value, json};

/// Somebody's, in the operator's namespace.
const STRANGERS: [&str; 6] =
    ["ConfigMap", "Secret", "ServiceAccount", "Service", "NetworkPolicy", "PodDisruptionBudget"];
/// The operator's own, to which somebody adds something.
const OWN: [(&str, &str); 7] = [
    ("Config", "cluster"),
    ("ImagePruner", "cluster"),
    ("Deployment", "image-registry"),
    ("DaemonSet", "node-ca"),
    ("CronJob", "image-pruner"),
    ("Service", "image-registry"),
    ("ClusterRole", "system:registry"),
];
/// What the operator is not told of, and what it sees when its turn comes.
const ELSEWHERE: [(&str, &str, &str, &str); 5] = [
    ("v1", "ConfigMap", "openshift-config", "noise"),
    ("v1", "Secret", "openshift-config", "noise"),
    ("v1", "ConfigMap", "openshift-config-managed", "noise"),
    ("v1", "Node", "", "node-1"),
    ("config.openshift.io/v1", "Proxy", "", "cluster"),
];
const LABELS: &str = "of-somebody";

/// Changes, one after the other.
pub struct Noise {
    /// What is changed in turns.
    seen: Vec<Value>,
    changes: usize,
    /// What is there for a moment.
    passing: Option<Value>,
}

impl Noise {
    /// Creates what is changed.
    pub async fn begin(cluster: &Cluster) -> Self {
        let strangers = STRANGERS.map(|kind| object(kind, "noise"));
        for stranger in &strangers {
            cluster.apply(&filled(stranger)).await.unwrap();
        }
        for (api_version, kind, namespace, name) in ELSEWHERE {
            if name == "noise" {
                cluster.apply(&filled(&elsewhere(api_version, kind, namespace, name))).await.unwrap();
            }
        }
        let own = OWN.map(|(kind, name)| object(kind, name));
        Noise { seen: strangers.into_iter().chain(own).collect(), changes: 0, passing: None }
    }

    /// A change that the operator is told of, and that is none of its business.
    pub async fn seen(&mut self, cluster: &Cluster) {
        self.changes += 1;
        // Names that never come again: whoever remembers them grows.
        match (self.changes % 5, self.passing.take()) {
            (0, Some(passing)) => cluster.delete(&passing).await.unwrap(),
            (4, _) => {
                let kind = ["ConfigMap", "Secret"][self.changes / 5 % 2];
                let passing = object(kind, &format!("noise-{:08}", self.changes));
                cluster.apply(&filled(&passing)).await.unwrap();
                self.passing = Some(passing);
            }
            _ => {
                let next = &self.seen[self.changes % self.seen.len()];
                cluster.merge(next, touched(self.changes)).await.unwrap();
            }
        }
    }

    /// Whether nothing is there but what is there all the time.
    pub fn is_even(&self) -> bool {
        self.passing.is_none()
    }

    /// Changes that the operator is not told of, or not at once.
    pub async fn elsewhere(&mut self, cluster: &Cluster) {
        self.changes += 1;
        for (api_version, kind, namespace, name) in ELSEWHERE {
            let object = elsewhere(api_version, kind, namespace, name);
            cluster.merge(&object, touched(self.changes)).await.unwrap();
        }
    }
}

fn elsewhere(api_version: &str, kind: &str, namespace: &str, name: &str) -> Value {
    let namespace = if namespace.is_empty() { Value::Null } else { json!(namespace) };
    json!({ "apiVersion": api_version, "kind": kind, "metadata": { "name": name, "namespace": namespace } })
}

/// As long as any other, so that what is remembered of it stays as large. An annotation of a Deployment would be another
/// generation of it, which is reported.
fn touched(changes: usize) -> Value {
    json!({ "metadata": { "labels": { "noise": format!("{changes:08}") } } })
}

/// With a specification where the kind asks for one.
fn filled(object: &Value) -> Value {
    let mut filled = object.clone();
    let labels = json!({ "matchLabels": { "app": LABELS } });
    match object["kind"].as_str().unwrap() {
        "Service" => filled["spec"] = json!({ "type": "ExternalName", "externalName": "noise.example.com" }),
        "NetworkPolicy" => filled["spec"] = json!({ "podSelector": labels }),
        "PodDisruptionBudget" => filled["spec"] = json!({ "maxUnavailable": 1, "selector": labels }),
        "ConfigMap" => filled["data"] = json!({ "key": "x".repeat(500) }),
        "Secret" => filled["stringData"] = json!({ "key": "x".repeat(500) }),
        _ => {}
    }
    filled
}
