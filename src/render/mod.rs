//! From inputs to a plan: pure, total, deterministic.
//!
//! **Nothing in here talks to anything**: no client, no async, no file, no clock, no environment, no randomness, no
//! global state. `tests/purity.rs` fails if such an import appears.

pub mod bootstrap;
pub mod certificates;
pub mod checksum;
pub mod context;
pub mod lint;
pub mod manifest;
pub mod mask;
pub mod names;
mod network;
pub mod node_ca;
pub mod observed_config;
pub mod order;
pub mod path_fix;
pub mod plan;
mod pods;
pub mod pruner;
mod rbac;
pub mod registry;
pub mod removal;
pub mod status;
pub mod storage;
mod transition;
pub mod write_back;
pub mod yaml_value;

pub use manifest::{Manifest, ObjectId};
pub use plan::{Plan, Step};

use crate::api::config::ManagementState;
use crate::api::image_pruner::ImagePruner;
use crate::inputs::{Inputs, Observed};
use crate::problem::{Concern, Problem};
use certificates::{CaConfigMaps, Wishes};
use registry::plan::Registry;
use status::{Condition, ConfigReport, PrunerReport, StatusReport};
use std::collections::BTreeSet;

/// The plan under construction.
#[derive(Default)]
struct Draft {
    steps: Vec<Step>,
    problems: Vec<Problem>,
    assumptions: Vec<String>,
}

/// Makes the plan. Equal inputs give equal plans, whatever the order in which they were read.
///
/// It never fails: what cannot be planned is left out and named among the plan's problems, and the concerns that do
/// not depend on it are planned all the same.
pub fn render(inputs: &Inputs) -> Plan {
    let mut draft = Draft::default();
    let refused = inputs.refused_for(Concern::Registry);
    let is_refused = !inputs.config.was_looked_at() && !refused.is_empty();
    for concern in [Concern::ImageConfig, Concern::ConfigObservation] {
        draft.problems.extend(inputs.refused_for(concern));
    }
    let registry = match &inputs.config {
        Observed::Present(config) => {
            let registry = Registry::of(inputs, config);
            if registry.is_none() {
                let note = "Config/cluster is being deleted without the operator's finalizer: nothing is done about it";
                draft.assumptions.push(note.to_owned());
            }
            registry
        }
        Observed::Absent => {
            plan_bootstrap(inputs, &mut draft);
            None
        }
        // Neither the registry nor its CAs can be told from a Config that nobody can read: they stay as they are.
        Observed::NotObserved if !refused.is_empty() => None,
        Observed::NotObserved => {
            draft.assumptions.push("Config/cluster was not given: nothing is planned for the registry".to_owned());
            None
        }
    };
    let certificates = if is_refused { None } else { plan_certificates(inputs, registry.as_ref(), &mut draft) };
    let state = registry.as_ref().and_then(|registry| registry.state);
    plan_node_ca(inputs, &mut draft);
    plan_image(inputs, &mut draft);
    let config_report = match registry {
        Some(registry) => Some(registry.plan(certificates.as_ref(), &mut draft)),
        None if is_refused => {
            let report = status::refused::config(inputs, &refused, &draft.problems);
            draft.problems.extend(refused);
            Some(report)
        }
        None => None,
    };
    let pruner_report = plan_pruner(inputs, &mut draft);
    let status = report(inputs, state, config_report, pruner_report);
    let Draft { mut steps, mut problems, mut assumptions } = draft;
    order::sort(&mut steps);
    // Two concerns may depend on the same missing object; it is named once.
    problems.sort();
    let mut named = BTreeSet::new();
    problems.retain(|problem| named.insert((problem.object.clone(), problem.path.clone(), problem.message.clone())));
    assumptions.sort();
    assumptions.dedup();
    Plan { steps, status, problems, assumptions }
}

fn plan_bootstrap(inputs: &Inputs, draft: &mut Draft) {
    let refused = inputs.refused_for(Concern::Registry);
    if !refused.is_empty() {
        draft.problems.extend(refused);
        return;
    }
    match bootstrap::config(inputs) {
        Ok(steps) => draft.steps.extend(steps),
        Err(problem) => draft.problems.push(problem),
    }
}

