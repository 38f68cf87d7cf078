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

use crate::api::config::{Config, ManagementState};
use crate::api::image_pruner::ImagePruner;
use crate::api::storage::Storage;
use crate::inputs::{Inputs, Observed};
use crate::problem::{Concern, Problem};
use certificates::{CaConfigMaps, Wishes};
use context::{Context, config_problem};
use registry::routes::RouteSettings;
use status::{Condition, ConfigReport, PrunerReport, StatusReport};
use storage::action::Medium;
use storage::{Backend, Prepared};

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
    let registry = match &inputs.config {
        Observed::Present(config) => Some(Registry::of(inputs, config)),
        Observed::Absent => {
            plan_bootstrap(inputs, &mut draft);
            None
        }
        Observed::NotObserved => {
            draft.assumptions.push("Config/cluster was not given: nothing is planned for the registry".to_owned());
            None
        }
    };
    let certificates = plan_certificates(inputs, registry.as_ref(), &mut draft);
    let state = registry.as_ref().and_then(|registry| registry.state);
    plan_node_ca(inputs, &mut draft);
    let config_report = registry.map(|registry| registry.plan(certificates.as_ref(), &mut draft));
    let pruner_report = plan_pruner(inputs, &mut draft);
    let status = report(inputs, state, config_report, pruner_report);
    let Draft { mut steps, mut problems, mut assumptions } = draft;
    order::sort(&mut steps);
    // Two concerns may depend on the same missing object; it is named once.
    problems.sort();
    problems
        .dedup_by(|one, other| one.object == other.object && one.path == other.path && one.message == other.message);
    assumptions.sort();
    assumptions.dedup();
    Plan { steps, status, problems, assumptions }
}

/// Config/cluster, looked at as the wish for a registry.
struct Registry<'a> {
    context: Context<'a>,
    config: &'a Config,
    state: Option<ManagementState>,
    backend: Result<Backend, Problem>,
}

impl<'a> Registry<'a> {
    fn of(inputs: &'a Inputs, config: &'a Config) -> Self {
        let context = Context { inputs, spec: &config.spec, status: config.status.as_ref() };
        let deleted = config.metadata.deletion_timestamp.is_some();
        let state = if deleted { Some(ManagementState::Removed) } else { config.spec.management_state };
        Registry { context, config, state, backend: storage::select(&context) }
    }

    fn is_managed(&self) -> bool {
        self.state == Some(ManagementState::Managed)
    }

    fn plan(self, certificates: Option<&CaConfigMaps>, draft: &mut Draft) -> ConfigReport {
        let mut problems = Vec::new();
        let mut left_behind = Vec::new();
        let mut routes = Vec::new();
        let mut effective = self.context.status.map(|status| status.storage.clone()).unwrap_or_default();
        match self.state {
            Some(ManagementState::Managed) => {
                let planned = self.plan_managed(certificates, &mut problems, draft);
                if let Some((settings_routes, storage)) = planned {
                    routes = settings_routes;
                    effective = storage;
                }
            }
            Some(ManagementState::Removed) => {
                // A storage section that cannot be used must not keep the objects from being removed.
                let prepared = self.backend.clone().map_err(|problem| vec![problem]);
                let prepared = prepared.and_then(|backend| storage::prepare(&self.context, &backend));
                let storage = removal::storage(&self.context, prepared.as_ref().ok());
                match (&storage, prepared) {
                    (None, Err(why)) if removal::has_own_storage(&self.context) => {
                        let notes = why.iter().map(|problem| format!("the storage is left behind: {problem}"));
                        draft.assumptions.extend(notes);
                        left_behind = why;
                    }
                    (Some(_), _) => {}
                    (None, _) => effective = Storage::default(),
                }
                draft.steps.extend(removal::steps(self.context.inputs, storage));
            }
            Some(ManagementState::Unmanaged) => {}
            Some(ManagementState::Force) | None => problems.push(config_problem(
                "spec.managementState",
                "ManagementStateUnknown",
                "nothing is done for the registry in this state".to_owned(),
                "set it to Managed, Unmanaged or Removed",
            )),
        }
        let facts = status::registry::Facts {
            inputs: self.context.inputs,
            state: self.state,
            problems: if left_behind.is_empty() { &problems } else { &left_behind },
            routes: &routes,
            status: self.context.status,
        };
        let mut conditions = status::registry::conditions(&facts);
        conditions.extend(status::node_ca::conditions(self.context.inputs));
        conditions.extend(status::concerns(&draft.problems));
        draft.problems.extend(problems);
        self.report(conditions, effective)
    }

