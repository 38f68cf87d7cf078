//! Applying what was rendered: skip what is as it should be, repair what drifted, create what is missing.

use super::Executor;
use super::crowded;
use super::immutable::{self, Remedy};
use super::live::{Live, MANAGER};
use super::outcome::Done;
use super::ownership;
use super::request::{Error, Patch, Refusal, Target};
use super::takeover;
use super::world::{Known, World};
use crate::render::{Manifest, ObjectId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What was applied last, and how the operator's entry in managedFields came out of it.
///
/// Whoever changes a field of ours changes that entry, so an equal entry means that all of our fields stand as they
/// were applied, whatever the API server made of them on the way (defaults, normal forms of quantities).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Applied {
    rendered: [u8; 32],
    entry: [u8; 32],
}

/// What is applied, and where.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) id: &'a ObjectId,
    /// Empty for the object itself.
    pub(super) subresource: &'static str,
    pub(super) body: &'a Value,
}

impl<'a> Wanted<'a> {
    pub(super) fn object(manifest: &'a Manifest) -> Self {
        Wanted { id: manifest.id(), subresource: "", body: manifest.body() }
    }

    fn key(&self) -> (ObjectId, &'static str) {
        (self.id.clone(), self.subresource)
    }

    fn target(&self) -> Target<'_> {
        let subresource = Some(self.subresource).filter(|subresource| !subresource.is_empty());
        Target { id: self.id, subresource, manager: MANAGER, dry_run: false }
    }

    fn applied(&self, live: &Live) -> Option<Applied> {
        let entry = live.entry(MANAGER, self.subresource)?;
        let entry = digest(&format!("{} {} {}", live.metadata("uid"), entry.time, entry.fields));
        Some(Applied { rendered: digest(&self.body.to_string()), entry })
    }

    /// Whether nothing but the object's identity is wanted, which nobody can own.
    fn is_identity_only(&self) -> bool {
        let Some(body) = self.body.as_object() else { return true };
        body.iter().all(|(name, value)| match name.as_str() {
            "apiVersion" | "kind" => true,
            "metadata" => {
                let fields = value.as_object().into_iter().flatten();
                fields.into_iter().all(|(name, _)| matches!(name.as_str(), "name" | "namespace"))
            }
            _ => false,
        })
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

impl Executor {
    /// Whether the object is as wanted, so that there is nothing to ask for.
    pub(super) fn is_applied(&self, wanted: &Wanted<'_>, world: &World) -> bool {
        let Known::Present(live) = world.get(wanted.id) else { return false };
        // What is being deleted has to be created again; reporting in it goes on.
        let goes = wanted.subresource.is_empty() && !live.metadata("deletionTimestamp").is_empty();
        if goes || live.has_to_be_taken_over(wanted.subresource) {
            return false;
        }
        if wanted.is_identity_only() {
            return true;
        }
        let Some(entry) = live.entry(MANAGER, wanted.subresource) else { return false };
        let now = wanted.applied(live);
        now.is_some() && self.applied.get(&wanted.key()).copied() == now
            || ownership::is_as_rendered(&entry.fields, wanted.body, live.body())
    }

    /// Applies what is wanted, with force: every field of it is the operator's.
    pub(super) async fn apply(&mut self, wanted: &Wanted<'_>, world: &mut World) -> Done {
        if self.is_applied(wanted, world) {
            return Done::Unchanged;
        }
        let before = world.get(wanted.id).present().cloned();
        if let Some(live) = &before
            && !live.metadata("deletionTimestamp").is_empty()
            && wanted.subresource.is_empty()
        {
            // It is created again when it is gone, which its watch will tell.
            return Done::Unchanged;
        }
        match self.apply_now(wanted, before.as_ref(), world).await {
            Ok(done) => done,
            Err(error) => Done::Failed(error),
        }
    }

    async fn apply_now(
        &mut self,
        wanted: &Wanted<'_>,
        before: Option<&Live>,
        world: &mut World,
    ) -> Result<Done, Error> {
        if before.is_some_and(|live| live.has_to_be_taken_over(wanted.subresource)) {
            takeover::take_over(&self.api, wanted.id, wanted.subresource).await?;
        }
        let mut answer = match self.api.patch(&wanted.target(), Patch::ForcedApply, wanted.body).await {
            // Without having seen it, nobody knows whose it is.
            Err(Error::Refused(refusal))
                if immutable::remedy(wanted.id, &refusal) == Some(Remedy::Recreate) && before.is_some() =>
            {
                self.recreate(wanted, before).await?
            }
            Err(Error::Refused(refusal)) => self.make_room(wanted, before, refusal).await?,
            other => other?,
        };
        // An object that nobody had looked at may turn out to be the reference's.
        let seen = Live::new(answer.clone());
        if seen.as_ref().is_some_and(|live| live.has_to_be_taken_over(wanted.subresource))
            && takeover::take_over(&self.api, wanted.id, wanted.subresource).await?.is_some()
        {
            answer = self.api.patch(&wanted.target(), Patch::ForcedApply, wanted.body).await?;
        }
        let Some(after) = Live::new(answer) else { return Ok(Done::Configured(Vec::new())) };
        if let Some(applied) = wanted.applied(&after) {
            self.applied.insert(wanted.key(), applied);
        }
        let done = match before {
            None if is_new(&after) => Done::Created,
            None => Done::Configured(Vec::new()),
            Some(before) if before.version() == after.version() => Done::Unchanged,
            Some(before) => Done::Configured(differences(wanted.body, before.body())),
        };
        world.put(after);
        Ok(done)
    }

    /// Applies again where the API server refuses the operator's fields beside those of others.
    async fn make_room(&self, wanted: &Wanted<'_>, before: Option<&Live>, why: Box<Refusal>) -> Result<Value, Error> {
        let patch = before.and_then(|live| crowded::patch(&why, wanted.body, live.body()));
        let (Some(patch), true) = (patch, wanted.subresource.is_empty()) else { return Err(Error::Refused(why)) };
        self.api.patch(&wanted.target(), Patch::Json, &patch).await?;
        takeover::take_over(&self.api, wanted.id, wanted.subresource).await?;
        self.api.patch(&wanted.target(), Patch::ForcedApply, wanted.body).await
    }

    /// Deletes and creates; the deletion names the object that was seen, not another of the same name.
    async fn recreate(&mut self, wanted: &Wanted<'_>, before: Option<&Live>) -> Result<Value, Error> {
        let uid = before.map(|live| live.metadata("uid")).unwrap_or_default();
        let options = json!({
            "preconditions": { "uid": uid },
            "propagationPolicy": "Background",
            "gracePeriodSeconds": 0,
        });
        self.api.delete(wanted.id, &options).await?;
        self.api.patch(&wanted.target(), Patch::ForcedApply, wanted.body).await
    }
}

/// Whether the object was created by this very request: nobody but the operator has a hand in it.
fn is_new(live: &Live) -> bool {
    let created = live.metadata("creationTimestamp");
    live.managers().iter().all(|manager| manager.time.is_empty() || manager.time == created)
}

/// The paths of the wanted fields that the live object has otherwise or lacks. Values stay out: they may be secret.
pub(super) fn differences(wanted: &Value, live: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk("", wanted, Some(live), &mut found);
    const NAMED: usize = 5;
    if found.len() > NAMED {
        let more = found.len() - NAMED;
        found.truncate(NAMED);
        found.push(format!("and {more} more"));
    }
    found
}

fn walk(path: &str, wanted: &Value, live: Option<&Value>, found: &mut Vec<String>) {
    match (wanted, live) {
        (Value::Object(wanted), Some(Value::Object(live))) => {
            for (name, wanted) in wanted {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                walk(&path, wanted, live.get(name), found);
            }
        }
        (wanted, Some(live)) if ownership::contains(live, wanted) => {}
        (Value::Array(wanted), Some(Value::Array(live))) if wanted.len() == live.len() => {
            for (index, (wanted, live)) in wanted.iter().zip(live).enumerate() {
                walk(&format!("{path}[{index}]"), wanted, Some(live), found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}
