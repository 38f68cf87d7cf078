//! Letting go of Config: taking the operator's finalizer away, and no one else's.

use super::Executor;
use super::live::{Live, MANAGER};
use super::outcome::Done;
use super::request::{Error, Patch, Target};
use super::world::World;
use crate::render::ObjectId;
use crate::render::names::FINALIZER;
use serde_json::{Value, json};

impl Executor {
    /// Takes the finalizer from the object, after which the API server deletes it.
    pub(super) async fn release(&mut self, id: &ObjectId, world: &mut World) -> Done {
        match self.release_now(id, world).await {
            Ok(done) => done,
            Err(error) => Done::Failed(error),
        }
    }

    async fn release_now(&mut self, id: &ObjectId, world: &mut World) -> Result<Done, Error> {
        let Some(object) = self.api.get(id).await? else {
            world.forget(id);
            return Ok(Done::Unchanged);
        };
        let finalizers = object.pointer("/metadata/finalizers").and_then(Value::as_array).cloned().unwrap_or_default();
        let Some(index) = finalizers.iter().position(|name| name == FINALIZER) else {
            return Ok(Done::Unchanged);
        };
        let path = format!("/metadata/finalizers/{index}");
        let patch = json!([
            { "op": "test", "path": path, "value": FINALIZER },
            { "op": "remove", "path": path },
        ]);
        let target = Target { id, subresource: None, manager: MANAGER, dry_run: false };
        match self.api.patch(&target, Patch::Json, &patch).await {
            Ok(answer) => {
                let left = finalizers.len() > 1;
                match Live::new(answer).filter(|_| left) {
                    Some(live) => drop(world.put(live)),
                    None => drop(world.forget(id)),
                }
                Ok(Done::Configured(vec!["metadata.finalizers".to_owned()]))
            }
            Err(Error::Refused(refusal)) if refusal.is_absence() => {
                world.forget(id);
                Ok(Done::Unchanged)
            }
            Err(error) => Err(error),
        }
    }
}
