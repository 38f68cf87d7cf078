//! What carrying out a plan would change, by asking the API server with dryRun=All. Nothing is changed.

use super::apply::Wanted;
use super::delete::is_owned;
use super::diff::{self, Change};
use super::immutable::{self, Remedy};
use super::live::{Live, MANAGER, REFERENCE, whole};
use super::report;
use super::request::{Error, Patch, Refusal, Target};
use super::world::{Known, World};
use super::{Executor, concern, subject};
use crate::api::storage::StorageManagementState;
use crate::problem::Concern;
use crate::render::ObjectId;
use crate::render::plan::{Deletion, Plan, Step, WriteBack};
use crate::render::storage::action::{Medium, StorageAction, Verb};
use serde::Serialize;
use serde_json::Value;

/// What would become of one object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preview {
    /// The object or the medium, as `Kind/namespace/name`.
    pub object: String,
    /// What would be done.
    pub action: Action,
    /// The fields that would change, without any secret.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Change>,
    /// Why, or what stands in the way; for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The part of the work that it belongs to.
    #[serde(skip)]
    pub concern: Concern,
}

/// What would be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It does not exist.
    Created,
    /// Some of its fields change.
    Changed,
    /// A field that cannot change does: it is deleted and created.
    Recreated,
    /// It goes.
    Deleted,
    /// It is as it should be.
    Unchanged,
    /// It should be otherwise and is left alone.
    Skipped,
    /// The API server refuses, or cannot be asked.
    Failed,
}

/// Where several writers share a list.
const FINALIZERS: &str = "metadata.finalizers";

/// Action, fields and note.
type Answer = (Action, Vec<Change>, String);

fn plain(action: Action, note: impl Into<String>) -> Answer {
    (action, Vec::new(), note.into())
}

fn failed(error: &Error) -> Answer {
    plain(Action::Failed, error.to_string())
}

impl Executor {
    /// What would be done, step by step, and then in the statuses. `seen` is what the plan was made from: where it
    /// differs from what is live, values that are written back are compared with it. `now` is in RFC 3339.
    pub async fn preview(&self, plan: &Plan, live: &World, seen: &World, now: &str) -> Vec<Preview> {
        let mut previews = Vec::with_capacity(plan.steps.len());
        for step in &plan.steps {
            let (action, fields, note) = match step {
                Step::Create(manifest) if live.get(manifest.id()).present().is_some() => plain(Action::Unchanged, ""),
                Step::Create(manifest) | Step::Apply(manifest) => {
                    self.preview_apply(&Wanted::object(manifest), live).await
                }
                Step::WriteBack(write_back) => self.preview_write_back(write_back, seen).await,
                Step::Storage(action) => self.preview_storage(action, live),
                Step::Delete(deletion) => self.preview_delete(deletion, live).await,
                Step::ReleaseFinalizer(_) => plain(Action::Changed, "the operator's finalizer goes"),
            };
            previews.push(Preview { object: subject(step), action, fields, note, concern: concern::of(step) });
        }
        previews.extend(self.preview_reports(plan, seen, now));
        previews
    }