fn plan_certificates(inputs: &Inputs, registry: Option<&Registry<'_>>, draft: &mut Draft) -> Option<CaConfigMaps> {
    let is_removed = registry.is_none_or(|registry| registry.state == Some(ManagementState::Removed));
    let storage = registry.filter(|_| !is_removed).and_then(|registry| registry.backend.as_ref().ok());
    let wishes = Wishes {
        storage,
        disable_redirect: registry.is_some_and(|registry| registry.context.spec.disable_redirect),
        managed: registry.is_some_and(Registry::is_managed),
    };
    let refused = inputs.refused_for(Concern::Certificates);
    if !refused.is_empty() {
        draft.problems.extend(refused);
        return None;
    }
    match certificates::collect(inputs, &wishes, &mut draft.assumptions) {
        Ok(content) => {
            draft.steps.push(Step::Apply(certificates::registry_certificates::build(&content)));
            draft.steps.push(Step::Apply(certificates::registry_ca::build(&content)));
            Some(content)
        }
        Err(problems) => {
            draft.problems.extend(problems);
            None
        }
    }
}

fn plan_node_ca(inputs: &Inputs, draft: &mut Draft) {
    let refused = inputs.refused_for(Concern::NodeCa);
    if !refused.is_empty() {
        return draft.problems.extend(refused);
    }
    match &inputs.environment.operator_image {
        Some(image) => draft.steps.push(Step::Apply(node_ca::build(image))),
        None => {
            let problem = registry::settings::missing_image("OPERATOR_IMAGE", "this operator, which node-ca runs");
            draft.problems.push(Problem { concern: Concern::NodeCa, ..problem });
        }
    }
}

/// Image/cluster usually comes with the cluster; where the registry is published has to be there all the same.
fn plan_image(inputs: &Inputs, draft: &mut Draft) {
    if inputs.cluster.image == Observed::Absent {
        draft.steps.push(bootstrap::image());
    }
}

fn plan_pruner(inputs: &Inputs, draft: &mut Draft) -> Option<PrunerReport> {
    let refused = inputs.refused_for(Concern::Pruner);
    let pruner: &ImagePruner = match &inputs.image_pruner {
        Observed::Present(pruner) => pruner,
        Observed::Absent => {
            draft.steps.push(bootstrap::image_pruner());
            draft.problems.extend(refused);
            return None;
        }
        Observed::NotObserved if !refused.is_empty() => {
            let report = status::refused::pruner(inputs, &refused);
            draft.problems.extend(refused);
            return Some(report);
        }
        Observed::NotObserved => {
            draft.assumptions.push("ImagePruner/cluster was not given: nothing is planned for the pruner".to_owned());
            return None;
        }
    };
    let settings = if refused.is_empty() {
        pruner::settings::check(inputs, &pruner.spec, &mut draft.assumptions)
    } else {
        Err(refused)
    };
    let problems = match settings {
        Ok(settings) => {
            draft.steps.extend(pruner::build(&settings).into_iter().map(Step::Apply));
            Vec::new()
        }
        Err(problems) => problems,
    };
    let suspended = Some(pruner.spec.suspend.unwrap_or(false));
    let conditions = status::pruner::conditions(inputs, suspended, &problems);
    draft.problems.extend(problems);
    Some(PrunerReport { conditions, observed_generation: pruner.metadata.generation })
}

fn report(
    inputs: &Inputs,
    state: Option<ManagementState>,
    config: Option<ConfigReport>,
    pruner: Option<PrunerReport>,
) -> StatusReport {
    let managed = state == Some(ManagementState::Managed);
    let pool = |conditions: Option<&Vec<Condition>>| conditions.cloned().unwrap_or_default();
    let cluster_operator = config.as_ref().map(|config| {
        let pruner = pool(pruner.as_ref().map(|report| &report.conditions));
        status::cluster_operator::report(inputs, state, &config.conditions, &pruner)
    });
    StatusReport { config, image_pruner: pruner, cluster_operator, image: status::image::report(inputs, managed) }
}
