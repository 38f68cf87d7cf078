//! Scheduler and kubelet: pods are bound, run and end. One that connects somewhere ends as the network lets it.

use super::super::objects::Objects;
use super::network::Target;
use super::now;
use kube::Error;
use kube::api::PostParams;
use serde_json::{Value, json};

/// Takes a pod one step further.
pub async fn run(objects: Objects, pod: Value, jobs_fail: bool) -> Result<(), Error> {
    if pod["metadata"]["deletionTimestamp"].is_string() {
        return objects.delete(&pod).await;
    }
    if pod["spec"]["nodeName"].is_null() {
        return bind(&objects, &pod).await;
    }
    if pod["status"]["phase"] != "Pending" {
        return Ok(());
    }
    if let Some(target) = Target::of(&pod) {
        let (phase, state) = match target.is_reached(&objects, &pod).await? {
            Ok(()) => ("Succeeded", ended(0)),
            Err(why) => {
                let mut state = ended(1);
                state["terminated"]["message"] = json!(why);
                ("Failed", state)
            }
        };
        return objects.merge_status(&pod, status(&pod, phase, false, &state)).await;
    }
    let of_job = pod["metadata"]["ownerReferences"][0]["kind"] == "Job";
    let status = match (of_job, jobs_fail) {
        (false, _) => status(&pod, "Running", true, &json!({"running": {"startedAt": now()}})),
        (true, false) => status(&pod, "Succeeded", false, &ended(0)),
        (true, true) => status(&pod, "Failed", false, &ended(1)),
    };
    objects.merge_status(&pod, status).await
}

/// Picks the node that a DaemonSet asks for, else one that the node selector allows; without one the pod waits.
async fn bind(objects: &Objects, pod: &Value) -> Result<(), Error> {
    let nodes = objects.list("v1", "Node", "").await?;
    let affinity = &pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    let wanted = affinity.pointer("/nodeSelectorTerms/0/matchFields/0/values/0");
    let fitting = |node: &&Value| match wanted {
        Some(name) => node["metadata"]["name"] == *name,
        None => {
            let selector = pod["spec"]["nodeSelector"].as_object();
            selector
                .is_none_or(|selector| selector.iter().all(|(key, value)| node["metadata"]["labels"][key] == *value))
        }
    };
    let fitting: Vec<&Value> = nodes.iter().filter(fitting).collect();
    // Spread by name, which for pods ends at random.
    let hash: usize = pod["metadata"]["name"].as_str().unwrap_or_default().bytes().map(usize::from).sum();
    let Some(node) = fitting.get(hash % fitting.len().max(1)) else { return Ok(()) };
    let (api, name) = objects.api_of(pod);
    let binding = json!({
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": name},
        "target": {"apiVersion": "v1", "kind": "Node", "name": node["metadata"]["name"]},
    });
    api.create_subresource::<_, Value>("binding", name, &PostParams::default(), &binding).await?;
    Ok(())
}

fn ended(exit_code: i32) -> Value {
    let reason = if exit_code == 0 { "Completed" } else { "Error" };
    json!({"terminated": {"exitCode": exit_code, "reason": reason, "startedAt": now(), "finishedAt": now()}})
}

fn status(pod: &Value, phase: &str, ready: bool, state: &Value) -> Value {
    let ready_status = if ready { "True" } else { "False" };
    let container = |container: &Value| {
        json!({
            "name": container["name"],
            "image": container["image"],
            "imageID": container["image"],
            "ready": ready,
            "restartCount": 0,
            "started": ready,
            "state": state,
        })
    };
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten().map(container).collect::<Vec<_>>();
    let condition = |kind: &str, status: &str| json!({"type": kind, "status": status, "lastTransitionTime": now()});
    json!({
        "phase": phase,
        "startTime": now(),
        "podIP": "10.128.0.1",
        "podIPs": [{"ip": "10.128.0.1"}],
        "conditions": [
            condition("PodScheduled", "True"),
            condition("Initialized", "True"),
            condition("ContainersReady", ready_status),
            condition("Ready", ready_status),
        ],
        "containerStatuses": containers,
    })
}
