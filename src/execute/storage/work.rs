//! What is done about a medium, step by step, the same for every backend.
//!
//! Whose a medium is gets decided before anything is created, and is written into Config before it is acted on: so a
//! process that is killed after creating finds its own word there, and adopts what it made.

use super::driver::{Driver, Mark, Removal, Seen, Setting};
use super::trouble::Trouble;
use crate::api::storage::StorageManagementState::{Managed, Unmanaged};
use crate::inputs::{Presence, Told};
use crate::render::storage::action::{StorageAction, Verb};
use std::time::Duration;
use tokio::time::Instant;

/// How long a medium may take to show up after it was created, and how often it is looked for.
const SHOWS_UP: Duration = Duration::from_secs(100);
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long a removal goes on before it tells how far it is.
const REMOVE_FOR: Duration = Duration::from_secs(30);

/// What came of an action.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Whether the medium exists; none if nothing was learnt.
    pub presence: Option<Presence>,
    /// Whether it was created now.
    pub created: bool,
    /// What is the matter.
    pub trouble: Option<Trouble>,
    /// Its settings, if they were looked at.
    pub settings: Option<Vec<Setting>>,
    /// What the service told, if it was asked.
    pub told: Option<Told>,
    /// How far a removal is that has not come to its end.
    pub going: Option<String>,
    /// What a removal has left behind, and why.
    pub left: Option<String>,
}

impl Report {
    fn of(presence: Presence) -> Self {
        Report { presence: Some(presence), ..Report::default() }
    }

    /// Nothing was learnt but what is the matter.
    pub(super) fn troubled(trouble: Trouble) -> Self {
        Report { trouble: Some(trouble), ..Report::default() }
    }
}

/// Carries out an action. With `only_look`, settings that were right are not looked at again.
pub(super) async fn carry_out(driver: &mut impl Driver, action: &StorageAction, only_look: bool) -> Report {
    let report = match action.verb {
        Verb::Ensure => ensure(driver, action, only_look).await,
        Verb::Remove => remove(driver, action).await,
    };
    report.unwrap_or_else(Report::troubled)
}

async fn ensure(driver: &mut impl Driver, action: &StorageAction, only_look: bool) -> Result<Report, Trouble> {
    let medium = &action.medium;
    match (driver.look().await?, action.management_state) {
        (Seen::Missing, _) if !action.may_create => Ok(Report {
            trouble: Some(Trouble::new(
                "StorageGone",
                format!(
                    "{medium} has been in use and does not exist any more; restore it, or name other storage in \
                     spec.storage of Config/cluster: an empty one in its place would hide the loss. To start with an \
                     empty one, set spec.managementState to Removed and then back to Managed"
                ),
            )),
            ..Report::of(Presence::Missing)
        }),
        (Seen::Missing, None) => Ok(Report::of(Presence::Missing)),
        (Seen::Missing, Some(Unmanaged)) => Ok(Report {
            trouble: Some(Trouble::new(
                "StorageMissing",
                format!(
                    "{medium} does not exist, and the operator does not create it because \
                     spec.storage.managementState of Config/cluster is Unmanaged; create it, name another one, or set \
                     spec.storage.managementState to Managed"
                ),
            )),
            ..Report::of(Presence::Missing)
        }),
        (Seen::Missing, Some(Managed)) => {
            driver.create().await?;
            shows_up(driver, action).await?;
            let report = finish(driver, Presence::Found { ours: true }).await;
            Ok(Report { created: true, ..report })
        }
        (Seen::Found, _) if only_look && !driver.tells_anew() => Ok(Report::default()),
        (Seen::Found, None) => {
            let ours = driver.mark().await? == Mark::Ours;
            Ok(Report::of(Presence::Found { ours }))
        }
        (Seen::Found, Some(Unmanaged)) => {
            let told = driver.tell().await?;
            Ok(Report { told: Some(told), ..Report::of(Presence::Found { ours: false }) })
        }
        (Seen::Found, Some(Managed)) => {
            if let Mark::Others(owner) = driver.mark().await? {
                return Err(Trouble::new(
                    "StorageNotOwned",
                    format!(
                        "{medium} belongs to cluster {owner}; name another one in spec.storage of Config/cluster, or \
                         set spec.storage.managementState to Unmanaged to share it"
                    ),
                ));
            }
            // What was half made is completed: an account without its container, a bucket without its key.
            Ok(finish(driver, Presence::Found { ours: true }).await)
        }
    }
}

/// Settings and what the service tells, of a medium that is there and ours.
async fn finish(driver: &mut impl Driver, presence: Presence) -> Report {
    let settings = match driver.settle().await {
        Ok(settings) => Some(settings),
        Err(trouble) => return Report { trouble: Some(trouble), ..Report::of(presence) },
    };
    match driver.tell().await {
        Ok(told) => Report { settings, told: Some(told), ..Report::of(presence) },
        Err(trouble) => Report { settings, trouble: Some(trouble), ..Report::of(presence) },
    }
}

/// Some services show what was created only after a while.
async fn shows_up(driver: &mut impl Driver, action: &StorageAction) -> Result<(), Trouble> {
    let end = Instant::now() + SHOWS_UP;
    loop {
        let seen = driver.look().await?;
        if seen == Seen::Found {
            return Ok(());
        }
        if Instant::now() >= end {
            let message = format!(
                "{} was created but has not shown up within {} seconds; it is looked for again",
                action.medium,
                SHOWS_UP.as_secs()
            );
            return Err(Trouble::new("StorageNotVisible", message));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn remove(driver: &mut impl Driver, action: &StorageAction) -> Result<Report, Trouble> {
    let medium = &action.medium;
    if driver.look().await? == Seen::Missing {
        return rest(driver).await;
    }
    let owner = match driver.mark().await? {
        Mark::Ours | Mark::Unsupported => None,
        Mark::Others(owner) => Some(format!("it belongs to cluster {owner}")),
        Mark::None => Some("it does not bear this cluster's mark".to_owned()),
    };
    if let Some(why) = owner {
        let message = format!(
            "{medium} is not removed: {why}; delete it by hand, or set spec.storage.managementState of Config/cluster \
             to Unmanaged to leave it"
        );
        return Err(Trouble::new("StorageNotOwned", message));
    }
    rest(driver).await
}

/// Removes for a while; what is left then is for the next time.
async fn rest(driver: &mut impl Driver) -> Result<Report, Trouble> {
    let end = Instant::now() + REMOVE_FOR;
    loop {
        match driver.remove().await? {
            Removal::Done => return Ok(Report::of(Presence::Removed)),
            Removal::DoneExcept(left) => return Ok(Report { left: Some(left), ..Report::of(Presence::Removed) }),
            Removal::Going(how_far) if Instant::now() >= end => {
                return Ok(Report { going: Some(how_far), ..Report::of(Presence::Found { ours: true }) });
            }
            Removal::Going(_) => {}
        }
    }
}
