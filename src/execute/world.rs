//! What is known of the cluster: the newest version of every object that was seen, and where nothing else is.

use super::live::Live;
use super::resource::Resource;
use crate::render::ObjectId;
use std::collections::{BTreeMap, BTreeSet};

/// Where somebody looked: objects of one kind in one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// The kind.
    pub kind: &'static str,
    /// The namespace; empty for objects of the cluster.
    pub namespace: String,
    /// The only name that was looked for; none means all names.
    pub name: Option<String>,
    /// Whether only objects with a label were looked for: that one is not among them says nothing.
    pub labelled: bool,
}

impl Scope {
    /// Whether the object would have been seen if it existed.
    pub fn covers(&self, id: &ObjectId) -> bool {
        self.spans(id) && !self.labelled
    }

    /// Whether the object is of this kind and place.
    pub fn spans(&self, id: &ObjectId) -> bool {
        self.kind == id.kind && self.namespace == id.namespace && self.name.as_ref().is_none_or(|name| *name == id.name)
    }
}

/// Whether an object exists.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Known<'a> {
    /// It does.
    Present(&'a Live),
    /// It does not.
    Absent,
    /// Nobody looked.
    Unknown,
}

impl<'a> Known<'a> {
    /// The object, if it is known to exist.
    pub fn present(self) -> Option<&'a Live> {
        match self {
            Known::Present(live) => Some(live),
            Known::Absent | Known::Unknown => None,
        }
    }
}

/// The objects that were seen.
#[derive(Clone, Debug, Default)]
pub struct World {
    objects: BTreeMap<ObjectId, Live>,
    seen: BTreeSet<Scope>,
    not_served: BTreeSet<&'static str>,
    revision: u64,
}

impl World {
    /// Takes in an object; says whether anything changed. Late news do not count: neither an older version of what is
    /// known nor an earlier object of the same name, whose versions are all older.
    pub fn put(&mut self, live: Live) -> bool {
        if self.objects.get(live.id()).is_some_and(|known| known.version() >= live.version()) {
            return false;
        }
        self.objects.insert(live.id().clone(), live);
        self.noted(true)
    }

    /// Grows with everything that is learnt, from watches as well as from the answers to the operator's own requests.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    fn noted(&mut self, is_news: bool) -> bool {
        self.revision += u64::from(is_news);
        is_news
    }

    /// Forgets an object that was deleted; says whether it was known.
    pub fn remove(&mut self, gone: &Live) -> bool {
        let known = self.objects.get(gone.id());
        // One of the same name may have been created since.
        let is_this = known.is_some_and(|known| known.version() <= gone.version());
        let is_news = is_this && self.objects.remove(gone.id()).is_some();
        self.noted(is_news)
    }

    /// Forgets an object that is known not to exist.
    pub fn forget(&mut self, id: &ObjectId) -> bool {
        let is_news = self.objects.remove(id).is_some();
        self.noted(is_news)
    }

    /// Notes that an object was looked for alone and does not exist.
    pub fn absent(&mut self, id: &ObjectId) {
        let Some(Resource { kind, .. }) = Resource::named(&id.kind) else { return };
        let scope = Scope { kind, namespace: id.namespace.clone(), name: Some(id.name.clone()), labelled: false };
        self.complete(&scope, &BTreeSet::new(), u64::MAX);
    }

    /// Everything of a scope was told, as of a version; what was not among it is gone, if it is not newer.
    pub fn complete(&mut self, scope: &Scope, told: &BTreeSet<ObjectId>, version: u64) -> bool {
        let before = self.objects.len();
        self.objects.retain(|id, live| !scope.spans(id) || told.contains(id) || live.version() > version);
        self.not_served.remove(scope.kind);
        let is_new = self.seen.insert(scope.clone());
        let is_news = is_new || self.objects.len() != before;
        self.noted(is_news)
    }

    /// The cluster does not serve the kind: nothing of it exists.
    pub fn not_served(&mut self, scope: &Scope) -> bool {
        self.objects.retain(|id, _| id.kind != scope.kind);
        self.seen.insert(scope.clone());
        let is_news = self.not_served.insert(scope.kind);
        self.noted(is_news)
    }

    /// Whether the cluster serves the kind, as far as is known.
    pub fn is_served(&self, kind: &str) -> bool {
        !self.not_served.contains(kind)
    }

    /// Whether the object exists.
    pub fn get(&self, id: &ObjectId) -> Known<'_> {
        match self.objects.get(id) {
            Some(live) => Known::Present(live),
            None if self.seen.iter().any(|scope| scope.covers(id)) => Known::Absent,
            None => Known::Unknown,
        }
    }

    /// Everything that is known to exist.
    pub fn objects(&self) -> impl Iterator<Item = &Live> {
        self.objects.values()
    }

    /// Where somebody looked.
    pub fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.seen.iter()
    }

    /// Whether somebody has looked there.
    pub fn was_looked_at(&self, scope: &Scope) -> bool {
        self.seen.contains(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn live(uid: &str, version: &str) -> Live {
        let metadata = json!({ "name": "n", "namespace": "ns", "uid": uid, "resourceVersion": version });
        Live::new(json!({ "apiVersion": "v1", "kind": "Service", "metadata": metadata })).unwrap()
    }

    #[test]
    fn late_news_do_not_move_the_world_back() {
        let mut world = World::default();
        let id = live("a", "1").id().clone();
        let known = |world: &World| world.get(&id).present().map(|live| live.metadata("uid").to_owned());
        assert!(world.put(live("a", "5")));
        assert!(!world.put(live("a", "4")) && !world.put(live("a", "5")));
        // It was deleted and created again, and then a watch tells how that came.
        assert!(world.put(live("b", "9")));
        assert!(!world.put(live("a", "6")), "a change of the earlier object");
        assert_eq!(known(&world).as_deref(), Some("b"));
        assert!(!world.remove(&live("a", "8")), "the deletion of the earlier object");
        assert_eq!(known(&world).as_deref(), Some("b"));
        assert!(world.put(live("b", "10")));
        assert!(world.remove(&live("b", "11")));
        assert_eq!(known(&world), None);
    }
}
