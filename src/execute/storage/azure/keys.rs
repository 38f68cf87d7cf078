//! The account's key, which the Resource Manager tells.

use crate::api::secret::Secret;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a key is used before it is asked for again.
const KEPT: Duration = Duration::from_secs(20 * 60);

static HITS: AtomicU64 = AtomicU64::new(0);
static MISSES: AtomicU64 = AtomicU64::new(0);

/// How often this process has had the account's key at hand, and how often it had to ask for it.
pub fn key_cache_requests() -> (u64, u64) {
    (HITS.load(Ordering::Relaxed), MISSES.load(Ordering::Relaxed))
}

/// The key in use, and the one that was told.
#[derive(Default)]
pub(super) struct Keys {
    kept: Option<(Secret, Instant)>,
    told: Option<Secret>,
}

impl Keys {
    /// The key, unless it has to be asked for.
    pub(super) fn kept(&self) -> Option<Secret> {
        let kept = self.kept.as_ref().filter(|(_, since)| since.elapsed() < KEPT);
        let counter = if kept.is_some() { &HITS } else { &MISSES };
        counter.fetch_add(1, Ordering::Relaxed);
        kept.map(|(key, _)| key.clone())
    }

    /// The key that was used last, if it was not refused.
    pub(super) fn current(&self) -> Option<&Secret> {
        self.kept.as_ref().map(|(key, _)| key)
    }

    /// Forgets the key: it was refused, or its account is gone.
    pub(super) fn forget(&mut self) {
        self.kept = None;
    }

    /// Takes a key out of the answer to listKeys: the one that is told, as long as it is valid, or else the first that
    /// may write. None if there is none.
    pub(super) fn take(&mut self, answer: &Value) -> Option<Secret> {
        let keys = answer.get("keys").and_then(Value::as_array)?;
        let may_write = |key: &&Value| {
            let permissions = key.get("permissions").and_then(Value::as_str);
            permissions.is_none_or(|permissions| permissions.eq_ignore_ascii_case("full"))
        };
        let values = keys.iter().filter(may_write).filter_map(|key| key.get("value")?.as_str());
        let values: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
        let told = self.told.as_ref().map(|told| told.expose()).filter(|told| values.contains(told));
        let key = Secret::from(told.or_else(|| values.first().copied())?.to_owned());
        self.kept = Some((key.clone(), Instant::now()));
        Some(key)
    }

    /// The key is told to whoever needs it.
    pub(super) fn tell(&mut self, key: &Secret) {
        self.told = Some(key.clone());
    }

    /// Whether another key is in use than the one that was told.
    pub(super) fn has_changed(&self) -> bool {
        matches!((&self.told, &self.kept), (Some(told), Some((kept, _))) if told != kept)
    }
}

#[cfg(test)]
mod tests {
    use super::{Keys, Secret};
    use serde_json::json;

    #[test]
    fn the_key_that_is_told_stays_as_long_as_it_is_valid() {
        let listed = |keys: [(&str, &str); 2]| json!({ "keys": keys.map(|(value, permissions)| json!({ "value": value, "permissions": permissions })) });
        let secret = |text: &str| Some(Secret::from(text.to_owned()));
        let mut keys = Keys::default();
        assert_eq!(keys.take(&json!({ "keys": [] })), None);
        assert_eq!(keys.take(&listed([("a", "READ"), ("b", "Full")])), secret("b"));
        keys.tell(&Secret::from("b".to_owned()));
        assert_eq!(keys.take(&listed([("c", "FULL"), ("b", "FULL")])), secret("b"));
        assert!(!keys.has_changed());
        keys.forget();
        assert_eq!(keys.take(&listed([("c", "FULL"), ("d", "FULL")])), secret("c"));
        assert!(keys.has_changed());
    }
}
