//! What a user writes into Config reaches the registry, or is refused with a reason.

use super::deployment::variable;
use super::healthy::{condition, config, object, undisturbed};
use super::{Context, Ended, Ending};
use crate::render::names::{NAMESPACE, REGISTRY};
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// `spec.logLevel`.
pub async fn log_level(t: &Context<'_>) -> Ended {
    let id = object("Deployment", NAMESPACE, REGISTRY);
    undisturbed(t, async {
        let is_debug = |deployment: &Value| variable(deployment, "REGISTRY_LOG_LEVEL") == Some("debug");
        if is_debug(&t.the(&id).await?) {
            return Err(Ending::Skipped("the registry logs at level debug already".to_owned()));
        }
        t.merge(&config(), &json!({"spec": {"logLevel": "Debug"}})).await?;
        t.until(SOON, &format!("{id}: REGISTRY_LOG_LEVEL is debug"), async || {
            let found = t.seen(&id).await?;
            if is_debug(&found) { Ok(()) } else { Err(format!("{:?}", variable(&found, "REGISTRY_LOG_LEVEL"))) }
        })
        .await
    })
    .await
}

/// `spec.nodeSelector` and `spec.tolerations`, with values that keep no pod from running.
pub async fn scheduling(t: &Context<'_>) -> Ended {
    let id = object("Deployment", NAMESPACE, REGISTRY);
    let toleration = json!({"key": "image-registry.openshift.io/test", "operator": "Exists", "effect": "NoSchedule"});
    undisturbed(t, async {
        let mut tolerations = match t.the(&config()).await?["spec"]["tolerations"].take() {
            Value::Array(tolerations) => tolerations,
            _ => Vec::new(),
        };
        tolerations.push(toleration.clone());
        let spec = json!({"nodeSelector": {"kubernetes.io/os": "linux"}, "tolerations": tolerations});
        t.merge(&config(), &json!({ "spec": spec })).await?;
        t.until(SOON, &format!("{id} has the node selector and the toleration"), async || {
            let pod = t.seen(&id).await?["spec"]["template"]["spec"].take();
            let tolerates = pod["tolerations"].as_array().is_some_and(|all| all.contains(&toleration));
            if tolerates && pod["nodeSelector"]["kubernetes.io/os"] == "linux" {
                return Ok(());
            }
            Err(format!("nodeSelector {}, tolerations {}", pod["nodeSelector"], pod["tolerations"]))
        })
        .await
    })
    .await
}

/// `spec.replicas`: −1 is no number of pods. The Deployment stays as it was.
pub async fn negative_replicas(t: &Context<'_>) -> Ended {
    let id = object("Deployment", NAMESPACE, REGISTRY);
    undisturbed(t, async {
        let before = t.the(&id).await?["spec"]["replicas"].take();
        match t.merge(&config(), &json!({"spec": {"replicas": -1}})).await {
            // The API server may refuse it before the operator sees it.
            Err(Ending::Failed(why)) if why.contains("spec.replicas") => {
                t.say(why);
                return Ok(());
            }
            merged => drop(merged?),
        }
        t.until(SOON, "Config/cluster is Degraded because of spec.replicas", async || {
            let (status, words) = condition(&t.seen(&config()).await?, "Degraded");
            if status == "True" && words.contains("spec.replicas") { Ok(()) } else { Err(words) }
        })
        .await?;
        let after = t.the(&id).await?["spec"]["replicas"].take();
        if after == before { Ok(()) } else { Err(format!("{id}: spec.replicas went from {before} to {after}").into()) }
    })
    .await
}
