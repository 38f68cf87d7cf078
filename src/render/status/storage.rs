//! Conditions of the storage medium: StorageExists and, for buckets of the operator, how they are set up.

use super::Condition;
use crate::api::storage::Storage;
use crate::inputs::{Fact, Observed};
use crate::render::context::Context;
use crate::render::storage::medium_id;

/// The type that every backend reports.
const EXISTS: &str = "StorageExists";

/// All types, in the order in which they are reported: the reference's, and one that only Azure has.
const TYPES: [&str; 7] = [
    EXISTS,
    "StoragePublicAccessBlocked",
    "StorageSharedKeyDisabled",
    "StorageTagged",
    "StorageLabeled",
    "StorageEncrypted",
    "StorageIncompleteUploadCleanupEnabled",
];

/// What is known of the medium that `asked` names. What nobody has looked at since stays as it was reported.
pub fn conditions(context: &Context<'_>, asked: &Storage) -> Vec<Condition> {
    if asked.empty_dir.is_some() {
        return vec![Condition::new(EXISTS, true, "CreationSuccessful", "EmptyDir storage successfully created")];
    }
    let id = medium_id(asked);
    let observed = &context.inputs.observed;
    if let Some(id) = id.as_ref().filter(|id| id.backend == "pvc") {
        let name = &id.name;
        return match observed.claims.get(name) {
            Some(Observed::Present(_)) => {
                vec![Condition::new(EXISTS, true, "PVCExists", format!("PersistentVolumeClaim {name} exists"))]
            }
            Some(Observed::Absent) => {
                let message = format!("PersistentVolumeClaim {name} does not exist");
                vec![Condition::new(EXISTS, false, "PVCMissing", message)]
            }
            Some(Observed::NotObserved) | None => reported(context),
        };
    }
    let seen = match &id {
        Some(id) => observed.storage.of(id),
        // Nothing is asked for any more: what was removed is told.
        None => observed.storage.medium.as_ref(),
    };
    let before = context.status.and_then(|status| medium_id(&status.storage));
    match seen {
        Some(seen) if !seen.facts.is_empty() => ordered(seen.facts.iter().map(condition).collect()),
        // What was reported of another medium says nothing.
        Some(_) | None if id.is_some() && before.is_some() && before != id => Vec::new(),
        Some(_) | None if id.is_none() && before.is_none() => gone(reported(context)),
        Some(_) | None => reported(context),
    }
}

/// What stays reported where there is no medium any more: that one was removed. Claims and the pods' own disks are no
/// medium that anybody would look for, and nothing holds of what is not there.
fn gone(conditions: Vec<Condition>) -> Vec<Condition> {
    let is_removal =
        |exists: &Condition| exists.type_ == EXISTS && !exists.holds() && !exists.reason.starts_with("PVC");
    if conditions.first().is_some_and(is_removal) { conditions } else { Vec::new() }
}

fn condition(fact: &Fact) -> Condition {
    let Fact { type_, holds, reason, message } = fact;
    match holds {
        Some(holds) => Condition::new(type_, *holds, reason, message.as_str()),
        None => Condition { reason: reason.clone(), ..Condition::unknown(type_, message) },
    }
}

fn ordered(mut conditions: Vec<Condition>) -> Vec<Condition> {
    conditions.sort_by_key(|condition| TYPES.iter().position(|type_| *type_ == condition.type_));
    conditions
}

/// What stands in the status already. Conditions without a reason are of an old release.
fn reported(context: &Context<'_>) -> Vec<Condition> {
    let before = context.status.map(|status| status.conditions.as_slice()).unwrap_or_default();
    let found = TYPES.iter().filter_map(|type_| {
        let condition = before.iter().find(|condition| condition.type_ == *type_)?;
        let status = condition.status;
        let reason: String =
            condition.reason.iter().flat_map(|reason| reason.chars()).filter(char::is_ascii_alphanumeric).collect();
        let reason = if reason.is_empty() { "AsExpected".to_owned() } else { reason };
        Some(Condition { type_, status, reason, message: condition.message.clone().unwrap_or_default() })
    });
    found.collect()
}
