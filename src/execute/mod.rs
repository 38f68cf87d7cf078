//! Carrying out a plan: server-side apply, write-backs, deletions, storage, reports.
//!
//! The executor makes no decision of its own: it does what the plan says, in the plan's order, and skips without a
//! request what is done already. What became of each step is data ([`Outcome`]).

mod apply;
mod concern;
mod crowded;
mod delete;
pub mod diff;
pub mod error;
pub mod fence;
mod finalizer;
pub mod immutable;
pub mod kubeconfig;
pub mod live;
pub mod outcome;
pub mod ownership;
pub mod preview;
pub mod report;
pub mod request;
pub mod resource;
pub mod storage;
pub mod takeover;
pub mod world;
mod write_back;

pub use concern::of as concern_of;
pub use live::Live;
pub use outcome::{Done, Outcome};
pub use request::{Api, Error};
pub use world::World;

use crate::inputs::{Inputs, MediumId};
use crate::net::Network;
use crate::problem::Concern;
use crate::render::ObjectId;
use crate::render::plan::{Plan, Step};
use crate::render::storage::action::StorageAction;
use apply::{Applied, Wanted};
use fence::Fence;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use storage::Store;

/// Carries out plans, one after the other, and remembers what it has applied.
pub struct Executor {
    api: Api,
    applied: BTreeMap<(ObjectId, &'static str), Applied>,
    /// Version of Config and fields of the last write-back in which others stood in the way.
    refused_write_back: Option<(u64, Value)>,
    /// Versions of objects that are not deleted because they are somebody else's.
    spared: BTreeMap<ObjectId, u64>,
    storage: Store,
}

impl Executor {
    /// An executor that has done nothing yet.
    pub fn new(api: Api) -> Self {
        let fence = api.fence();
        let network = move || {
            let fence = fence.clone();
            Network::from_environment().guarded(move || fence.as_ref().is_none_or(Fence::is_open))
        };
        Executor {
            api,
            applied: BTreeMap::new(),
            refused_write_back: None,
            spared: BTreeMap::new(),
            storage: Store::new(network),
        }
    }

    /// The client it works with.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Looks again at a storage medium that has not been looked at for long, beside everything else. Whatever is under
    /// way and is not planned any more is stopped: a removal that somebody has thought better of.
    pub fn look_at_storage(&mut self, plan: &Plan, inputs: &Inputs) {
        match planned_storage(plan) {
            Some(action) => self.storage.look(action, inputs),
            None => self.storage.rest(),
        }
    }

    /// Whether a step of the plan needs a request. Steps of held back concerns do not count.
    pub fn has_work(&self, plan: &Plan, inputs: &Inputs, world: &World, held_back: &BTreeSet<Concern>) -> bool {
        self.waiting(plan, inputs, world, held_back).is_none()
    }

    /// If no step of the plan needs a request now, the concerns that wait, the held back ones among them. The steps of
    /// all others are done.
    pub fn waiting(
        &self,
        plan: &Plan,
        inputs: &Inputs,
        world: &World,
        held_back: &BTreeSet<Concern>,
    ) -> Option<BTreeSet<Concern>> {
        if self.storage.has_left(planned_medium(plan)) {
            return None;
        }
        let mut stopped = held_back.clone();
        for step in &plan.steps {
            if let Step::Storage(action) = step
                && (stopped.contains(&concern::of(step)) || self.holds_up(action, inputs))
            {
                stop(step, &mut stopped);
            }
            if !stopped.contains(&concern::of(step)) && !self.is_done(step, inputs, world) {
                return None;
            }
        }
        Some(stopped)
    }

    fn is_done(&self, step: &Step, inputs: &Inputs, world: &World) -> bool {
        match step {
            Step::Create(manifest) => world.get(manifest.id()).present().is_some(),
            Step::WriteBack(write_back) => self.is_written_back(write_back, world),
            Step::Storage(action) => self.is_stored(action, inputs, world),
            Step::Apply(manifest) => self.is_applied(&Wanted::object(manifest), world),
            Step::Delete(deletion) => self.is_deleted(&deletion.object, world),
            Step::ReleaseFinalizer(_) => false,
        }
    }

