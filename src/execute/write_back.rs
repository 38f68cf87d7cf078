//! Writing derived values into Config, where nobody else has set them.
//!
//! An apply replaces what its manager has applied before, so it repeats what the manager still owns. It is never
//! forced: a field that anyone else has set makes the API server refuse it, and is left out then. Nor is it ever based on
//! an object that has changed since: what is repeated may have been removed.

use super::Executor;
use super::live::{DEFAULTS, Live};
use super::outcome::Done;
use super::ownership;
use super::request::{Error, Patch, Refusal, Target};
use super::takeover;
use super::world::{Known, World};
use crate::render::plan::WriteBack;
use serde_json::{Map, Value, json};

/// How often the fields that others have set are left out before the rest is given up.
const ATTEMPTS: usize = 4;

impl Executor {
    /// Whether this write-back was refused already for the object as it is, or takes back what is not there.
    pub(super) fn is_written_back(&self, write_back: &WriteBack, world: &World) -> bool {
        let live = world.get(&write_back.object).present();
        if is_hollow(&write_back.fields) {
            let owned = live.and_then(|live| live.entry(DEFAULTS, ""));
            let owns = |pointer: &String| owned.is_some_and(|entry| entry.fields.pointer(&in_entry(pointer)).is_some());
            return !write_back.withdrawn.iter().any(owns);
        }
        let refused = self.refused_write_back.as_ref();
        live.zip(refused)
            .is_some_and(|(live, (version, fields))| live.version() == *version && *fields == write_back.fields)
    }

    /// Applies the derived values.
    pub(super) async fn write_back(&mut self, write_back: &WriteBack, world: &mut World) -> Done {
        if self.is_written_back(write_back, world) {
            return Done::Unchanged;
        }
        match self.write_back_now(write_back, world).await {
            Ok(done) => done,
            Err(error) => Done::Failed(error),
        }
    }

    async fn write_back_now(&mut self, write_back: &WriteBack, world: &mut World) -> Result<Done, Error> {
        let WriteBack { object: id, fields, withdrawn } = write_back;
        let target = Target { id, subresource: None, manager: DEFAULTS, dry_run: false };
        let is_taken = world.get(id).present().is_some_and(|live| {
            live.has_to_be_taken_over("")
                || live.managers().iter().any(|manager| manager.name == DEFAULTS && !manager.applies)
        });
        if is_taken && fields.pointer("/spec/observedConfig").is_some() {
            let taken = takeover::take_over_field(&self.api, id, "observedConfig").await?;
            taken.and_then(Live::new).map(|live| world.put(live));
        }
        // What is known may be old: the API server refuses whatever is based on another version, and news of the
        // newer one is on its way.
        let known = match world.get(id) {
            Known::Present(live) => Some(live.clone()),
            Known::Absent => None,
            Known::Unknown => self.api.get(id).await?.and_then(Live::new),
        };
        let Some(before) = known else {
            return Ok(Done::Skipped("it was deleted meanwhile".to_owned()));
        };
        // An empty text that somebody wrote asks for the derived value; the test keeps a newer value safe.
        let empty = placeholders(fields, before.body());
        let mut newest = before.clone();
        if !empty.is_empty() {
            let patch: Vec<Value> = empty
                .iter()
                .flat_map(|(path, value)| {
                    [
                        json!({ "op": "test", "path": path, "value": "" }),
                        json!({ "op": "replace", "path": path, "value": value }),
                    ]
                })
                .collect();
            if let Some(live) = Live::new(self.api.patch(&target, Patch::Json, &Value::Array(patch)).await?) {
                newest = live;
            }
        }
        let mut wanted = fields.clone();
        for (path, _) in &empty {
            remove(&mut wanted, path);
        }
        let mut left_out = Vec::new();
        for _ in 0..ATTEMPTS {
            if is_hollow(&wanted) && withdrawn.is_empty() {
                break;
            }
            let mut body = with_own(&newest, &wanted, id);
            for pointer in withdrawn {
                remove(&mut body, pointer);
            }
            match self.api.patch(&target, Patch::Apply, &body).await {
                Ok(answer) => {
                    newest = Live::new(answer).unwrap_or(newest);
                    break;
                }
                Err(Error::Refused(refusal)) if refusal.code == 409 => {
                    let conflicts = conflicting(&refusal);
                    if conflicts.is_empty() {
                        let why = "it has changed meanwhile, and what it lacks now is derived anew";
                        return Ok(Done::Skipped(why.to_owned()));
                    }
                    for path in conflicts {
                        remove(&mut wanted, &path);
                        left_out.push(path.trim_start_matches('/').replace('/', "."));
                    }
                }
                Err(error) => return Err(error),
            }
        }
        let changed = newest.version() != before.version();
        if !left_out.is_empty() {
            self.refused_write_back = Some((newest.version(), fields.clone()));
        }
        let mut paths = super::apply::differences(&wanted, before.body());
        paths.extend(withdrawn.iter().map(|pointer| pointer.trim_start_matches('/').replace('/', ".")));
        world.put(newest);
        Ok(match (changed, left_out.is_empty()) {
            (true, _) => Done::Configured(paths),
            (false, true) => Done::Unchanged,
            (false, false) => Done::Skipped(format!("others have set {}, which stays", left_out.join(", "))),
        })
    }
}

