//! Where news come from: what the watches and looks write down.

use super::Diagnostics;
use super::plan::told;
use super::records::{By, Moment, Source};
use crate::execute::request::Error;
use crate::execute::{Live, World};
use crate::operator::targets::Target;
use sha2::{Digest, Sha256};

/// Writes down what is heard of one target; the default one does not.
#[derive(Clone, Default)]
pub(in crate::operator) struct Seen(Option<(Diagnostics, Target)>);

impl Diagnostics {
    /// Whoever hears of this target tells it there.
    pub(in crate::operator) fn seen(&self, target: &Target, by: By) -> Seen {
        self.note(|records| {
            records.targets.entry(target.clone()).or_insert_with(|| Source::new(target, by)).by = by;
        });
        Seen(Some((self.clone(), target.clone())))
    }

    /// What is held of each target. Those that nobody takes turns at any more are forgotten.
    pub(super) fn held(&self, world: &World, in_turns: &[Target]) {
        self.note(|records| {
            records.targets.retain(|target, source| source.by != By::Turns || in_turns.contains(target));
            for (target, source) in &mut records.targets {
                let held = || world.objects().filter(|live| target.scope.spans(live.id()));
                source.objects = held().count();
                source.checksum = (source.objects > 0).then(|| checksum(held()));
            }
        });
    }
}

impl Seen {
    fn note(&self, note: impl FnOnce(&mut Source)) {
        if let Some((diagnostics, target)) = &self.0 {
            diagnostics.note(|records| records.targets.get_mut(target).map(note));
        }
    }

    /// The API server has answered.
    pub(in crate::operator) fn opened(&self) {
        self.note(|source| {
            source.open = Some(Moment::now());
            source.trouble = None;
        });
    }

    /// Something was heard that brought the target to this version.
    pub(in crate::operator) fn heard(&self, version: Option<&str>, is_object: bool) {
        self.note(|source| {
            let now = Some(Moment::now());
            source.heard = now;
            source.last_event = if is_object { now } else { source.last_event };
            source.resource_version = version.map(str::to_owned);
        });
    }

    /// Everything was told.
    pub(in crate::operator) fn complete(&self) {
        self.note(|source| {
            source.complete = Some(Moment::now());
            source.trouble = None;
        });
    }

    /// The watch is over, or the look.
    pub(in crate::operator) fn ended<T>(&self, result: &Result<T, Error>) {
        self.note(|source| {
            source.open = None;
            source.trouble = result.as_ref().err().map(ToString::to_string);
        });
    }
}

impl Source {
    fn new(target: &Target, by: By) -> Self {
        Source {
            kind: target.scope.kind,
            namespace: target.scope.namespace.clone(),
            name: target.scope.name.clone(),
            label: target.label.clone(),
            by,
            objects: 0,
            checksum: None,
            open: None,
            heard: None,
            last_event: None,
            complete: None,
            resource_version: None,
            trouble: None,
        }
    }
}

/// Which objects in which versions: a line of namespace, name, uid and version for each. Contents are not among it, so
/// that nothing can be told of a secret.
pub(super) fn checksum<'a>(objects: impl Iterator<Item = &'a Live>) -> String {
    let mut hasher = Sha256::new();
    for live in objects {
        let [namespace, name, uid, version] =
            ["namespace", "name", "uid", "resourceVersion"].map(|field| live.metadata(field));
        hasher.update(format!("{namespace} {name} {uid} {version}\n"));
    }
    told(hasher)
}
