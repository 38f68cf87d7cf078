//! From a Config to the steps of the registry and what Config/cluster reports.

use super::routes::RouteSettings;
use super::settings;
use crate::api::config::{Config, ManagementState};
use crate::api::storage::Storage;
use crate::api::storage::StorageManagementState::Managed;
use crate::inputs::{Inputs, Observed};
use crate::problem::{Concern, Problem};
use crate::render::bootstrap::config_id;
use crate::render::certificates::CaConfigMaps;
use crate::render::context::{Context, config_problem};
use crate::render::names::FINALIZER;
use crate::render::plan::Step;
use crate::render::status::{self, Condition, ConfigReport};
use crate::render::storage::action::Medium;
use crate::render::storage::{self, Backend, Prepared};
use crate::render::{Draft, path_fix, removal, transition, write_back};

/// Config/cluster, looked at as the wish for a registry.
pub struct Registry<'a> {
    /// Config with everything around it.
    pub context: Context<'a>,
    /// The wanted state; a Config that is being deleted wants what Removed wants.
    pub state: Option<ManagementState>,
    /// The storage that is asked for.
    pub backend: Result<Backend, Problem>,
    config: &'a Config,
}

/// What follows from a registry that is planned.
struct Planned {
    /// The wanted routes.
    routes: Vec<RouteSettings>,
    /// The storage with everything derived.
    effective: Storage,
    /// The storage that is in use.
    reported: Storage,
    /// What the registry waits for.
    waits: Option<String>,
}

impl<'a> Registry<'a> {
    /// None for a Config on its way out that the operator has let go of.
    pub fn of(inputs: &'a Inputs, config: &'a Config) -> Option<Self> {
        let context = Context { inputs, spec: &config.spec, status: config.status.as_ref() };
        let state = if is_deleted(config) { Some(ManagementState::Removed) } else { config.spec.management_state };
        let let_go = is_deleted(config) && !has_finalizer(config);
        (!let_go).then(|| Registry { context, config, state, backend: storage::select(&context) })
    }

    /// Whether the operator runs the registry.
    pub fn is_managed(&self) -> bool {
        self.state == Some(ManagementState::Managed)
    }

    /// Adds the steps of the registry to the draft; gives what to report.
    pub(in crate::render) fn plan(self, certificates: Option<&CaConfigMaps>, draft: &mut Draft) -> ConfigReport {
        let mut problems = Vec::new();
        // What is reported although everything else is removed.
        let mut hindrances = Vec::new();
        let mut routes = Vec::new();
        let mut effective = self.context.status.map(|status| status.storage.clone()).unwrap_or_default();
        let mut asked = effective.clone();
        let mut waits = None;
        match self.state {
            Some(ManagementState::Managed) => {
                let planned = self.plan_managed(certificates, &mut problems, draft);
                if let Some(planned) = planned {
                    routes = planned.routes;
                    effective = planned.reported;
                    asked = planned.effective;
                    waits = planned.waits;
                }
            }
            Some(ManagementState::Removed) => match self.plan_removal(draft) {
                Ok(removes_storage) => {
                    if !removes_storage && !is_deleted(self.config) {
                        draft.steps.extend(write_back::without_storage(&self.context).map(Step::WriteBack));
                    }
                    if !removes_storage {
                        effective = Storage::default();
                        asked = Storage::default();
                    }
                    let is_live = self.context.inputs.observed.now.is_some();
                    waits = (removes_storage && is_live).then(|| "the storage is being removed".to_owned());
                    hindrances = self.context.inputs.refused_for(Concern::Registry);
                }
                Err(why) => hindrances = why,
            },
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
            problems: if hindrances.is_empty() { &problems } else { &hindrances },
            routes: &routes,
            status: self.context.status,
            waits: waits.as_deref(),
        };
        let mut conditions = status::registry::conditions(&facts);
        conditions.extend(status::storage::conditions(&self.context, &asked));
        conditions.extend(status::node_ca::conditions(self.context.inputs));
        conditions.extend(status::concerns::conditions(self.context.inputs, &draft.problems));
        draft.problems.extend(problems);
        self.report(conditions, effective)
    }

