//! Conditions of the node-CA DaemonSet.

use super::Condition;
use crate::inputs::{Inputs, Observed};

/// NodeCADaemonAvailable and NodeCADaemonProgressing.
pub fn conditions(inputs: &Inputs) -> Vec<Condition> {
    const AVAILABLE: &str = "NodeCADaemonAvailable";
    const PROGRESSING: &str = "NodeCADaemonProgressing";
    let live = match &inputs.observed.node_ca {
        Observed::Present(live) => live,
        Observed::Absent => {
            let message = "The daemon set node-ca does not exist";
            return vec![
                Condition::new(AVAILABLE, false, "NotFound", message),
                Condition::new(PROGRESSING, true, "NotFound", message),
            ];
        }
        Observed::NotObserved => return Vec::new(),
    };
    let status = live.status.clone().unwrap_or_default();
    let available = if status.number_available.unwrap_or(0) > 0 {
        Condition::new(AVAILABLE, true, "AsExpected", "The daemon set node-ca has available replicas")
    } else {
        Condition::new(
            AVAILABLE,
            false,
            "NoAvailableReplicas",
            "The daemon set node-ca does not have available replicas",
        )
    };
    let updated = status.updated_number_scheduled.unwrap_or(0);
    let progressing = if updated < status.desired_number_scheduled || status.number_misscheduled > 0 {
        Condition::new(PROGRESSING, true, "Progressing", "The daemon set node-ca is updating node pods")
    } else {
        Condition::new(PROGRESSING, false, "AsExpected", "The daemon set node-ca is deployed")
    };
    vec![available, progressing]
}
