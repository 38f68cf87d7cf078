//! The rules of `manifests/02-rbac.yaml`, one permission at a time.

use crate::requests::Request;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

const RULES: &str = include_str!("../../manifests/02-rbac.yaml");
/// Has the roles that the operator grants.
const RENDERED: &str = include_str!("../../snapshots/aws-default.yaml");

/// One verb on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// Where; empty for everywhere.
    pub namespace: String,
    pub group: String,
    /// With the subresource, as `configs/status`.
    pub resource: String,
    /// On which object; none for all.
    pub name: Option<String>,
    pub verb: String,
}

impl Permission {
    /// Whether the API server would allow the request because of it.
    pub fn allows(&self, request: &Request) -> bool {
        self.is_for(&request.group, &request.resource, &request.verb)
            && (self.namespace.is_empty() || self.namespace == request.namespace)
            && self.name.as_ref().is_none_or(|name| *name == request.name)
    }

    /// Whether it is this verb on this resource.
    pub fn is_for(&self, group: &str, resource: &str, verb: &str) -> bool {
        self.group == group && self.resource == resource && self.verb == verb
    }

    /// What it is on, as `routes/custom-host.route.openshift.io in openshift-image-registry`.
    pub fn what(&self) -> String {
        let Permission { namespace, group, resource, name, verb: _ } = self;
        let mut what = resource.clone();
        if !group.is_empty() {
            what += &format!(".{group}");
        }
        if let Some(name) = name {
            what += &format!(" {name}");
        }
        if !namespace.is_empty() {
            what += &format!(" in {namespace}");
        }
        what
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.verb, self.what())
    }
}

/// All that the operator is allowed.
pub fn permissions() -> BTreeSet<Permission> {
    documents(RULES).iter().flat_map(of_role).collect()
}

/// What the operator grants to the registry and the pruner: group, resource, verb.
pub fn granted_to_others() -> BTreeSet<(String, String, String)> {
    let rendered = documents(RENDERED);
    let of_roles = rendered.iter().flat_map(of_role);
    let granted: BTreeSet<_> = of_roles.map(|one| (one.group, one.resource, one.verb)).collect();
    assert!(granted.len() > 20, "the rendered roles were not found");
    granted
}

fn documents(text: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(text).unwrap()
}

fn of_role(role: &Value) -> Vec<Permission> {
    if !["Role", "ClusterRole"].contains(&role["kind"].as_str().unwrap()) {
        return Vec::new();
    }
    let namespace = role["metadata"]["namespace"].as_str().unwrap_or_default();
    let rules = role["rules"].as_array().unwrap();
    rules.iter().flat_map(|rule| of_rule(namespace, rule)).collect()
}

fn of_rule(namespace: &str, rule: &Value) -> Vec<Permission> {
    let words = |key: &str| -> Vec<String> {
        let words = rule[key].as_array().map(Vec::as_slice).unwrap_or_default();
        words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let names = words("resourceNames");
    let names = if names.is_empty() { vec![None] } else { names.into_iter().map(Some).collect() };
    let mut found = Vec::new();
    for group in words("apiGroups") {
        for resource in words("resources") {
            for name in &names {
                found.extend(words("verbs").into_iter().map(|verb| Permission {
                    namespace: namespace.to_owned(),
                    group: group.clone(),
                    resource: resource.clone(),
                    name: name.clone(),
                    verb,
                }));
            }
        }
    }
    found
}
