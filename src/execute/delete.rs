//! Deleting what is not wanted any more: only what is there, and only what carries the operator's mark.

use super::Executor;
use super::live::{Live, REFERENCE, is_ours};
use super::outcome::Done;
use super::world::{Known, World};
use crate::render::ObjectId;
use crate::render::names::OWNED_ANNOTATION;
use crate::render::plan::Deletion;
use serde_json::{Value, json};

/// The annotation that the reference puts on what it writes.
const CHECKSUM: &str = "imageregistry.operator.openshift.io/checksum";

impl Executor {
    /// Whether there is nothing to delete.
    pub(super) fn is_deleted(&self, id: &ObjectId, world: &World) -> bool {
        match world.get(id) {
            Known::Absent => true,
            Known::Present(live) => {
                !live.metadata("deletionTimestamp").is_empty() || self.spared.get(id) == Some(&live.version())
            }
            Known::Unknown => false,
        }
    }

    /// Deletes the object if it is there and is the operator's.
    pub(super) async fn delete(&mut self, deletion: &Deletion, world: &mut World) -> Done {
        self.delete_object(&deletion.object, world).await
    }

    pub(super) async fn delete_object(&mut self, id: &ObjectId, world: &mut World) -> Done {
        if world.get(id) == Known::Unknown {
            match self.api.get(id).await {
                Ok(Some(object)) => drop(Live::new(object).map(|live| world.put(live))),
                Ok(None) => {
                    world.absent(id);
                    return Done::Unchanged;
                }
                Err(error) => return Done::Failed(error),
            }
        }
        let Known::Present(live) = world.get(id) else { return Done::Unchanged };
        if !live.metadata("deletionTimestamp").is_empty() {
            return Done::Unchanged;
        }
        if !is_owned(live) {
            self.spared.insert(id.clone(), live.version());
            return Done::Skipped("it is not the operator's; delete it by hand if it is not needed".to_owned());
        }
        let options = json!({
            "preconditions": { "uid": live.metadata("uid") },
            "propagationPolicy": "Foreground",
            "gracePeriodSeconds": 0,
        });
        match self.api.delete(id, &options).await {
            // What waits for its dependents stays until the watch says otherwise.
            Ok(_) => {
                match self.api.get(id).await {
                    Ok(Some(object)) => drop(Live::new(object).map(|live| world.put(live))),
                    Ok(None) => drop(world.forget(id)),
                    Err(error) => return Done::Failed(error),
                }
                Done::Deleted
            }
            Err(error) => Done::Failed(error),
        }
    }
}

/// Whether the object is the operator's, or the reference's before it.
pub(super) fn is_owned(live: &Live) -> bool {
    let managed =
        live.managers().iter().any(|manager| is_ours(&manager.name) || REFERENCE.contains(&manager.name.as_str()));
    let annotations = live.body().pointer("/metadata/annotations").and_then(Value::as_object);
    let marked = |mark: &str| annotations.is_some_and(|annotations| annotations.contains_key(mark));
    managed || marked(CHECKSUM) || marked(OWNED_ANNOTATION)
}
