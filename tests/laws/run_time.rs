//! Laws about what only a running operator knows: failures and objects that cannot be read.

use crate::documents::fixtures;
use crate::{bytes, load};
use cluster_image_registry_operator::inputs::{Failure, Observed};
use cluster_image_registry_operator::problem::{Concern, Problem};
use cluster_image_registry_operator::render::{Step, render};
use serde_json::json;

const CONCERNS: [Concern; 7] = [
    Concern::Inputs,
    Concern::Registry,
    Concern::Pruner,
    Concern::NodeCa,
    Concern::Certificates,
    Concern::ImageConfig,
    Concern::ConfigObservation,
];

fn failure(concern: Concern, message: &str, minute: u32) -> Failure {
    let since = serde_json::from_value(json!(format!("2026-01-01T00:{minute:02}:00Z"))).unwrap();
    Failure { concern, message: message.to_owned(), since }
}

fn problem(concern: Concern, path: &str, reason: &'static str) -> Problem {
    Problem {
        concern,
        object: "Secret/openshift-image-registry/x".to_owned(),
        path: path.to_owned(),
        reason,
        message: "is wrong".to_owned(),
        remedy: String::new(),
    }
}

#[test]
fn the_order_of_failures_and_refusals_does_not_matter() {
    for fixture in fixtures() {
        let Some(mut inputs) = load(&fixture) else { continue };
        inputs.observed.now = Some(serde_json::from_value(json!("2026-01-01T00:05:00Z")).unwrap());
        for concern in CONCERNS {
            inputs.observed.failures.extend([failure(concern, "b", 4), failure(concern, "a", 1)]);
            inputs
                .refused
                .extend([problem(concern, "data[b]", "KeyMissing"), problem(concern, "data[a]", "ObjectMissing")]);
        }
        let once = bytes(&render(&inputs));
        inputs.observed.failures.reverse();
        inputs.refused.reverse();
        assert_eq!(once, bytes(&render(&inputs)), "{}", fixture.display());
    }
}

/// Failures are for reporting: what is to be done does not depend on what was tried.
#[test]
fn failures_change_no_step() {
    for fixture in fixtures() {
        let Some(mut inputs) = load(&fixture) else { continue };
        let steps = render(&inputs).steps;
        inputs.observed.failures = CONCERNS.map(|concern| failure(concern, "no", 0)).into();
        assert_eq!(render(&inputs).steps, steps, "{}", fixture.display());
    }
}

#[test]
fn the_finalizer_goes_last_and_only_from_a_config_on_its_way_out() {
    for fixture in fixtures() {
        let Some(mut inputs) = load(&fixture) else { continue };
        inputs.observed.deployment = Observed::Absent;
        let deleted = inputs.config.present().is_some_and(|config| config.metadata.deletion_timestamp.is_some());
        let plan = render(&inputs);
        let released = plan.steps.iter().position(|step| matches!(step, Step::ReleaseFinalizer(_)));
        assert_eq!(released, deleted.then(|| plan.steps.len() - 1), "{}", fixture.display());
    }
}
