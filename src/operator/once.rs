//! Passes for people: observe, render and, if asked to, execute and report, without watches and without the lease.

use super::failing::Failing;
use super::lease;
use super::observe;
use super::pass::ROUNDS;
use super::snapshot::Snapshot;
use crate::api::secret::Secret;
use crate::execute::preview::Preview;
use crate::execute::{Api, Done, Error, Executor, Outcome, World, subject};
use crate::inputs::files::running_http_secret;
use crate::inputs::{Environment, Inputs};
use crate::problem::{Concern, Problem};
use crate::render::bootstrap::SWIFT_UNKNOWN;
use crate::render::lint::lint;
use crate::render::names::{CLUSTER, NAMESPACE};
use crate::render::plan::{Plan, Step};
use crate::render::status::{Condition, StatusReport};
use crate::render::{ObjectId, render};
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The operator's own Deployment, which has the images and versions in its environment.
const OPERATOR: &str = "cluster-image-registry-operator";

/// What one look has shown.
#[derive(Debug)]
pub struct View {
    /// The cluster.
    pub snapshot: Snapshot,
    /// What it is taken for.
    pub inputs: Inputs,
    /// What follows from it.
    pub plan: Plan,
    /// How the registry is; none without Config.
    pub conditions: Option<Vec<Condition>>,
}

impl View {
    /// Everything that is wrong with the input.
    pub fn problems(&self) -> Vec<Problem> {
        self.plan.problems.iter().cloned().chain(lint(&self.plan)).collect()
    }
}

/// Why a pass came to nothing, or not to its end.
#[derive(Debug)]
pub enum Trouble {
    /// Something is wrong with the input; nothing is changed from then on.
    Input(Vec<Problem>),
    /// The cluster failed: one line for each thing.
    Cluster(Vec<String>),
}

impl From<Vec<Error>> for Trouble {
    fn from(errors: Vec<Error>) -> Self {
        Trouble::Cluster(errors.iter().map(Error::to_string).collect())
    }
}

/// Who makes the passes.
pub struct Once {
    executor: Executor,
    /// None: that of the operator's Deployment.
    environment: Option<Environment>,
    given: Vec<Value>,
    minted: Secret,
    failing: Failing,
    /// Whether Swift was asked for once; without an answer there is no other.
    has_probed: bool,
}

impl Once {
    /// Given objects take the place of live ones as inputs, and are never written. Without an environment, that of
    /// the operator's Deployment is taken.
    ///
    /// # Errors
    /// The system has no random numbers to give.
    pub fn new(api: Api, environment: Option<Environment>, given: Vec<Value>) -> Result<Self, getrandom::Error> {
        let (executor, minted) = (Executor::new(api), observe::mint()?);
        Ok(Once { executor, environment, given, minted, failing: Failing::default(), has_probed: false })
    }

    /// Looks at the cluster and renders.
    ///
    /// # Errors
    /// The API server's.
    pub async fn look(&self) -> Result<View, Vec<Error>> {
        self.go_on(World::default()).await
    }

    /// Renders what is known, and looks only where nobody has looked yet.
    async fn go_on(&self, known: World) -> Result<View, Vec<Error>> {
        let snapshot = Snapshot::go_on(known, self.executor.api(), &self.given).await?;
        let inputs = self.inputs(&snapshot.seen, &snapshot.live);
        let plan = render(&inputs);
        let conditions = plan.status.config.as_ref().map(|report| report.conditions.clone());
        Ok(View { snapshot, inputs, plan, conditions })
    }

    fn inputs(&self, seen: &World, live: &World) -> Inputs {
        let environment = self.environment.clone().or_else(|| operators_environment(live)).unwrap_or_default();
        let failures = self.failing.failures();
        let mut inputs = observe::inputs(seen, &environment, &self.minted, failures, Timestamp::now());
        // A file is nothing to write a fresh secret into, and another one for each pass would restart the registry.
        if self.is_given("Config", CLUSTER)
            && let Some(running) = running_http_secret(&inputs)
        {
            inputs.minted.http_secret = Some(running);
        }
        inputs.observed.storage.medium = self.executor.storage().observation();
        inputs.observed.storage.swift_usable = self.executor.storage().swift_usable();
        inputs
    }

