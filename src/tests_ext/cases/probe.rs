//! The pod that tries to reach the registry, and its namespace.

use crate::render::names::{REGISTRY_PORT, SERVICE_HOST};
use serde_json::{Value, json};

/// The pod's name.
pub const POD: &str = "probe";
/// Where it connects to.
pub const HOST: &str = SERVICE_HOST;
/// The port that it connects to.
pub const PORT: i32 = REGISTRY_PORT;

/// What bash runs: network policies and endpoints take their time to reach the nodes.
const SCRIPT: &str = "\
for attempt in {1..15}; do
  if timeout 5 bash -c \"</dev/tcp/$HOST/$PORT\"; then
    echo \"connected to $HOST:$PORT at attempt $attempt\"
    exit 0
  fi
  sleep 3
done
echo \"no connection to $HOST:$PORT in 15 attempts\"
exit 1
";

/// A name that no other run has.
///
/// # Errors
/// The system has no random numbers to give.
pub fn namespace() -> Result<String, getrandom::Error> {
    let mut random = [0; 4];
    getrandom::fill(&mut random)?;
    let random: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("image-registry-probe-{random}"))
}

/// The namespace, in which only restricted pods may run.
pub fn namespace_object(name: &str) -> Value {
    let labels = json!({
        "pod-security.kubernetes.io/enforce": "restricted",
        "security.openshift.io/scc.podSecurityLabelSync": "false",
    });
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
}

/// The pod. What it prints last becomes its termination message.
pub fn pod(namespace: &str, image: &str) -> Value {
    let variable = |name: &str, value: String| json!({"name": name, "value": value});
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": POD,
            "namespace": namespace,
            "labels": {"app": "image-registry-probe"},
            // The namespace's range of user ids may not be there yet, so that the id is given.
            "annotations": {"openshift.io/required-scc": "nonroot-v2"},
        },
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": false,
            "securityContext": {
                "runAsNonRoot": true,
                "runAsUser": 1001,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [{
                "name": POD,
                "image": image,
                "command": ["/bin/bash", "-c", SCRIPT],
                "env": [variable("HOST", HOST.to_owned()), variable("PORT", PORT.to_string())],
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
                "terminationMessagePolicy": "FallbackToLogsOnError",
            }],
        },
    })
}
