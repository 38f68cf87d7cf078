//! Values that the operator derives and writes into Config, where nobody else has set them.

use super::bootstrap::config_id;
use super::context::Context;
use super::names::FINALIZER;
use super::observed_config;
use super::plan::WriteBack;
use super::storage::{self, ownership};
use crate::api::storage::{IbmCosStorage, Storage};
use serde_json::{Map, Value, json};

/// What Config lacks: the finalizer, the HTTP secret, the storage's derived identity, the observed TLS profile. With the
/// pods' own disks, whose the storage before them was is taken back: the one after them may be somebody else's. So is
/// what was derived of a backend that nobody asks for any more.
///
/// None if Config has it all, so that applying the write-back and rendering again plans nothing.
pub fn build(context: &Context<'_>, has_finalizer: bool, effective: &Storage) -> Option<WriteBack> {
    let mut fields = Map::new();
    if !has_finalizer {
        fields.insert("metadata".to_owned(), json!({ "finalizers": [FINALIZER] }));
    }
    let mut spec = Map::new();
    let has_secret = context.spec.http_secret.as_ref().is_some_and(|secret| !secret.is_empty());
    if let (false, Some(minted)) = (has_secret, &context.inputs.minted.http_secret) {
        spec.insert("httpSecret".to_owned(), Value::String(minted.expose().to_owned()));
    }
    let observed = observed_config::desired(context.inputs);
    let observed = observed.filter(|observed| context.spec.observed_config.as_ref() != Some(observed));
    spec.extend(observed.map(|observed| ("observedConfig".to_owned(), observed)));
    let mut given = context.spec.storage.clone().unwrap_or_default();
    if ownership::is_inherited(context, effective) {
        given.management_state = None;
    }
    if let (Some(given), Some(wanted)) = (&mut given.ibmcos, &effective.ibmcos) {
        replaced(context, given, wanted);
    }
    let given = serde_json::to_value(given).unwrap_or_default();
    let wanted = serde_json::to_value(effective).unwrap_or_default();
    if let Some(derived) = missing(&given, &wanted) {
        spec.insert("storage".to_owned(), derived);
    }
    if !spec.is_empty() {
        fields.insert("spec".to_owned(), Value::Object(spec));
    }
    let withdrawn = withdrawn(context, effective.empty_dir.is_some());
    let is_needed = !fields.is_empty() || !withdrawn.is_empty();
    is_needed.then(|| WriteBack { object: config_id(), fields: Value::Object(fields), withdrawn })
}

const MANAGEMENT_STATE: &str = "/spec/storage/managementState";

/// Whether spec says whose the storage is, and the operator has written it there.
fn has_derived_state(context: &Context<'_>) -> bool {
    let state = context.spec.storage.as_ref().and_then(|storage| storage.management_state);
    state.is_some() && context.inputs.observed.storage.derived_management_state
}

/// Takes back whose the storage was, once there is none any more: the next one may be somebody else's. And what is left
/// over of backends.
pub fn without_storage(context: &Context<'_>) -> Option<WriteBack> {
    let has_none = context.status.is_some_and(|status| status.storage == Storage::default());
    let withdrawn = withdrawn(context, has_none);
    let fields = Value::Object(Map::new());
    (!withdrawn.is_empty()).then(|| WriteBack { object: config_id(), fields, withdrawn })
}

/// What the operator derived and takes back, as JSON pointers: what is left over of backends, and whose the storage was
/// if there is no medium.
fn withdrawn(context: &Context<'_>, has_no_medium: bool) -> Vec<String> {
    let left_over = storage::left_over(context).into_iter().map(|field| format!("/spec/storage/{field}"));
    let state = (has_no_medium && has_derived_state(context)).then(|| MANAGEMENT_STATE.to_owned());
    left_over.chain(state).collect()
}

/// What the operator wrote of IBM Cloud's resources and does not hold any more is written anew.
fn replaced(context: &Context<'_>, given: &mut IbmCosStorage, wanted: &IbmCosStorage) {
    let observed = &context.inputs.observed.storage;
    if observed.derived_service_instance && given.service_instance_crn != wanted.service_instance_crn {
        given.service_instance_crn = None;
    }
    if observed.derived_resource_key && given.resource_key_crn != wanted.resource_key_crn {
        given.resource_key_crn = None;
    }
}

/// The parts of `wanted` for which `given` has nothing, or an empty text.
fn missing(given: &Value, wanted: &Value) -> Option<Value> {
    match (given, wanted) {
        (Value::Object(given), Value::Object(wanted)) => {
            let parts = wanted.iter().filter_map(|(name, wanted)| {
                let part = missing(given.get(name).unwrap_or(&Value::Null), wanted)?;
                Some((name.clone(), part))
            });
            let parts: Map<String, Value> = parts.collect();
            (!parts.is_empty()).then_some(Value::Object(parts))
        }
        (Value::Null, wanted) if !wanted.is_null() => Some(wanted.clone()),
        (Value::String(given), Value::String(wanted)) if given.is_empty() && !wanted.is_empty() => {
            Some(Value::String(wanted.clone()))
        }
        _ => None,
    }
}
