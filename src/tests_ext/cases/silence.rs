//! Where nothing changes, the operator writes nothing.

use super::healthy::{managed, object};
use super::{Context, Ended};
use crate::render::names::{
    CERTIFICATES, CLUSTER, NAMESPACE, NODE_CA, OPENSHIFT_CONFIG_MANAGED, PRUNER, PRUNER_ACCOUNT, PULL_SECRET, REGISTRY,
    REGISTRY_ACCOUNT, REGISTRY_CA, SERVICE_CA,
};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// For how long nothing may be written.
const QUIET: Duration = Duration::from_secs(15);
/// Others may be at work in the cluster; a loop that never rests leaves no pause in this time, either.
const LIMIT: Duration = Duration::from_secs(180);

/// What the operator writes, in the registry's namespace unless it says otherwise.
const OWNED: [(&str, &str, &str); 21] = [
    ("Config", "", CLUSTER),
    ("ImagePruner", "", CLUSTER),
    ("Image", "", CLUSTER),
    ("ClusterOperator", "", REGISTRY),
    ("ClusterRole", "", "system:registry"),
    ("ClusterRole", "", "system:image-pruner"),
    ("ClusterRoleBinding", "", "registry-registry-role"),
    ("ClusterRoleBinding", "", "openshift-image-registry-pruner"),
    ("Deployment", NAMESPACE, REGISTRY),
    ("DaemonSet", NAMESPACE, NODE_CA),
    ("CronJob", NAMESPACE, PRUNER),
    ("Service", NAMESPACE, REGISTRY),
    ("PodDisruptionBudget", NAMESPACE, REGISTRY),
    ("NetworkPolicy", NAMESPACE, "image-registry-networkpolicy"),
    ("NetworkPolicy", NAMESPACE, "image-pruner-networkpolicy"),
    ("ServiceAccount", NAMESPACE, REGISTRY_ACCOUNT),
    ("ServiceAccount", NAMESPACE, PRUNER_ACCOUNT),
    ("ConfigMap", NAMESPACE, CERTIFICATES),
    ("ConfigMap", NAMESPACE, SERVICE_CA),
    ("ConfigMap", OPENSHIFT_CONFIG_MANAGED, REGISTRY_CA),
    ("Secret", NAMESPACE, PULL_SECRET),
];

/// All objects keep their resourceVersion for a while.
pub async fn nothing_is_written(t: &Context<'_>) -> Ended {
    managed(t).await?;
    let (mut last, mut since) = (versions(t).await?, Instant::now());
    let what = format!("{} objects stay as they are for {} s", last.len(), QUIET.as_secs());
    let mut written = "nothing yet".to_owned();
    t.until(LIMIT, &what, async || {
        let now = versions(t).await?;
        if now != last {
            let changed = now.iter().filter(|(object, version)| last.get(*object) != Some(*version));
            written = changed.map(|(object, _)| object.as_str()).collect::<Vec<_>>().join(", ");
            (last, since) = (now, Instant::now());
        }
        if since.elapsed() >= QUIET { Ok(()) } else { Err(format!("the last that changed: {written}")) }
    })
    .await
}

async fn versions(t: &Context<'_>) -> Result<BTreeMap<String, String>, String> {
    let mut versions = BTreeMap::new();
    for (kind, namespace, name) in OWNED {
        let id = object(kind, namespace, name);
        let found = t.api.get(&id).await.map_err(|error| error.to_string())?;
        if let Some(version) = found.as_ref().and_then(|found| found["metadata"]["resourceVersion"].as_str()) {
            versions.insert(id.to_string(), version.to_owned());
        }
    }
    Ok(versions)
}
