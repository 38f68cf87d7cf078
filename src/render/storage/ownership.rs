//! Whose storage it is, and whether it has held data: what decides over creating and removing.

use super::medium_id;
use crate::api::storage::{Storage, StorageManagementState};
use crate::inputs::{MediumId, MediumObservation, Observed, Presence};
use crate::render::context::Context;
use StorageManagementState::{Managed, Unmanaged};

/// Whose storage it is, as far as that has been decided: by the user; by the kind of the medium; or when it was first
/// looked at. What is decided of one medium says nothing about another.
pub fn state(context: &Context<'_>, effective: &Storage) -> Option<StorageManagementState> {
    given(context, effective)
        .or_else(|| recorded(context, effective))
        .or(effective.management_state)
        .or_else(|| seen(context, effective))
}

/// What stands in spec, unless the operator wrote it there for the medium before this one.
fn given(context: &Context<'_>, effective: &Storage) -> Option<StorageManagementState> {
    let given = context.spec.storage.as_ref()?.management_state?;
    (!is_inherited(context, effective)).then_some(given)
}

/// Whether the state in spec is the operator's word about another medium. It never says a word about the pods' own
/// disks, which are no medium.
pub fn is_inherited(context: &Context<'_>, effective: &Storage) -> bool {
    let before = context.status.and_then(|status| medium_id(&status.storage));
    let is_other = before.is_some() && before != medium_id(effective);
    context.inputs.observed.storage.derived_management_state && (is_other || effective.empty_dir.is_some())
}

/// What the status says of this very medium. Configs of old releases have only the flag.
fn recorded(context: &Context<'_>, effective: &Storage) -> Option<StorageManagementState> {
    let status = context.status.filter(|_| has_held_data(context, effective))?;
    status.storage.management_state.or(status.storage_managed.then_some(Managed))
}

/// What the first look has shown: what is there without our mark is the user's, and what is missing will be ours.
fn seen(context: &Context<'_>, effective: &Storage) -> Option<StorageManagementState> {
    match observation(context, effective)?.presence {
        Presence::Found { ours: false } => Some(Unmanaged),
        Presence::Found { ours: true } | Presence::Missing => Some(Managed),
        Presence::Removed | Presence::Unknown => None,
    }
}

/// What was learnt of the medium that the configuration names.
pub fn observation<'a>(context: &Context<'a>, effective: &Storage) -> Option<&'a MediumObservation> {
    context.inputs.observed.storage.of(&medium_id(effective)?)
}

/// Whether the status says that this very medium has been in use.
pub fn has_held_data(context: &Context<'_>, effective: &Storage) -> bool {
    let id = medium_id(effective);
    id.is_some() && id == context.status.and_then(|status| medium_id(&status.storage))
}

/// Whether the medium is there, so that the status may name it.
pub fn is_there(context: &Context<'_>, effective: &Storage) -> bool {
    let Some(id) = medium_id(effective) else { return true };
    match id.backend {
        "pvc" => context.inputs.observed.claims.get(&id.name) != Some(&Observed::Absent),
        _ => has_held_data(context, effective) || is_found(context, &id),
    }
}

fn is_found(context: &Context<'_>, id: &MediumId) -> bool {
    context.inputs.observed.storage.of(id).is_some_and(|observed| observed.presence.is_found())
}
