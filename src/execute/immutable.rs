//! Fields that the API server does not let change, and what then.

use super::request::Refusal;
use crate::render::ObjectId;

/// What to do about an object with a wrong value in an immutable field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Delete it and create it anew: nothing is lost.
    Recreate,
    /// Leave it and say so: recreating it would lose something or interrupt the registry.
    Report,
}

/// Kind, the immutable field, and what to do. Sources: validation of the API groups rbac, batch, apps and core.
const IMMUTABLE: [(&str, &str, Remedy); 8] = [
    ("ClusterRoleBinding", "roleRef", Remedy::Recreate),
    ("Job", "spec", Remedy::Recreate),
    // The pods of the daemon hold nothing; the new ones adopt the nodes.
    ("DaemonSet", "spec.selector", Remedy::Recreate),
    ("Secret", "type", Remedy::Recreate),
    ("Secret", "data", Remedy::Recreate),
    ("ConfigMap", "data", Remedy::Recreate),
    // Every pod of the registry would go at once.
    ("Deployment", "spec.selector", Remedy::Report),
    // Clients hold on to the address.
    ("Service", "spec.clusterIP", Remedy::Report),
];

/// What to do about this refusal; none if it is not about an immutable field.
pub fn remedy(id: &ObjectId, refusal: &Refusal) -> Option<Remedy> {
    if refusal.code != 422 {
        return None;
    }
    let says = |message: &str| ["immutable", "cannot change roleRef"].iter().any(|words| message.contains(words));
    let fields: Vec<&str> =
        refusal.causes.iter().filter(|(_, _, message)| says(message)).map(|(field, _, _)| field.as_str()).collect();
    if fields.is_empty() && !says(&refusal.message) {
        return None;
    }
    let known = IMMUTABLE.iter().find(|(kind, field, _)| {
        *kind == id.kind && (fields.is_empty() || fields.iter().any(|given| given.starts_with(field)))
    });
    Some(known.map_or(Remedy::Report, |(_, _, remedy)| *remedy))
}