    async fn preview_apply(&self, wanted: &Wanted<'_>, live: &World) -> Answer {
        if self.is_applied(wanted, live) {
            return plain(Action::Unchanged, "");
        }
        let before = match self.api().get(wanted.id).await {
            Ok(object) => object.and_then(Live::with_all_managers),
            Err(error) => return failed(&error),
        };
        if before.as_ref().is_some_and(|before| !before.metadata("deletionTimestamp").is_empty()) {
            return plain(Action::Skipped, "it is being deleted, and is created again when it is gone");
        }
        let target = Target { id: wanted.id, subresource: None, manager: MANAGER, dry_run: true };
        let answer = self.api().patch(&target, Patch::ForcedApply, wanted.body).await;
        match (answer, before) {
            (Ok(_), None) => plain(Action::Created, ""),
            (Ok(answer), Some(before)) => {
                let mut fields = diff::between(&before, &answer);
                if before.has_to_be_taken_over("") {
                    fields.extend(diff::left_behind(&before, &REFERENCE, wanted.body));
                    let whole = whole(&wanted.id.kind).into_iter();
                    fields.extend(whole.flat_map(|part| diff::additions(&before, part, wanted.body)));
                    fields.sort_by(|one, other| one.path.cmp(&other.path));
                }
                let action = if fields.is_empty() { Action::Unchanged } else { Action::Changed };
                (action, fields, String::new())
            }
            (Err(Error::Refused(refusal)), None) if lacks_namespace(&refusal) => {
                let namespace = &wanted.id.namespace;
                plain(Action::Created, format!("unchecked: namespace {namespace} does not exist; create it first"))
            }
            (Err(Error::Refused(refusal)), None) if lacks_role(wanted, &refusal) => {
                plain(Action::Created, "unchecked: the role that it binds is only created with it")
            }
            (Err(Error::Refused(refusal)), Some(before))
                if immutable::remedy(wanted.id, &refusal) == Some(Remedy::Recreate) =>
            {
                let fields = diff::wanted(&before, wanted.body);
                (Action::Recreated, fields, "a field of it cannot be changed otherwise".to_owned())
            }
            (Err(error), _) => failed(&error),
        }
    }

    async fn preview_write_back(&self, write_back: &WriteBack, seen: &World) -> Answer {
        let WriteBack { object: id, fields, withdrawn } = write_back;
        let Some(seen) = seen.get(id).present() else {
            return plain(Action::Skipped, "it does not exist");
        };
        if !withdrawn.is_empty() {
            return plain(Action::Changed, "what the operator has derived of the storage before is taken back");
        }
        // Only the live object says who owns what.
        let live = match self.api().get(id).await {
            Ok(live) => live.and_then(Live::with_all_managers),
            Err(error) => return failed(&error),
        };
        let owned_by = |path: &str| -> Vec<String> {
            let changes = live.as_ref().map(|live| diff::wanted(live, fields)).unwrap_or_default();
            changes.into_iter().find(|change| change.path == path).map(|change| change.owners).unwrap_or_default()
        };
        let is_set = |value: &Option<Value>| value.as_ref().is_some_and(|value| !value.is_null() && value != "");
        let (taken, fields): (Vec<Change>, Vec<Change>) = diff::wanted(seen, &with_finalizers_of(seen, fields))
            .into_iter()
            .map(|change| Change { owners: owned_by(&change.path), ..change })
            .partition(|change| change.path != FINALIZERS && is_set(&change.old) && !change.owners.is_empty());
        let stays: Vec<String> =
            taken.iter().map(|change| format!("{} of {}", change.path, change.owners.join(", "))).collect();
        let note = if stays.is_empty() { String::new() } else { format!("{} stays", stays.join(", ")) };
        match (fields.is_empty(), note.is_empty()) {
            (false, _) => (Action::Changed, fields, note),
            (true, false) => plain(Action::Skipped, note),
            (true, true) => plain(Action::Unchanged, ""),
        }
    }

    fn preview_storage(&self, action: &StorageAction, live: &World) -> Answer {
        let StorageAction { verb, id: _, management_state, may_create, medium } = action;
        let is_done = self.is_kept(action, live).unwrap_or(false);
        let is_users = *management_state == Some(StorageManagementState::Unmanaged);
        match (medium, verb) {
            _ if is_done => plain(Action::Unchanged, ""),
            (_, Verb::Ensure) if is_users => plain(Action::Unchanged, "it is used as it is, and never created"),
            (_, Verb::Remove) => plain(Action::Deleted, "it is emptied and deleted"),
            (_, Verb::Ensure) if *may_create => plain(Action::Created, "unless it exists already"),
            (Medium::Pvc(_), Verb::Ensure) => plain(Action::Failed, "it has been in use and does not exist any more"),
            (_, Verb::Ensure) => plain(Action::Unchanged, "it is used as it is, and never created"),
        }
    }

