//! Shorthand for the RBAC objects of the registry and the pruner.

use super::manifest::{Manifest, metadata, strings};
use super::names::{MANAGED_BY, NAMESPACE};
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, PolicyRule, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// One rule: these verbs on these resources of one API group ("" is the core group).
pub(super) fn rule(group: &str, resources: &[&str], verbs: &[&str]) -> PolicyRule {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    PolicyRule {
        api_groups: Some(owned(&[group])),
        resources: Some(owned(resources)),
        verbs: owned(verbs),
        ..PolicyRule::default()
    }
}

/// A ClusterRole of these rules.
pub(super) fn cluster_role(name: &str, rules: Vec<PolicyRule>) -> Manifest {
    let role = ClusterRole { metadata: marked(name), rules: Some(rules), aggregation_rule: None };
    Manifest::new("", name, &role)
}

/// Binds a ClusterRole to one service account of the registry's namespace.
pub(super) fn cluster_role_binding(name: &str, role: &str, account: &str) -> Manifest {
    let binding = ClusterRoleBinding {
        metadata: marked(name),
        role_ref: RoleRef {
            api_group: Some("rbac.authorization.k8s.io".to_owned()),
            kind: "ClusterRole".to_owned(),
            name: role.to_owned(),
        },
        subjects: Some(vec![Subject {
            kind: "ServiceAccount".to_owned(),
            name: account.to_owned(),
            namespace: Some(NAMESPACE.to_owned()),
            api_group: None,
        }]),
    };
    Manifest::new("", name, &binding)
}

/// Cluster-scoped metadata with a label by which the operator watches its own among everybody's.
fn marked(name: &str) -> ObjectMeta {
    ObjectMeta { labels: Some(strings([MANAGED_BY])), ..metadata("", name) }
}

/// A service account. Nothing but its name and a label is ours: pull secrets that other controllers add stay.
///
/// Without any field, server-side apply would not record whose it is, and it would never be removed.
pub(super) fn service_account(name: &str) -> Manifest {
    let metadata = ObjectMeta { labels: Some(strings([MANAGED_BY])), ..metadata(NAMESPACE, name) };
    let account = ServiceAccount { metadata, ..ServiceAccount::default() };
    Manifest::new(NAMESPACE, name, &account)
}