    /// Carries out the steps in order. A step that fails stops the later ones of its concern; those of held back
    /// concerns are left for later.
    pub async fn carry_out(
        &mut self,
        plan: &Plan,
        inputs: &Inputs,
        world: &mut World,
        held_back: &BTreeSet<Concern>,
        mut told: impl FnMut(&Outcome),
    ) -> Vec<Outcome> {
        let mut stopped = held_back.clone();
        let mut outcomes = Vec::with_capacity(plan.steps.len());
        if let Some((object, done)) = self.storage.take_left(planned_medium(plan)) {
            let outcome = Outcome { concern: Concern::Storage, object, done };
            told(&outcome);
            outcomes.push(outcome);
        }
        for step in &plan.steps {
            let concern = concern::of(step);
            if stopped.contains(&concern) {
                stop(step, &mut stopped);
                continue;
            }
            let done = self.carry_out_step(step, inputs, world).await;
            if done.failure().is_some() || matches!(done, Done::Waiting(_) | Done::Looked) {
                stop(step, &mut stopped);
            }
            let outcome = Outcome { concern, object: subject(step), done };
            told(&outcome);
            outcomes.push(outcome);
        }
        outcomes
    }

    async fn carry_out_step(&mut self, step: &Step, inputs: &Inputs, world: &mut World) -> Done {
        match step {
            Step::Create(manifest) => self.create(manifest, world).await,
            Step::WriteBack(write_back) => self.write_back(write_back, world).await,
            Step::Storage(action) => self.store(action, inputs, world).await,
            Step::Apply(manifest) => self.apply(&Wanted::object(manifest), world).await,
            Step::Delete(deletion) => self.delete(deletion, world).await,
            Step::ReleaseFinalizer(id) => self.release(id, world).await,
        }
    }

    async fn create(&mut self, manifest: &crate::render::Manifest, world: &mut World) -> Done {
        if world.get(manifest.id()).present().is_some() {
            return Done::Unchanged;
        }
        match self.api.create(manifest.id(), manifest.body(), live::DEFAULTS).await {
            Ok(object) => {
                Live::new(object).map(|live| world.put(live));
                Done::Created
            }
            // Somebody else has made it meanwhile, and theirs counts.
            Err(Error::Refused(refusal)) if refusal.code == 409 => Done::Unchanged,
            Err(error) => Done::Failed(error),
        }
    }
}

/// What the plan does about the medium of a cloud.
fn planned_storage(plan: &Plan) -> Option<&StorageAction> {
    plan.steps.iter().find_map(|step| match step {
        Step::Storage(action) if concern::of(step) == Concern::Storage => Some(action),
        _ => None,
    })
}

/// The medium of a cloud that the plan does something about.
fn planned_medium(plan: &Plan) -> Option<&MediumId> {
    planned_storage(plan).map(|action| &action.id)
}

/// A step that came to nothing stops the later ones of its concern; a medium that is not there, those of the registry.
fn stop(step: &Step, stopped: &mut BTreeSet<Concern>) {
    let concern = concern::of(step);
    stopped.insert(concern);
    if let (Concern::Storage, Step::Storage(action)) = (concern, step)
        && storage::is_needed(action)
    {
        stopped.insert(Concern::Registry);
    }
}

/// What a step is about, for people.
pub fn subject(step: &Step) -> String {
    match step {
        Step::Create(manifest) | Step::Apply(manifest) => manifest.id().to_string(),
        Step::WriteBack(write_back) => write_back.object.to_string(),
        Step::Storage(action) => action.medium.to_string(),
        Step::Delete(deletion) => deletion.object.to_string(),
        Step::ReleaseFinalizer(id) => id.to_string(),
    }
}

/// A random part of a duration, so that not everybody does the same at the same time.
pub fn jitter(of: Duration) -> Duration {
    let mut byte = [0];
    // Without random numbers there is no jitter, which is no harm.
    let _ = getrandom::fill(&mut byte);
    of.mul_f64(f64::from(byte[0]) / 256.0)
}
