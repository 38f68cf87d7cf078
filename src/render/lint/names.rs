//! Names and namespaces.

use super::finding;
use crate::problem::Problem;
use crate::render::manifest::Manifest;
use crate::render::plan::Plan;
use std::collections::BTreeSet;

/// Kinds without a namespace that the operator renders.
const CLUSTER_SCOPED: [&str; 5] = ["ClusterRole", "ClusterRoleBinding", "Config", "Image", "ImagePruner"];

/// A DNS-1123 subdomain, as the API server asks of most objects; RBAC also takes `:`.
pub(super) fn check_name(manifest: &Manifest, findings: &mut Vec<Problem>) {
    let id = manifest.id();
    let is_rbac = id.kind.starts_with("ClusterRole");
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_allowed = |byte: u8| is_alphanumeric(byte) || byte == b'-' || byte == b'.' || (is_rbac && byte == b':');
    let bytes = id.name.as_bytes();
    let ends_well = bytes.first().is_some_and(|byte| is_alphanumeric(*byte))
        && bytes.last().is_some_and(|byte| is_alphanumeric(*byte));
    if !ends_well || bytes.len() > 253 || !bytes.iter().all(|byte| is_allowed(*byte)) {
        let message = format!("{:?} is not a valid name of a {}", id.name, id.kind);
        let remedy = "use up to 253 lower-case letters, digits, - and .; begin and end with a letter or digit";
        findings.push(finding(manifest, "metadata.name", "InvalidName", message, remedy));
    }
}

/// Namespaced objects have a namespace, the others have none.
pub(super) fn check_namespace(manifest: &Manifest, findings: &mut Vec<Problem>) {
    let id = manifest.id();
    if CLUSTER_SCOPED.contains(&id.kind.as_str()) != id.namespace.is_empty() {
        let message = format!("a {} is in namespace {:?}", id.kind, id.namespace);
        findings.push(finding(manifest, "metadata.namespace", "NamespaceMissing", message, ""));
    }
}

/// No object is applied twice.
pub(super) fn check_unique(plan: &Plan, findings: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for manifest in plan.manifests() {
        if !seen.insert(manifest.id()) {
            findings.push(finding(manifest, "", "DuplicateObject", "is rendered twice".to_owned(), ""));
        }
    }
}