    async fn preview_delete(&self, deletion: &Deletion, live: &World) -> Answer {
        let found = match live.get(&deletion.object) {
            Known::Present(live) => Some(live.clone()),
            Known::Absent => None,
            Known::Unknown => match self.api().get(&deletion.object).await {
                Ok(object) => object.and_then(Live::new),
                Err(error) => return failed(&error),
            },
        };
        match found {
            None => plain(Action::Unchanged, ""),
            Some(live) if !live.metadata("deletionTimestamp").is_empty() => {
                plain(Action::Skipped, "it is being deleted")
            }
            Some(live) if !is_owned(&live) => {
                plain(Action::Skipped, "it is not the operator's; delete it by hand if it is not needed")
            }
            Some(_) => plain(Action::Deleted, deletion.because),
        }
    }

    fn preview_reports(&self, plan: &Plan, seen: &World, now: &str) -> Vec<Preview> {
        let reports = report::reports(&plan.status, seen, now);
        let reports = reports.iter().filter(|report| seen.is_served(&report.id.kind));
        let preview = |report: &report::Report| {
            let live = seen.get(&report.id).present();
            let fields = live.map(|live| of_status(live, &report.body)).unwrap_or_default();
            let action = match live {
                None => Action::Created,
                Some(_) if fields.is_empty() => Action::Unchanged,
                Some(_) => Action::Changed,
            };
            Preview { object: status_of(&report.id), action, fields, note: String::new(), concern: report.concern }
        };
        reports.map(preview).collect()
    }
}

/// Finalizers are a set: others' stay.
fn with_finalizers_of(seen: &Live, fields: &Value) -> Value {
    let list = |object: &Value| object.pointer("/metadata/finalizers").and_then(Value::as_array).cloned();
    let mut fields = fields.clone();
    if let (Some(mut all), Some(wanted)) = (list(seen.body()), list(&fields)) {
        let new: Vec<Value> = wanted.into_iter().filter(|finalizer| !all.contains(finalizer)).collect();
        all.extend(new);
        fields["metadata"]["finalizers"] = all.into();
    }
    fields
}

fn status_of(id: &ObjectId) -> String {
    format!("status of {id}")
}

fn lacks_namespace(refusal: &Refusal) -> bool {
    refusal.is_absence() && refusal.message.starts_with("namespaces ")
}

/// Who is not an administrator may bind a role if he has the rights in it, which the API server looks up there
/// (Kubernetes, "Restrictions on role binding creation or update").
fn lacks_role(wanted: &Wanted<'_>, refusal: &Refusal) -> bool {
    let role = wanted.body.pointer("/roleRef/name").and_then(Value::as_str);
    role.is_some_and(|role| refusal.is_absence() && refusal.message.contains(role))
}

/// Conditions as one line each, and the other fields.
fn of_status(live: &Live, body: &Value) -> Vec<Change> {
    let list = |object: &Value| object.pointer("/status/conditions").and_then(Value::as_array).cloned();
    let (old, new) = (list(live.body()).unwrap_or_default(), list(body).unwrap_or_default());
    let mut changes = Vec::new();
    for condition in &new {
        let type_ = condition.get("type").and_then(Value::as_str).unwrap_or_default();
        let before = old.iter().find(|before| before.get("type") == condition.get("type")).map(line);
        let now = line(condition);
        if before.as_ref() != Some(&now) {
            let path = format!("status.conditions[{type_}]");
            changes.push(Change { path, old: before.map(Value::from), new: Some(now.into()), owners: Vec::new() });
        }
    }
    let mut rest = body.clone();
    if let Some(status) = rest.get_mut("status").and_then(Value::as_object_mut) {
        status.remove("conditions");
        if status.is_empty() {
            return changes;
        }
    }
    changes.extend(diff::wanted(live, &rest));
    changes
}

/// Status, reason and message of a condition.
fn line(condition: &Value) -> String {
    let text = |field: &str| condition.get(field).and_then(Value::as_str).unwrap_or_default();
    format!("{} {} {}", text("status"), text("reason"), text("message")).trim_end().to_owned()
}
