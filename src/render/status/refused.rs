//! Reports about a Config or an ImagePruner that cannot be read: what is wrong, what runs, and what was known before.

use super::{Condition, ConfigReport, PrunerReport, concerns, generations, node_ca, pruner as pruner_status, registry};
use crate::api::config::{Condition as Reported, ConditionStatus};
use crate::inputs::Inputs;
use crate::problem::Problem;
use serde_json::{Value, json};

/// What Config/cluster reports. `others` are the problems of the other concerns.
pub fn config(inputs: &Inputs, refused: &[Problem], others: &[Problem]) -> ConfigReport {
    let facts = registry::Facts { inputs, state: None, problems: refused, routes: &[], status: None, waits: None };
    let mut conditions = registry::conditions(&facts);
    conditions.extend(node_ca::conditions(inputs));
    conditions.extend(concerns::conditions(inputs, others));
    let previous = inputs.previous_status.config.as_ref();
    // Nothing was looked into for the certificates, so what was found last still holds.
    let certificates = conditions.iter_mut().find(|condition| condition.type_ == concerns::CERTIFICATES);
    if let (Some(certificates), Some(kept)) = (certificates, kept(previous, concerns::CERTIFICATES))
        && certificates.status == ConditionStatus::False
    {
        *certificates = kept;
    }
    let field = |name: &str| previous.and_then(|previous| previous.get(name));
    ConfigReport {
        conditions,
        observed_generation: field("observedGeneration").and_then(Value::as_i64),
        ready_replicas: registry::ready_replicas(inputs),
        generations: generations::observed(inputs),
        storage_managed: field("storageManaged").and_then(Value::as_bool).unwrap_or(false),
        storage: field("storage").cloned().unwrap_or_else(|| json!({})),
    }
}

/// What ImagePruner/cluster reports.
pub fn pruner(inputs: &Inputs, refused: &[Problem]) -> PrunerReport {
    let live = inputs.observed.pruner.present();
    let suspended = live.map(|live| live.spec.suspend.unwrap_or(false));
    let previous = inputs.previous_status.image_pruner.as_ref();
    PrunerReport {
        conditions: pruner_status::conditions(inputs, suspended, refused),
        observed_generation: previous.and_then(|status| status.get("observedGeneration")).and_then(Value::as_i64),
    }
}

/// A condition as it was reported before.
fn kept(previous: Option<&Value>, type_: &'static str) -> Option<Condition> {
    let conditions = previous?.get("conditions")?.as_array()?;
    let found = conditions.iter().find(|condition| condition.get("type").is_some_and(|found| found == type_))?;
    let Reported { status, reason, message, .. } = serde_json::from_value(found.clone()).ok()?;
    Some(Condition { type_, status, reason: reason.unwrap_or_default(), message: message.unwrap_or_default() })
}
