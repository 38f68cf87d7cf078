//! Selectors of workloads.

use super::finding;
use crate::problem::Problem;
use crate::render::manifest::Manifest;

/// A workload's selector selects its own pods.
pub(super) fn check_selector_matches_labels(manifest: &Manifest, findings: &mut Vec<Problem>) {
    let body = manifest.body();
    let Some(selector) = body.pointer("/spec/selector/matchLabels").and_then(|labels| labels.as_object()) else {
        return;
    };
    let Some(labels) = body.pointer("/spec/template/metadata/labels") else { return };
    for (key, value) in selector {
        if labels.get(key) != Some(value) {
            let path = format!("spec.selector.matchLabels[{key}]");
            let message = format!("selects {value}, and the pods do not carry it");
            findings.push(finding(manifest, &path, "SelectorMismatch", message, ""));
        }
    }
}
