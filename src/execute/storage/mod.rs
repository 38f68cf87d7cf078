//! Storage media: claims in the cluster, and buckets and containers at the services of clouds.
//!
//! What a cloud is asked runs beside the loop, which goes on meanwhile and is woken when it has come to its end. One
//! medium is worked on at a time.

mod azure;
mod backends;
mod claim;
mod driver;
mod gcs;
mod ibmcos;
mod probe;
mod s3;
mod standing;
mod store;
mod swift;
mod trouble;
mod wish;
mod work;

pub use azure::key_cache_requests as azure_key_cache_requests;
pub use standing::Standing;
pub use store::{Account, Store};
pub use swift::swift_is_usable;
pub use trouble::Trouble;
pub(crate) use trouble::quoted;

use super::Executor;
use super::outcome::Done;
use super::world::{Known, World};
use crate::inputs::Inputs;
use crate::render::bootstrap::claim_id;
use crate::render::storage::action::{Medium, StorageAction, Verb};

impl Executor {
    /// What is known of the storage, and what it is that is worked on.
    pub fn storage(&self) -> &Store {
        &self.storage
    }

    /// Asks whether OpenStack has a Swift to use, unless that is known.
    pub fn probe_swift(&mut self, inputs: &Inputs) {
        self.storage.probe_swift(inputs);
    }

    /// Takes in what has become of the storage action under way; whether anything has.
    pub fn collect_storage(&mut self) -> bool {
        self.storage.collect()
    }

    /// Whether the medium needs no request now.
    pub(super) fn is_stored(&self, action: &StorageAction, inputs: &Inputs, world: &World) -> bool {
        self.is_kept(action, world)
            .unwrap_or_else(|| matches!(self.storage.standing(action, inputs), Standing::Well | Standing::Waiting(_)))
    }

    /// The same of a medium in the cluster itself; none of a cloud's.
    pub(super) fn is_kept(&self, action: &StorageAction, world: &World) -> Option<bool> {
        match (&action.medium, action.verb) {
            (Medium::EmptyDir, _) => Some(true),
            (Medium::Pvc(claim), Verb::Ensure) => {
                let is_there = || matches!(world.get(&claim_id(&claim.claim)), Known::Present(_));
                Some(claim.create.is_none() || is_there())
            }
            (Medium::Pvc(claim), Verb::Remove) => Some(self.is_deleted(&claim_id(&claim.claim), world)),
            _ => None,
        }
    }

    /// Whether later steps wait for the medium: until it is there for the first time, and until it is gone.
    pub(super) fn holds_up(&self, action: &StorageAction, inputs: &Inputs) -> bool {
        is_needed(action) && matches!(self.storage.standing(action, inputs), Standing::Waiting(_))
    }

    /// Carries out one action.
    pub(super) async fn store(&mut self, action: &StorageAction, inputs: &Inputs, world: &mut World) -> Done {
        match (&action.medium, action.verb) {
            (Medium::EmptyDir, _) => Done::Unchanged,
            (Medium::Pvc(claim), Verb::Ensure) => self.ensure_claim(claim, action.may_create, world).await,
            (Medium::Pvc(claim), Verb::Remove) => self.delete_object(&claim_id(&claim.claim), world).await,
            _ => self.storage.work(action, inputs),
        }
    }
}

/// Whether the steps after this one need it to succeed. Not those of a registry that runs on the medium already: they
/// go on, and what is the matter with the storage is told.
pub(super) fn is_needed(action: &StorageAction) -> bool {
    action.may_create || action.verb == Verb::Remove
}

/// Reads an answer as every service's, for the fuzzing of parsers.
pub(crate) fn read_answer(answer: &crate::net::Answer) {
    s3::read_answer(answer);
    gcs::read_answer(answer);
    azure::read_answer(answer);
    ibmcos::read_answer(answer);
    swift::read_answer(answer);
}

/// Reads bytes as every kind of credentials, for the fuzzing of parsers.
pub(crate) fn read_credentials(bytes: &[u8]) {
    s3::read_credentials(bytes);
    gcs::read_credentials(bytes);
    ibmcos::read_credentials(bytes);
}