    /// Plans what goes when the registry is Removed or Config deleted; says whether its storage is among that.
    ///
    /// # Errors
    /// Why the operator's own storage is left behind; everything else goes all the same.
    fn plan_removal(&self, draft: &mut Draft) -> Result<bool, Vec<Problem>> {
        let context = &self.context;
        let refused = context.inputs.refused_for(Concern::Registry);
        let prepare = || {
            let backend = self.backend.clone().map_err(|problem| vec![problem])?;
            storage::prepare(context, &backend)
        };
        match removal::storage(context, if refused.is_empty() { prepare() } else { Err(refused) }) {
            Ok(action) => {
                let removes_storage = action.is_some();
                draft.steps.extend(removal::steps(context.inputs, action));
                // Objects that are still there would be nobody's, so Config goes last, and only once it is known.
                let gone = context.inputs.observed.deployment == Observed::Absent;
                draft.steps.extend((is_deleted(self.config) && gone).then(|| Step::ReleaseFinalizer(config_id())));
                Ok(removes_storage)
            }
            Err(why) => {
                draft.steps.extend(removal::steps(context.inputs, None));
                draft.assumptions.extend(why.iter().map(|problem| format!("the storage is left behind: {problem}")));
                Err(why.into_iter().chain(is_deleted(self.config).then(deletion_waits)).collect())
            }
        }
    }

    /// Plans a Managed registry.
    fn plan_managed(
        &self,
        certificates: Option<&CaConfigMaps>,
        problems: &mut Vec<Problem>,
        draft: &mut Draft,
    ) -> Option<Planned> {
        let context = &self.context;
        let refused = context.inputs.refused_for(Concern::Registry);
        if !refused.is_empty() {
            problems.extend(refused);
            return None;
        }
        let settings = settings::check(context, &mut draft.assumptions);
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
        let decided = storage::ownership::state(context, &effective);
        let effective = Storage { management_state: decided, ..effective };
        let write_back = write_back::build(context, has_finalizer(self.config), &effective);
        draft.steps.extend(write_back.map(Step::WriteBack));
        // The pods' own disks go with the pods. That is reported and not written into spec, where it would be taken
        // for a word about whatever storage comes next.
        let effective = if medium == Medium::EmptyDir && decided.is_none() {
            Storage { management_state: Some(Managed), ..effective }
        } else {
            effective
        };
        if let Medium::S3(_) = medium {
            draft.assumptions.extend(storage::s3_tags::left_out(context));
        }
        if medium == Medium::EmptyDir && settings.replicas > 1 {
            let count = settings.replicas;
            let note = format!("spec.storage.emptyDir with {count} replicas: every pod has images of its own");
            draft.assumptions.push(note);
        }
        match workload {
            Ok(workload) => {
                let manifests = super::build(context, &settings, &workload, certificates);
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
        let is_there = storage::ownership::is_there(context, &effective);
        let recorded = || self.context.status.map(|status| status.storage.clone()).unwrap_or_default();
        let reported = if is_there { effective.clone() } else { recorded() };
        // Offline, nobody waits.
        let waits = (!is_there && context.inputs.observed.now.is_some()).then(|| format!("waiting for {medium}"));
        Some(Planned { routes: settings.routes, effective, reported, waits })
    }

    fn report(&self, conditions: Vec<Condition>, storage: Storage) -> ConfigReport {
        ConfigReport {
            conditions,
            observed_generation: self.config.metadata.generation,
            ready_replicas: status::registry::ready_replicas(self.context.inputs),
            storage_managed: match storage.management_state {
                Some(state) => state == Managed,
                // Configs of old releases have only the flag.
                None => {
                    storage::medium_id(&storage).is_some()
                        && self.context.status.is_some_and(|status| status.storage_managed)
                }
            },
            generations: status::generations::observed(self.context.inputs),
            storage: serde_json::to_value(storage).unwrap_or_default(),
        }
    }
}

fn is_deleted(config: &Config) -> bool {
    config.metadata.deletion_timestamp.is_some()
}

fn has_finalizer(config: &Config) -> bool {
    config.metadata.finalizers.iter().flatten().any(|name| name == FINALIZER)
}

/// What keeps a Config that is being deleted.
fn deletion_waits() -> Problem {
    config_problem(
        "spec.storage.managementState",
        "StorageLeftBehind",
        "the deletion waits until the storage is removed".to_owned(),
        "set it to Unmanaged to keep the storage and let Config go",
    )
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
            let missing = || settings::missing_image("OPERATOR_IMAGE", "this operator, which the path fix runs");
            draft.steps.push(Step::Apply(path_fix::build(context, azure, image.ok_or_else(missing)?)));
        }
        _ => draft.steps.extend(removal::path_fix(context.inputs, "no storage of this registry needs it")),
    }
    Ok(())
}
