//! What `manifests/` allows the operator, against what it asks the API server for in the whole suite of `tests/operator`.
//!
//! `used.txt` holds those requests, each kind once. With `RBAC_AUDIT_LOG` naming the audit log of a run of the suite,
//! that is taken instead; `RBAC_UPDATE=1` writes it down. `just rbac` does all of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

mod requests;
mod rules;

use requests::Request;
use rules::{Permission, granted_to_others, permissions};
use std::collections::BTreeSet;

/// What no run of the suite shows, and why it is needed all the same.
const UNSEEN: [(&str, &[&str], &str); 6] = [
    ("jobs.batch azure-path-fix in openshift-image-registry", &["create", "delete", "patch"], PATH_FIX),
    ("routes/custom-host.route.openshift.io in openshift-image-registry", &["create", "update"], CUSTOM_HOST),
    ("configmaps image-registry-ca in openshift-config-managed", &["delete"], RECREATED),
    ("configmaps image-registry-certificates in openshift-image-registry", &["delete"], RECREATED),
    ("configmaps serviceca in openshift-image-registry", &["delete"], RECREATED),
    ("clusterrolebindings.rbac.authorization.k8s.io openshift-image-registry-pruner", &["delete"], RECREATED),
];

const PATH_FIX: &str = "the Job is for accounts on Azure whose keys Azure tells, and Azure does not run here";
const CUSTOM_HOST: &str = "OpenShift's API server asks for it, and a route of a CustomResourceDefinition does not";
const RECREATED: &str = "an object with another value in a field that cannot be changed is deleted and created anew";

/// Where it watches, it lists if the API server has no streaming lists (`src/operator/watch.rs`); that of the suite does.
fn is_fallback(permission: &Permission, requests: &BTreeSet<Request>) -> bool {
    let watch = Permission { verb: "watch".to_owned(), ..permission.clone() };
    permission.verb == "list" && requests.iter().any(|request| watch.allows(request))
}

fn justified(permission: &Permission) -> bool {
    UNSEEN.iter().any(|(what, verbs, _)| *what == permission.what() && verbs.contains(&permission.verb.as_str()))
}

/// Fails with one line for each.
fn none<T: ToString>(what: &str, found: impl Iterator<Item = T>) {
    let lines: Vec<String> = found.map(|found| found.to_string()).collect();
    assert!(lines.is_empty(), "{what}:\n{}", lines.join("\n"));
}

#[test]
fn whatever_is_allowed_is_used_or_granted_to_the_registry_and_the_pruner() {
    let (requests, granted) = (requests::all(), granted_to_others());
    let useless = |permission: &Permission| {
        !requests.iter().any(|request| permission.allows(request))
            && !granted.iter().any(|(group, resource, verb)| permission.is_for(group, resource, verb))
            && !is_fallback(permission, &requests)
            && !justified(permission)
    };
    none(
        "manifests/02-rbac.yaml allows what nobody needs; remove it, or give the reason in tests/rbac",
        permissions().into_iter().filter(useless),
    );
}

#[test]
fn whatever_is_used_is_allowed() {
    let permissions = permissions();
    let refused = |request: &Request| !permissions.iter().any(|permission| permission.allows(request));
    none("manifests/02-rbac.yaml does not allow", requests::all().into_iter().filter(refused));
}

#[test]
fn reasons_are_for_what_is_allowed_and_not_seen() {
    let (requests, permissions) = (requests::all(), permissions());
    let wrong = UNSEEN.iter().flat_map(|(what, verbs, _)| verbs.iter().map(move |verb| (*what, *verb)));
    let wrong = wrong.filter(|(what, verb)| {
        let matching = permissions.iter().filter(|permission| permission.what() == *what && permission.verb == *verb);
        let matching: Vec<&Permission> = matching.collect();
        matching.is_empty() || matching.iter().all(|one| requests.iter().any(|request| one.allows(request)))
    });
    none("tests/rbac has a reason for", wrong.map(|(what, verb)| format!("{verb} {what}")));
}

#[test]
fn whatever_the_registry_and_the_pruner_get_the_operator_has() {
    let permissions = permissions();
    let lacks = |(group, resource, verb): &(String, String, String)| {
        !permissions
            .iter()
            .any(|one| one.namespace.is_empty() && one.name.is_none() && one.is_for(group, resource, verb))
    };
    let lacking = granted_to_others().into_iter().filter(lacks);
    none(
        "nobody grants what he has not got",
        lacking.map(|(group, resource, verb)| format!("{verb} {resource}.{group}")),
    );
}

/// Who can write roles without having their rights, impersonate, or read every Secret, can do everything.
#[test]
fn nothing_is_allowed_that_makes_an_administrator() {
    let powers: BTreeSet<&str> = ["*", "bind", "escalate", "impersonate"].into();
    let too_much = |permission: &Permission| {
        let everywhere = permission.namespace.is_empty();
        let secret = ["secrets", "configmaps", "serviceaccounts", "pods/exec"].contains(&permission.resource.as_str());
        let roles = permission.resource.starts_with("clusterrole")
            && permission.name.is_none()
            && !["get", "list", "watch"].contains(&permission.verb.as_str());
        powers.contains(permission.verb.as_str())
            || permission.resource.contains('*')
            || everywhere && (secret || roles)
    };
    none("too much is allowed", permissions().into_iter().filter(too_much));
}
