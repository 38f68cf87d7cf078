//! The four network policies: two are the operator's, two are installed with it.

use super::healthy::{managed, object, undisturbed};
use super::recreation::comes_back;
use super::repairs::is_repaired;
use super::{Context, Ended, policy};
use crate::render::names::NAMESPACE;
use serde_json::{Value, json};
use std::time::Duration;

const DENY_ALL: &str = "default-deny-all";
const OPERATOR: &str = "image-registry-operator-networkpolicy";
const REGISTRY: &str = "image-registry-networkpolicy";
const PRUNER: &str = "image-pruner-networkpolicy";

/// The cluster-version operator goes through its manifests in minutes.
const UNTIL_RESTORED: Duration = Duration::from_secs(600);
const UNTIL_READY: Duration = Duration::from_secs(300);

/// What is wrong with a policy.
type Rules = fn(&Value) -> Result<(), String>;

/// They are there and allow what they have to; the pods they select are ready.
pub async fn defined(t: &Context<'_>) -> Ended {
    managed(t).await?;
    let rules: [(&str, Rules); 4] =
        [(DENY_ALL, deny_all), (OPERATOR, operator), (REGISTRY, registry), (PRUNER, pruner)];
    for (name, rules) in rules {
        let id = object("NetworkPolicy", NAMESPACE, name);
        let found = t.the(&id).await?;
        rules(&found).map_err(|why| format!("{id}: {why}"))?;
        t.say(format!("{id}: is as it should be"));
    }
    for label in ["docker-registry=default", "name=cluster-image-registry-operator"] {
        t.until(UNTIL_READY, &format!("the pods with label {label} are ready"), async || pods_ready(t, label).await)
            .await?;
    }
    Ok(())
}

/// Each comes back when it is deleted, and is repaired when it is changed.
pub async fn restored(t: &Context<'_>) -> Ended {
    undisturbed(t, async {
        for name in [OPERATOR, REGISTRY, PRUNER, DENY_ALL] {
            let id = object("NetworkPolicy", NAMESPACE, name);
            comes_back(t, &id, &["/spec"], UNTIL_RESTORED).await?;
            let patch = json!({"spec": {"podSelector": {"matchLabels": {"np-reconcile": "mutated"}}}});
            is_repaired(t, &id, "spec", &patch, UNTIL_RESTORED).await?;
        }
        Ok(())
    })
    .await
}

fn deny_all(found: &Value) -> Result<(), String> {
    policy::selects(found, &json!({}))?;
    policy::is_about(found, &["Ingress", "Egress"])?;
    policy::allows_nothing(found)
}

fn operator(found: &Value) -> Result<(), String> {
    policy::selects(found, &json!({"name": "cluster-image-registry-operator"}))?;
    policy::is_about(found, &["Ingress", "Egress"])?;
    policy::allows(found, "ingress", "TCP", 60000)?;
    egress(found, &[("TCP", 6443), ("TCP", 5353), ("UDP", 5353), ("TCP", 443)])
}

fn registry(found: &Value) -> Result<(), String> {
    policy::selects(found, &json!({"docker-registry": "default"}))?;
    policy::is_about(found, &["Ingress", "Egress"])?;
    // The router's and Prometheus' pods are among everybody.
    policy::allows(found, "ingress", "TCP", 5000)?;
    egress(found, &[("TCP", 8443), ("TCP", 5353), ("UDP", 5353), ("TCP", 443)])
}

fn pruner(found: &Value) -> Result<(), String> {
    policy::selects(found, &json!({"app": "image-pruner"}))?;
    policy::is_about(found, &["Egress"])?;
    egress(found, &[("TCP", 6443), ("TCP", 5353), ("UDP", 5353), ("TCP", 5000)])
}

fn egress(found: &Value, ports: &[(&str, i64)]) -> Result<(), String> {
    ports.iter().try_for_each(|(protocol, port)| policy::allows(found, "egress", protocol, *port))
}

async fn pods_ready(t: &Context<'_>, label: &str) -> Result<(), String> {
    let label = label.replace('=', "%3D");
    let pods = t.list(&format!("/api/v1/namespaces/{NAMESPACE}/pods?labelSelector={label}")).await?;
    if pods.is_empty() {
        return Err("there is none".to_owned());
    }
    let is_unready = |pod: &&Value| {
        let conditions = pod.pointer("/status/conditions").and_then(Value::as_array);
        !conditions.into_iter().flatten().any(|found| found["type"] == "Ready" && found["status"] == "True")
    };
    match pods.iter().find(is_unready) {
        Some(pod) => Err(format!("pod {} is {}, not ready", pod["metadata"]["name"], pod["status"]["phase"])),
        None => Ok(()),
    }
}
