//! Whether the registry is available, and what it waits for.

use super::once::View;
use crate::execute::{Api, Live};
use crate::render::ObjectId;
use crate::render::names::{NAMESPACE, REGISTRY};
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::Value;

/// Pods that are named one by one.
const NAMED: usize = 5;

/// What the registry waits for, by the conditions that the plan reports and by its Deployment. Nothing: it is
/// available, in its final form and not degraded.
pub fn waits_for(view: &View) -> Vec<String> {
    let Some(conditions) = &view.conditions else {
        return vec!["there is no Config/cluster".to_owned()];
    };
    let wanted = [("Available", true), ("Progressing", false), ("Degraded", false)];
    let otherwise = wanted.into_iter().filter_map(|(type_, wanted)| {
        let condition = conditions.iter().find(|condition| condition.type_ == type_)?;
        (condition.holds() != wanted).then(|| format!("{type_}: {}: {}", condition.reason, condition.message))
    });
    let deployment = view.snapshot.live.get(&ObjectId::of::<Deployment>(NAMESPACE, REGISTRY)).present();
    // The conditions follow its own, which lag behind a change.
    otherwise.chain(deployment.and_then(|live| unfinished(live.body()))).collect()
}

/// What the registry's Deployment lacks to be rolled out (the tests of `kubectl rollout status`).
pub fn unfinished(deployment: &Value) -> Option<String> {
    let number = |pointer: &str| deployment.pointer(pointer).and_then(Value::as_i64).unwrap_or(0);
    let wanted = deployment.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    let [all, updated, available] =
        ["replicas", "updatedReplicas", "availableReplicas"].map(|field| number(&format!("/status/{field}")));
    let lacks = if number("/status/observedGeneration") < number("/metadata/generation") {
        "its newest form was not looked at yet".to_owned()
    } else if updated < wanted {
        format!("{updated} of {wanted} pods are up to date")
    } else if all > updated {
        format!("{} old pods have not ended yet", all - updated)
    } else if available < updated {
        format!("{available} of {updated} pods are available")
    } else {
        return None;
    };
    Some(format!("Deployment/{NAMESPACE}/{REGISTRY}: {lacks}"))
}

/// How the registry is, in words.
pub fn summary(view: &View) -> String {
    let available = view.conditions.iter().flatten().find(|condition| condition.type_ == "Available");
    available.map(|condition| condition.message.clone()).unwrap_or_default()
}

/// Whether the registry's Deployment is not the one of the view any more, or cannot be read.
pub async fn has_changed(api: &Api, view: &View) -> bool {
    let id = ObjectId::of::<Deployment>(NAMESPACE, REGISTRY);
    match api.get(&id).await {
        Ok(now) => {
            let before = view.snapshot.live.get(&id).present().map(Live::version);
            now.and_then(Live::new).as_ref().map(Live::version) != before
        }
        Err(_) => true,
    }
}

/// Why pods of the registry are not ready; nothing if nobody may tell.
pub async fn pods(api: &Api) -> Vec<String> {
    let path = format!("/api/v1/namespaces/{NAMESPACE}/pods?labelSelector=docker-registry%3Ddefault&limit=50");
    let Ok(list) = api.read::<Value>(&path).await else { return Vec::new() };
    let pods = list.get("items").and_then(Value::as_array).into_iter().flatten();
    pods.filter_map(reason).take(NAMED).collect()
}

fn reason(pod: &Value) -> Option<String> {
    let name = pod.pointer("/metadata/name")?.as_str()?;
    let list = |pointer: &str| pod.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    let text = |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let waiting = list("/status/containerStatuses").find_map(|status| {
        let reason = text(status, "/state/waiting/reason").or_else(|| text(status, "/state/terminated/reason"))?;
        let message = text(status, "/state/waiting/message").or_else(|| text(status, "/state/terminated/message"));
        Some((reason, message.unwrap_or_default()))
    });
    let unmet = || {
        let condition =
            list("/status/conditions").find(|condition| condition.get("status") == Some(&"False".into()))?;
        Some((text(condition, "/reason")?, text(condition, "/message").unwrap_or_default()))
    };
    let is_pending = pod.pointer("/status/phase").is_some_and(|phase| phase == "Pending");
    let pending = || is_pending.then(|| ("Pending".to_owned(), "no node runs it yet".to_owned()));
    let (reason, message) = waiting.or_else(unmet).or_else(pending)?;
    Some(format!("Pod/{NAMESPACE}/{name}: {reason}: {message}").trim_end_matches(": ").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_deployment_is_finished_when_all_of_its_pods_are() {
        let deployment = |generation, all, updated, available| {
            unfinished(&json!({
                "metadata": { "generation": generation }, "spec": { "replicas": 2 },
                "status": { "observedGeneration": 3, "replicas": all, "updatedReplicas": updated,
                    "availableReplicas": available },
            }))
        };
        for (found, want) in [
            (deployment(4, 2, 2, 2), Some("its newest form was not looked at yet")),
            (deployment(3, 2, 1, 2), Some("1 of 2 pods are up to date")),
            (deployment(3, 3, 2, 3), Some("1 old pods have not ended yet")),
            (deployment(3, 2, 2, 1), Some("1 of 2 pods are available")),
            (deployment(3, 2, 2, 2), None),
        ] {
            let want = want.map(|want| format!("Deployment/openshift-image-registry/image-registry: {want}"));
            assert_eq!(found, want);
        }
    }

    #[test]
    fn a_pod_says_why_it_is_not_ready() {
        let pod = |status: Value| json!({ "metadata": { "name": "p" }, "status": status });
        for (status, want) in [
            (
                json!({ "containerStatuses": [
                    { "state": { "waiting": { "reason": "ImagePullBackOff", "message": "no" } } },
                ] }),
                Some("Pod/openshift-image-registry/p: ImagePullBackOff: no"),
            ),
            (
                json!({ "conditions": [
                    { "type": "Initialized", "status": "True" },
                    { "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes" },
                ] }),
                Some("Pod/openshift-image-registry/p: Unschedulable: 0/3 nodes"),
            ),
            (json!({ "phase": "Pending" }), Some("Pod/openshift-image-registry/p: Pending: no node runs it yet")),
            (json!({ "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] }), None),
        ] {
            assert_eq!(reason(&pod(status)).as_deref(), want);
        }
    }
}
