//! Status of ClusterOperator/image-registry: the union of all conditions.

use super::Condition;
use crate::api::config::{ConditionStatus, ManagementState};
use crate::inputs::Inputs;
use crate::render::names::NAMESPACE;
use crate::render::registry::deployment::VERSION_ANNOTATION;
use k8s_openapi::api::apps::v1::Deployment;
use serde::Serialize;

/// What is reported in ClusterOperator/image-registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterOperatorReport {
    /// Available, Progressing and Degraded.
    pub conditions: Vec<Condition>,
    /// The version of the operand, once it is rolled out; none leaves the reported one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What `oc adm must-gather` collects.
    pub related_objects: Vec<RelatedObject>,
}

/// An object of interest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RelatedObject {
    /// API group.
    pub group: &'static str,
    /// Resource, in plural.
    pub resource: &'static str,
    /// Name.
    pub name: &'static str,
}

/// The report. The pruner's conditions count under types that begin with `ImagePruner`.
pub fn report(
    inputs: &Inputs,
    state: Option<ManagementState>,
    config: &[Condition],
    pruner: &[Condition],
) -> ClusterOperatorReport {
    let pool: Vec<(String, &Condition)> = config
        .iter()
        .map(|condition| (condition.type_.to_owned(), condition))
        .chain(pruner.iter().map(|condition| (format!("ImagePruner{}", condition.type_), condition)))
        .collect();
    let normal = [
        ("Available", ConditionStatus::True),
        ("Progressing", ConditionStatus::False),
        ("Degraded", ConditionStatus::False),
    ];
    ClusterOperatorReport {
        conditions: normal.map(|(type_, normal)| union(type_, normal, &pool)).to_vec(),
        version: version(inputs, state),
        related_objects: related_objects(),
    }
}

fn union(type_: &'static str, normal: ConditionStatus, pool: &[(String, &Condition)]) -> Condition {
    let matching: Vec<_> = pool.iter().filter(|(name, _)| name.ends_with(type_)).collect();
    let differs = |status: ConditionStatus| status != normal && status != ConditionStatus::Unknown;
    let abnormal = matching.iter().map(|(_, condition)| condition.status).find(|status| differs(*status));
    let unknown = matching.iter().any(|(_, condition)| condition.status == ConditionStatus::Unknown);
    let status = abnormal.unwrap_or(if unknown { ConditionStatus::Unknown } else { normal });
    let mut reasons: Vec<String> = matching
        .iter()
        .filter(|(_, condition)| !matches!(condition.reason.as_str(), "" | "AsExpected"))
        .map(|(name, condition)| format!("{}{}", name.strip_suffix(type_).unwrap_or_default(), condition.reason))
        .collect();
    reasons.sort();
    if reasons.is_empty() && status == normal {
        reasons.push("AsExpected".to_owned());
    }
    let lines = matching.iter().flat_map(|(name, condition)| {
        condition.message.lines().filter(|line| !line.is_empty()).map(move |line| format!("{name}: {line}"))
    });
    let message = lines.collect::<Vec<_>>().join("\n");
    Condition { type_, status, reason: reasons.join("::"), message }
}

/// What runs is told by the Deployment, and only when all of it runs; without one, the release itself. Whether a
/// Config that cannot be read wants a registry is not known, so only what runs counts.
fn version(inputs: &Inputs, state: Option<ManagementState>) -> Option<String> {
    if state != Some(ManagementState::Managed) && inputs.config.present().is_some() {
        return inputs.environment.release_version.clone();
    }
    let deployment = inputs.observed.deployment.present().filter(|deployment| is_rolled_out(deployment))?;
    let annotations = deployment.metadata.annotations.as_ref()?;
    annotations.get(VERSION_ANNOTATION).filter(|version| !version.is_empty()).cloned()
}

fn is_rolled_out(deployment: &Deployment) -> bool {
    let status = deployment.status.clone().unwrap_or_default();
    status.available_replicas.unwrap_or(0) > 0
        && status.observed_generation.unwrap_or(0) >= deployment.metadata.generation.unwrap_or(0)
        && status.updated_replicas.unwrap_or(0) == status.replicas.unwrap_or(0)
}

fn related_objects() -> Vec<RelatedObject> {
    const OURS: &str = "imageregistry.operator.openshift.io";
    const RBAC: &str = "rbac.authorization.k8s.io";
    [
        (OURS, "configs", "cluster"),
        (OURS, "imagepruners", "cluster"),
        (RBAC, "clusterroles", "system:registry"),
        (RBAC, "clusterrolebindings", "registry-registry-role"),
        (RBAC, "clusterrolebindings", "openshift-image-registry-pruner"),
        ("", "namespaces", NAMESPACE),
    ]
    .map(|(group, resource, name)| RelatedObject { group, resource, name })
    .to_vec()
}
