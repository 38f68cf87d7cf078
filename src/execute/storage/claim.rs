//! Claims in the registry's namespace.

use super::Executor;
use crate::execute::live::{Live, MANAGER};
use crate::execute::outcome::Done;
use crate::execute::request::Error;
use crate::execute::world::{Known, World};
use crate::render::bootstrap::claim_id;
use crate::render::storage::action::Claim;

impl Executor {
    /// Creates the operator's claim if it may and has to.
    pub(super) async fn ensure_claim(&mut self, claim: &Claim, may_create: bool, world: &mut World) -> Done {
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
