//! Storage actions.

use super::Executor;
use super::live::{Live, MANAGER};
use super::outcome::Done;
use super::request::Error;
use super::world::{Known, World};
use crate::api::storage::StorageManagementState;
use crate::render::bootstrap::claim_id;
use crate::render::storage::action::{Claim, Medium, StorageAction, Verb};

impl Executor {
    /// Whether the medium needs nothing.
    pub(super) fn is_stored(&self, action: &StorageAction, world: &World) -> bool {
        match (&action.medium, action.verb) {
            (Medium::EmptyDir, _) => true,
            (Medium::Pvc(claim), Verb::Ensure) => {
                claim.create.is_none() || matches!(world.get(&claim_id(&claim.claim)), Known::Present(_))
            }
            (Medium::Pvc(claim), Verb::Remove) => self.is_deleted(&claim_id(&claim.claim), world),
            (_, Verb::Ensure) => action.management_state == Some(StorageManagementState::Unmanaged),
            (_, Verb::Remove) => false,
        }
    }

    /// Carries out one action.
    pub(super) async fn store(&mut self, action: &StorageAction, world: &mut World) -> Done {
        match (&action.medium, action.verb) {
            (Medium::EmptyDir, _) => Done::Unchanged,
            (Medium::Pvc(claim), Verb::Ensure) => self.ensure_claim(claim, action.may_create, world).await,
            (Medium::Pvc(claim), Verb::Remove) => self.delete_object(&claim_id(&claim.claim), world).await,
            (_, Verb::Ensure) if action.management_state == Some(StorageManagementState::Unmanaged) => {
                Done::Skipped("it is the user's and is taken as it is".to_owned())
            }
            (_, verb) => Done::Impossible(format!(
                "this version of the operator cannot {} storage of this kind; create it by hand and set \
                 spec.storage.managementState of Config/cluster to Unmanaged",
                if verb == Verb::Ensure { "create" } else { "remove" }
            )),
        }
    }

    async fn ensure_claim(&mut self, claim: &Claim, may_create: bool, world: &mut World) -> Done {
        let id = claim_id(&claim.claim);
        let Some(manifest) = &claim.create else { return Done::Unchanged };
        if world.get(&id) == Known::Unknown {
            match self.api.get(&id).await {
                Ok(Some(object)) => drop(Live::new(object).map(|live| world.put(live))),
                Ok(None) => {}
                Err(error) => return Done::Failed(error),
            }
        }
        if world.get(&id).present().is_some() {
            return Done::Unchanged;
        }
        if !may_create {
            return Done::Impossible(format!(
                "claim {} has been in use and does not exist any more; restore it, or set spec.storage of \
                 Config/cluster to other storage: an empty one in its place would hide the loss",
                claim.claim
            ));
        }
        match self.api.create(&id, manifest.body(), MANAGER).await {
            Ok(object) => {
                Live::new(object).map(|live| world.put(live));
                Done::Created
            }
            // Somebody was faster; whose it is shows in the next pass.
            Err(Error::Refused(refusal)) if refusal.code == 409 => Done::Unchanged,
            Err(error) => Done::Failed(error),
        }
    }
}
