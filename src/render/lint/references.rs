//! References from pods to Secrets, ConfigMaps and service accounts.

use super::finding;
use crate::problem::Problem;
use crate::render::manifest::Manifest;
use crate::render::names::{NODE_CA, PRIVATE_CONFIGURATION, SERVICE_CA, TLS_SECRET};
use crate::render::plan::{Plan, Step};
use crate::render::storage::action::Medium;
use serde_json::Value;
use std::collections::BTreeSet;

/// Objects that others make: service-ca, the manifests that install the operator, the cloud credential operator.
const MADE_BY_OTHERS: [(&str, &str); 3] =
    [("Secret", TLS_SECRET), ("ConfigMap", SERVICE_CA), ("ServiceAccount", NODE_CA)];

/// Every object that a pod cannot start without is rendered, made by others, or the user's own choice.
pub(super) fn check_references(plan: &Plan, findings: &mut Vec<Problem>) {
    let mut known: BTreeSet<(&str, &str)> = MADE_BY_OTHERS.into();
    known.extend(plan.manifests().map(|manifest| (manifest.id().kind.as_str(), manifest.id().name.as_str())));
    // Its content may be the storage service's to tell; then the live one stands.
    known.insert(("Secret", PRIVATE_CONFIGURATION));
    // Claims are the storage action's.
    known.extend(plan.steps.iter().filter_map(|step| match step {
        Step::Storage(action) => match &action.medium {
            Medium::Pvc(claim) => Some(("PersistentVolumeClaim", claim.claim.as_str())),
            _ => None,
        },
        _ => None,
    }));
    // A CA ConfigMap that has a problem of its own is missing from the plan, and that has been said.
    let is_partial = !plan.problems.is_empty();
    for manifest in plan.manifests() {
        for (kind, name) in required(manifest) {
            // The user's own Secrets were looked up when the plan was made.
            let is_users = kind == "Secret" && !name.starts_with("image-registry");
            if !known.contains(&(kind, name.as_str())) && !is_users && !is_partial {
                let message = format!("needs {kind} {name}, which is neither rendered nor made by anybody else");
                findings.push(finding(manifest, "spec.template.spec", "ReferenceUnresolved", message, ""));
            }
        }
    }
}

/// What the pods of a workload cannot start without.
fn required(manifest: &Manifest) -> Vec<(&'static str, String)> {
    let templates = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec"];
    let Some(pod) = templates.into_iter().find_map(|path| manifest.body().pointer(path)) else { return Vec::new() };
    let mut found = Vec::new();
    let mut add = |kind: &'static str, source: Option<&Value>, field: &str| {
        let source = source.filter(|source| source.get("optional") != Some(&Value::Bool(true)));
        found.extend(source.and_then(|source| source.get(field)?.as_str()).map(|name| (kind, name.to_owned())));
    };
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    for volume in list(pod.get("volumes")) {
        add("ConfigMap", volume.get("configMap"), "name");
        add("Secret", volume.get("secret"), "secretName");
        add("PersistentVolumeClaim", volume.get("persistentVolumeClaim"), "claimName");
        for source in list(volume.pointer("/projected/sources")) {
            add("ConfigMap", source.get("configMap"), "name");
            add("Secret", source.get("secret"), "name");
        }
    }
    for container in list(pod.get("containers")) {
        for variable in list(container.get("env")) {
            add("Secret", variable.pointer("/valueFrom/secretKeyRef"), "name");
            add("ConfigMap", variable.pointer("/valueFrom/configMapKeyRef"), "name");
        }
    }
    add("ServiceAccount", Some(pod), "serviceAccountName");
    found
}
