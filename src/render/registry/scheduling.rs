//! Where registry pods run: nodes, affinity, spreading.

use super::settings::Settings;
use crate::render::context::Context;
use crate::render::manifest::strings;
use crate::render::names::{NAMESPACE, REGISTRY_LABEL};
use crate::render::pods::linux_nodes;
use k8s_openapi::api::core::v1::{Affinity, PodAffinityTerm, PodAntiAffinity, TopologySpreadConstraint};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use std::collections::BTreeMap;

const HOSTNAME: &str = "kubernetes.io/hostname";

fn registry_pods() -> LabelSelector {
    LabelSelector { match_labels: Some(strings([REGISTRY_LABEL])), match_expressions: None }
}

/// The user's selector, and Linux unless the user chose an operating system.
pub fn node_selector(context: &Context<'_>) -> BTreeMap<String, String> {
    let mut selector = linux_nodes();
    selector.extend(context.spec.node_selector.clone().unwrap_or_default());
    selector
}

/// The user's affinity, even an empty one; else two replicas keep to different nodes.
///
/// With more replicas than two a required anti-affinity would block rollouts on small clusters.
pub fn affinity(context: &Context<'_>, settings: &Settings) -> Option<Affinity> {
    if let Some(given) = &context.spec.affinity {
        return Some(given.clone());
    }
    (settings.replicas == 2).then(|| Affinity {
        pod_anti_affinity: Some(PodAntiAffinity {
            required_during_scheduling_ignored_during_execution: Some(vec![PodAffinityTerm {
                label_selector: Some(registry_pods()),
                namespaces: Some(vec![NAMESPACE.to_owned()]),
                topology_key: HOSTNAME.to_owned(),
                ..PodAffinityTerm::default()
            }]),
            preferred_during_scheduling_ignored_during_execution: None,
        }),
        ..Affinity::default()
    })
}

/// The user's constraints, even an empty list; else spread over nodes, workers and zones, unless the user chose nodes.
pub fn spread(context: &Context<'_>, settings: &Settings) -> Vec<TopologySpreadConstraint> {
    if let Some(given) = &context.spec.topology_spread_constraints {
        return given.clone();
    }
    if context.spec.node_selector.is_some() {
        return Vec::new();
    }
    let zone = settings.nodes_have_zones.then_some("topology.kubernetes.io/zone");
    [HOSTNAME, "node-role.kubernetes.io/worker"].into_iter().chain(zone).map(over).collect()
}

fn over(topology_key: &str) -> TopologySpreadConstraint {
    TopologySpreadConstraint {
        topology_key: topology_key.to_owned(),
        max_skew: 1,
        when_unsatisfiable: "DoNotSchedule".to_owned(),
        label_selector: Some(registry_pods()),
        // Without it, the pods of the old ReplicaSet would count during a rollout.
        match_label_keys: Some(vec!["pod-template-hash".to_owned()]),
        node_affinity_policy: Some("Honor".to_owned()),
        node_taints_policy: Some("Honor".to_owned()),
        min_domains: None,
    }
}