    /// What would change, without changing it. What the operator would create to be configured by (Config,
    /// ImagePruner) is taken for created.
    ///
    /// # Errors
    /// The API server's.
    pub async fn preview(&self) -> Result<(View, Vec<Preview>), Vec<Error>> {
        let mut view = self.look().await?;
        let created: Vec<Step> =
            view.plan.steps.iter().filter(|step| matches!(step, Step::Create(_))).cloned().collect();
        if !created.is_empty() {
            let bodies = created.iter().filter_map(|step| match step {
                Step::Create(manifest) => Some(manifest.body().clone()),
                _ => None,
            });
            let given: Vec<Value> = self.given.iter().cloned().chain(bodies).collect();
            let known = std::mem::take(&mut view.snapshot.live);
            view.snapshot = Snapshot::go_on(known, self.executor.api(), &given).await?;
            view.inputs = self.inputs(&view.snapshot.seen, &view.snapshot.live);
            view.plan = render(&view.inputs);
            view.plan.steps.splice(0..0, created);
        }
        let now = format!("{:.0}", Timestamp::now());
        let View { snapshot, inputs: _, plan, conditions: _ } = &view;
        let previews = self.executor.preview(plan, &snapshot.live, &snapshot.seen, &now).await;
        Ok((view, previews))
    }

    /// Works until there is nothing left to do.
    ///
    /// # Errors
    /// Bad input, which is noticed before anything is written unless it comes later; what could not be carried out; too much to do.
    pub async fn pass(&mut self, mut told: impl FnMut(&Outcome)) -> Result<View, Trouble> {
        let mut rounds = 0..ROUNDS;
        // What the last round has left known; nothing means to look at everything anew.
        let mut known = World::default();
        while rounds.next().is_some() {
            let mut view = self.go_on(std::mem::take(&mut known)).await?;
            let problems = view.problems();
            if problems.iter().any(|problem| problem.reason == SWIFT_UNKNOWN) && !self.has_probed {
                self.has_probed = true;
                self.executor.probe_swift(&view.inputs);
                self.collect_storage().await;
                continue;
            }
            // What only the storage service can tell comes from the storage action.
            let is_told = |problem: &Problem| problem.reason == "StorageNotReady";
            let waits = || {
                let live = &view.snapshot.live;
                problems.iter().all(is_told) && self.executor.has_work(&view.plan, &view.inputs, live, &BTreeSet::new())
            };
            if !problems.is_empty() && !waits() {
                return Err(Trouble::Input(problems));
            }
            self.leave_given_alone(&mut view.plan);
            let (now, nothing) = (Timestamp::now(), BTreeSet::new());
            let View { snapshot: Snapshot { live, seen: _ }, inputs, plan, conditions: _ } = &mut view;
            let mut failures = Vec::new();
            if self.executor.has_work(plan, inputs, live, &nothing) {
                // The pruner is told the registry's name by Image, so that comes first.
                let image = StatusReport { image: plan.status.image.clone(), ..StatusReport::default() };
                let outcomes = self.executor.report(&image, live, &format!("{now:.0}"), &mut told).await;
                if outcomes.iter().any(|outcome| outcome.done.is_write()) {
                    known = std::mem::take(live);
                    continue;
                }
                let outcomes = self.executor.carry_out(plan, inputs, live, &nothing, &mut told).await;
                let is_asked = self.executor.storage().is_busy();
                let kept = is_asked.then_some(Concern::Storage).into_iter().collect();
                let is_news = self.failing.take(plan, &outcomes, &kept, now);
                if is_asked {
                    // However long the service takes, that is no round.
                    rounds.start -= 1;
                    self.collect_storage().await;
                    continue;
                }
                if is_news || outcomes.iter().any(|outcome| outcome.done.is_news()) {
                    if answers_tell_all(plan, &outcomes, live) {
                        known = std::mem::take(live);
                    }
                    continue;
                }
                failures.extend(outcomes.iter().filter(|outcome| outcome.done.failure().is_some()).map(text));
            } else if self.failing.take(plan, &[], &nothing, now) {
                // What failed was done all the same, which is not to be reported as failing.
                known = std::mem::take(live);
                continue;
            }
            let outcomes = self.executor.report(&plan.status, live, &format!("{now:.0}"), &mut told).await;
            failures.extend(outcomes.iter().filter(|outcome| outcome.done.failure().is_some()).map(text));
            return if failures.is_empty() { Ok(view) } else { Err(Trouble::Cluster(failures)) };
        }
        let why =
            format!("after {ROUNDS} rounds there is still something to do; somebody else may be changing the same");
        Err(Trouble::Cluster(vec![why]))
    }