    /// Plans a Managed registry; gives the wanted routes and the effective storage.
    fn plan_managed(
        &self,
        certificates: Option<&CaConfigMaps>,
        problems: &mut Vec<Problem>,
        draft: &mut Draft,
    ) -> Option<(Vec<RouteSettings>, Storage)> {
        let context = &self.context;
        let settings = registry::settings::check(context, &mut draft.assumptions);
        let prepared = match &self.backend {
            Ok(backend) => storage::prepare(context, backend),
            Err(problem) => Err(vec![problem.clone()]),
        };
        let (settings, Prepared { effective, medium, workload }) = match (settings, prepared) {
            (Ok(settings), Ok(prepared)) => {
                draft.steps.extend(storage::ensure(context, &prepared).map(Step::Storage));
                (settings, prepared)
            }
            (settings, prepared) => {
                problems.extend(settings.err().into_iter().flatten());
                problems.extend(prepared.err().into_iter().flatten());
                return None;
            }
        };
        let decided = storage::management_state(context).or(effective.management_state);
        let effective = Storage { management_state: decided, ..effective };
        let has_finalizer = self.config.metadata.finalizers.iter().flatten().any(|name| name == names::FINALIZER);
        draft.steps.extend(write_back::build(context, has_finalizer, &effective).map(Step::WriteBack));
        if medium == Medium::EmptyDir && settings.replicas > 1 {
            let count = settings.replicas;
            let note = format!("spec.storage.emptyDir with {count} replicas: every pod has images of its own");
            draft.assumptions.push(note);
        }
        match workload {
            Ok(workload) => {
                let manifests = registry::build(context, &settings, &workload, certificates);
                let manifests = manifests.into_iter().map(|manifest| transition::in_steps(context, manifest));
                draft.steps.extend(manifests.map(Step::Apply));
                if let Err(problem) = plan_path_fix(context, &medium, &effective, draft) {
                    problems.push(problem);
                }
                let wanted = settings.routes.iter().map(|route| route.name.as_str()).collect();
                let because = "no route of that name is configured any more";
                draft.steps.extend(removal::unwanted_routes(context.inputs, &wanted, because));
            }
            // The storage action goes ahead; what it finds out completes the next plan.
            Err(pending) => problems.push(pending),
        }
        Some((settings.routes, effective))
    }

    fn report(&self, conditions: Vec<Condition>, storage: Storage) -> ConfigReport {
        use crate::api::storage::StorageManagementState::Managed;
        let live = self.context.inputs.observed.deployment.present();
        let ready = live.and_then(|deployment| deployment.status.as_ref()).and_then(|status| status.ready_replicas);
        ConfigReport {
            conditions,
            observed_generation: self.config.metadata.generation,
            ready_replicas: ready.unwrap_or(0),
            storage_managed: storage::management_state(&self.context).or(storage.management_state) == Some(Managed),
            generations: status::generations::observed(self.context.inputs),
            storage: serde_json::to_value(storage).unwrap_or_default(),
        }
    }
}

fn plan_bootstrap(inputs: &Inputs, draft: &mut Draft) {
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
    match &inputs.environment.operator_image {
        Some(image) => draft.steps.push(Step::Apply(node_ca::build(image))),
        None => {
            let problem = registry::settings::missing_image("OPERATOR_IMAGE", "this operator, which node-ca runs");
            draft.problems.push(Problem { concern: Concern::NodeCa, ..problem });
        }
    }
}

fn plan_path_fix(
    context: &Context<'_>,
    medium: &Medium,
    effective: &Storage,
    draft: &mut Draft,
) -> Result<(), Problem> {
    match (medium, &effective.azure) {
        (Medium::Azure(container), Some(azure)) if path_fix::is_wanted(context, container) => {
            let image = context.inputs.environment.operator_image.as_deref();
            let missing =
                || registry::settings::missing_image("OPERATOR_IMAGE", "this operator, which the path fix runs");
            draft.steps.push(Step::Apply(path_fix::build(context, azure, image.ok_or_else(missing)?)));
        }
        _ => draft.steps.extend(removal::path_fix(context.inputs, "no storage of this registry needs it")),
    }
    Ok(())
}

fn plan_pruner(inputs: &Inputs, draft: &mut Draft) -> Option<PrunerReport> {
    let pruner: &ImagePruner = match &inputs.image_pruner {
        Observed::Present(pruner) => pruner,
        Observed::Absent => {
            draft.steps.push(bootstrap::image_pruner());
            return None;
        }
        Observed::NotObserved => {
            draft.assumptions.push("ImagePruner/cluster was not given: nothing is planned for the pruner".to_owned());
            return None;
        }
    };
    let problems = match pruner::settings::check(inputs, &pruner.spec, &mut draft.assumptions) {
        Ok(settings) => {
            draft.steps.extend(pruner::build(&settings).into_iter().map(Step::Apply));
            Vec::new()
        }
        Err(problems) => problems,
    };
    let suspended = pruner.spec.suspend.unwrap_or(false);
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
