//! What is known of the medium, for whoever looks for a fault.

use super::Store;
use crate::inputs::Presence;
use tokio::time::Instant;

/// How things are with the medium that is worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The medium, for people.
    pub medium: String,
    /// One word: whether a service is being asked, the last action failed, or all is well.
    pub standing: &'static str,
    /// Whether it exists.
    pub presence: &'static str,
    /// When an action or a look has last come to its end.
    pub looked: Option<Instant>,
    /// When it is looked at again; none while it is being looked at.
    pub next: Option<Instant>,
    /// What is under way, and since when.
    pub under_way: Option<(String, Instant)>,
    /// What the last action has failed for.
    pub trouble: Option<String>,
    /// What a removal has left behind, and why.
    pub left: Option<String>,
}

impl Store {
    /// How things are with the medium of a cloud; none before one was looked at.
    pub fn account(&self) -> Option<Account> {
        let slot = self.slot.as_ref()?;
        Some(Account {
            medium: slot.medium.clone(),
            standing: match (&slot.task, &slot.news, &slot.trouble) {
                (Some(_), ..) => "asked",
                (None, Some(_), _) => "news",
                (None, None, Some(_)) => "failed",
                (None, None, None) if slot.settled => "well",
                (None, None, None) => "unsettled",
            },
            presence: match slot.presence {
                Presence::Unknown => "unknown",
                Presence::Missing => "missing",
                Presence::Found { ours: true } => "ours",
                Presence::Found { ours: false } => "others",
                Presence::Removed => "removed",
            },
            looked: slot.looked,
            next: self.next(),
            under_way: slot.task.as_ref().map(|_| (slot.about.clone(), slot.began)),
            trouble: slot.trouble.as_ref().map(|trouble| trouble.message.clone()),
            left: slot.left.clone(),
        })
    }
}