    /// Waits for what the storage service is asked.
    async fn collect_storage(&mut self) {
        let wake = self.executor.storage().wake();
        while !self.executor.collect_storage() {
            wake.notified().await;
        }
    }

    /// Files are nobody's to write into.
    fn leave_given_alone(&self, plan: &mut Plan) {
        let is_given = |id: &ObjectId| self.is_given(&id.kind, &id.name);
        plan.steps.retain(|step| match step {
            Step::WriteBack(write_back) => !is_given(&write_back.object),
            Step::ReleaseFinalizer(id) => !is_given(id),
            Step::Create(_) | Step::Storage(_) | Step::Apply(_) | Step::Delete(_) => true,
        });
        if self.is_given("Config", CLUSTER) {
            plan.status.config = None;
        }
        if self.is_given("ImagePruner", CLUSTER) {
            plan.status.image_pruner = None;
        }
    }

    fn is_given(&self, kind: &str, name: &str) -> bool {
        let text = |object: &Value, pointer: &str| object.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        self.given.iter().any(|object| {
            text(object, "/kind").as_deref() == Some(kind) && text(object, "/metadata/name").as_deref() == Some(name)
        })
    }

    /// Whether images and versions are those of the operator's Deployment.
    pub fn takes_operators_environment(&self, live: &World) -> bool {
        self.environment.is_none() && operators_environment(live).is_some()
    }
}

/// Whether nothing has changed but what the API server's answers have shown. A new Config, or new values in it, may change
/// what others make of it; storage takes its time, and so does what runs until it is gone.
fn answers_tell_all(plan: &Plan, outcomes: &[Outcome], live: &World) -> bool {
    let is_shown = |step: &Step| match step {
        Step::Apply(_) => true,
        Step::Delete(deletion) => !runs(&deletion.object) || live.get(&deletion.object).present().is_none(),
        Step::Create(_) | Step::WriteBack(_) | Step::Storage(_) | Step::ReleaseFinalizer(_) => false,
    };
    let hidden: BTreeSet<String> = plan.steps.iter().filter(|step| !is_shown(step)).map(subject).collect();
    outcomes.iter().all(|outcome| match outcome.done {
        Done::Unchanged => true,
        Done::Created | Done::Configured(_) | Done::Deleted => !hidden.contains(&outcome.object),
        Done::Looked | Done::Waiting(_) | Done::Skipped(_) | Done::Failed(_) | Done::Impossible(_) => false,
    })
}

fn runs(id: &ObjectId) -> bool {
    matches!(id.kind.as_str(), "Deployment" | "DaemonSet" | "CronJob" | "Job" | "PersistentVolumeClaim")
}

fn text(outcome: &Outcome) -> String {
    outcome.to_string()
}

/// The variables of the operator's Deployment, if there is one.
fn operators_environment(live: &World) -> Option<Environment> {
    let id = ObjectId::of::<Deployment>(NAMESPACE, OPERATOR);
    let containers = live.get(&id).present()?.body().pointer("/spec/template/spec/containers")?.as_array()?;
    let variables = containers.iter().filter_map(|container| container.get("env")?.as_array()).flatten();
    let variables = variables.filter_map(|variable| {
        let text = |field: &str| variable.get(field).and_then(Value::as_str).map(str::to_owned);
        Some((text("name")?, text("value")?))
    });
    Some(Environment::from_variables(&variables.collect::<BTreeMap<_, _>>()).0)
}

/// Who holds the operator's lease, if it has not run out by this machine's clock.
///
/// # Errors
/// The API server's.
pub async fn lease_holder(api: &Api) -> Result<Option<String>, Error> {
    let Some(lease) = api.get(&lease::id()).await? else { return Ok(None) };
    let holder = lease::holder(&lease).to_owned();
    let seconds = lease.pointer("/spec/leaseDurationSeconds").and_then(Value::as_i64).unwrap_or(0);
    let renewed = lease.pointer("/spec/renewTime").and_then(Value::as_str).and_then(|time| time.parse().ok());
    let age = renewed.map_or(0, |renewed: Timestamp| Timestamp::now().as_second() - renewed.as_second());
    Ok(Some(holder).filter(|holder| !holder.is_empty() && age < seconds))
}