/// The derived values, and what the manager owns besides.
fn with_own(live: &Live, wanted: &Value, id: &crate::render::ObjectId) -> Value {
    let own = live.entry(DEFAULTS, "").and_then(|entry| ownership::extract(&entry.fields, live.body()));
    let mut body = own.unwrap_or_else(|| Value::Object(Map::new()));
    ownership::overlay(&mut body, wanted);
    ownership::overlay(
        &mut body,
        &json!({
            "apiVersion": id.api_version,
            "kind": id.kind,
            // What the manager owns is repeated as it was then, and may have been removed since.
            "metadata": { "name": id.name, "resourceVersion": live.metadata("resourceVersion") },
        }),
    );
    body
}

/// A JSON pointer into an object, as one into FieldsV1.
fn in_entry(pointer: &str) -> String {
    pointer.replace('/', "/f:")
}

/// JSON pointers of derived texts where the object has an empty one, and the derived texts.
fn placeholders(wanted: &Value, live: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    fn walk(path: &str, wanted: &Value, live: &Value, found: &mut Vec<(String, Value)>) {
        match (wanted, live) {
            (Value::Object(wanted), Value::Object(live)) => {
                for (name, wanted) in wanted {
                    if let Some(live) = live.get(name) {
                        walk(&format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")), wanted, live, found);
                    }
                }
            }
            (Value::String(text), Value::String(live)) if live.is_empty() && !text.is_empty() => {
                found.push((path.to_owned(), wanted.clone()));
            }
            _ => {}
        }
    }
    walk("", wanted, live, &mut found);
    found
}

/// Removes what a JSON pointer points to, and what is empty without it.
fn remove(value: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    if let Some(map) = value.pointer_mut(parent).and_then(Value::as_object_mut) {
        map.remove(name);
        if map.is_empty() && !parent.is_empty() {
            remove(value, parent);
        }
    }
}

/// Whether nothing is left to write.
fn is_hollow(wanted: &Value) -> bool {
    wanted.as_object().is_none_or(Map::is_empty)
}

/// The fields that others have set otherwise, as JSON pointers. The server names them as `.spec.storage.s3.bucket`.
fn conflicting(refusal: &Refusal) -> Vec<String> {
    let fields = refusal.causes.iter().filter(|(_, reason, _)| reason == "FieldManagerConflict");
    fields.map(|(field, _, _)| field.split('[').next().unwrap_or_default().replace('.', "/")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_texts_are_placeholders_and_others_are_not() {
        let wanted = json!({ "spec": { "httpSecret": "x", "storage": { "s3": { "bucket": "b", "region": "r" } } } });
        let live = json!({ "spec": { "httpSecret": "", "storage": { "s3": { "bucket": "mine" } } } });
        assert_eq!(placeholders(&wanted, &live), [("/spec/httpSecret".to_owned(), json!("x"))]);
    }

    #[test]
    fn what_others_have_set_is_left_out_with_its_empty_parents() {
        let mut wanted = json!({ "spec": { "httpSecret": "x", "storage": { "s3": { "bucket": "b" } } } });
        remove(&mut wanted, "/spec/storage/s3/bucket");
        assert_eq!(wanted, json!({ "spec": { "httpSecret": "x" } }));
        remove(&mut wanted, "/spec/httpSecret");
        assert!(is_hollow(&wanted));
    }
}
