//! The medium that is worked on, and what is known of it.

mod account;

pub use account::Account;

use super::backends::{self, AnyDriver};
use super::driver::Setting;
use super::probe::Probe;
use super::standing::Standing;
use super::trouble::Trouble;
use super::wish::Wish;
use super::work::{self, Report};
use crate::execute::jitter;
use crate::execute::outcome::Done;
use crate::inputs::{Fact, Inputs, MediumId, MediumObservation, Presence, Told};
use crate::net::Network;
use crate::render::storage::action::{StorageAction, Verb};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::oneshot::{self, Receiver};
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

/// How often a medium is looked at in which nothing has changed, at the most.
const LOOK_EVERY: Duration = Duration::from_secs(10 * 60);
/// After so long a setting that failed for a reason that may pass is tried again; twice as long every time.
const SETTLE_AGAIN: Duration = Duration::from_secs(60);
/// One action, however many calls it takes. What is done until then stays done.
const DEADLINE: Duration = Duration::from_secs(5 * 60);

/// A running action. It is stopped when this is dropped.
struct Task {
    outcome: Receiver<(AnyDriver, Report)>,
    handle: AbortHandle,
}

impl Drop for Task {
    fn drop(&mut self) {
        // What is stopped in the middle is taken up by the next action, as after a crash.
        self.handle.abort();
    }
}

/// The medium that is worked on.
pub struct Store {
    network: Arc<dyn Fn() -> Network + Send + Sync>,
    opened: Option<Network>,
    slot: Option<Slot>,
    pub(super) probe: Probe,
    wake: Arc<Notify>,
}

struct Slot {
    wish: Wish,
    id: MediumId,
    /// The medium, for people.
    medium: String,
    backend: Words,
    driver: Option<AnyDriver>,
    task: Option<Task>,
    /// What the running task is about, for people, and when it began.
    about: String,
    began: Instant,
    /// When a task has last come to its end.
    looked: Option<Instant>,
    /// What has come out of the last task and was not told yet.
    news: Option<Done>,
    trouble: Option<Trouble>,
    presence: Presence,
    created: bool,
    settings: Vec<Setting>,
    told: Told,
    /// What a removal has left behind, and why.
    left: Option<String>,
    /// Whether settings and told are up to date, so that a look is enough.
    settled: bool,
    again: Duration,
    next: Instant,
}

/// What a backend's medium is called in reasons and messages.
#[derive(Clone, Copy)]
struct Words {
    reason: &'static str,
    text: &'static str,
}

impl Words {
    fn of(backend: &str) -> Self {
        let (reason, text) = match backend {
            "s3" => ("S3Bucket", "S3 bucket"),
            "gcs" => ("GCSBucket", "GCS bucket"),
            "azure" => ("Container", "Storage container"),
            "ibmcos" => ("IBMCOSBucket", "IBM COS bucket"),
            "swift" => ("SwiftContainer", "Swift container"),
            _ => ("Storage", "Storage"),
        };
        Words { reason, text }
    }
}

impl Store {
    /// A store that has looked at nothing yet. The network is asked for when a cloud is.
    pub fn new(network: impl Fn() -> Network + Send + Sync + 'static) -> Self {
        Store { network: Arc::new(network), opened: None, slot: None, probe: Probe::default(), wake: Arc::default() }
    }

    /// What is waked when something has come to its end.
    pub fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// Proxies and CAs, read when a cloud is asked for the first time.
    pub(super) fn network(&mut self) -> Network {
        self.opened.get_or_insert_with(|| (self.network)()).clone()
    }

    /// When the medium is to be looked at again.
    pub fn next(&self) -> Option<Instant> {
        self.slot.as_ref().filter(|slot| slot.task.is_none()).map(|slot| slot.next)
    }

    /// Whether a service is being asked.
    pub fn is_busy(&self) -> bool {
        self.slot.as_ref().is_some_and(|slot| slot.task.is_some())
    }

    /// Has the medium looked at the next time somebody asks for it.
    pub fn make_due(&mut self) {
        if let Some(slot) = self.slot.as_mut() {
            slot.next = Instant::now();
        }
    }

    /// Takes in what has come to its end; whether anything has.
    pub fn collect(&mut self) -> bool {
        let is_answered = self.collect_probe();
        self.collect_action() || is_answered
    }

    fn collect_action(&mut self) -> bool {
        let Some(slot) = self.slot.as_mut() else { return false };
        let outcome = match slot.task.as_mut().map(|task| task.outcome.try_recv()) {
            None | Some(Err(TryRecvError::Empty)) => return false,
            Some(Err(TryRecvError::Closed)) => None,
            Some(Ok(outcome)) => Some(outcome),
        };
        slot.task = None;
        slot.looked = Some(Instant::now());
        slot.take(outcome);
        true
    }

    /// Whether something has come out of an action that the plan does not hold any more, as of a removal.
    pub fn has_left(&self, planned: Option<&MediumId>) -> bool {
        self.slot.as_ref().is_some_and(|slot| slot.news.is_some() && planned != Some(&slot.id))
    }

    /// What has come out of it, once, with the medium's name.
    pub fn take_left(&mut self, planned: Option<&MediumId>) -> Option<(String, Done)> {
        let slot = self.slot.as_mut().filter(|slot| planned != Some(&slot.id))?;
        Some((slot.medium.clone(), slot.news.take()?))
    }

    /// What is known of the medium that is worked on.
    pub fn observation(&self) -> Option<MediumObservation> {
        let slot = self.slot.as_ref()?;
        let facts = slot.exists().into_iter().chain(slot.settings.iter().map(|setting| setting.fact.clone()));
        let (id, told) = (slot.id.clone(), slot.told.clone());
        Some(MediumObservation { id, presence: slot.presence, facts: facts.collect(), told })
    }

    /// How the action stands, without starting anything.
    pub fn standing(&self, action: &StorageAction, inputs: &Inputs) -> Standing {
        let wish = Wish::of(action, inputs);
        match self.slot.as_ref().filter(|slot| slot.wish == wish) {
            None => Standing::Due,
            // A look at what was well a moment ago is nothing to wait for.
            Some(slot) if slot.task.is_some() && slot.settled => Standing::Well,
            Some(slot) if slot.task.is_some() => Standing::Waiting(slot.about.clone()),
            Some(slot) if slot.news.is_some() => Standing::News,
            Some(slot) => match &slot.trouble {
                Some(trouble) => Standing::Failed(trouble.clone()),
                None if Instant::now() >= slot.next => Standing::Due,
                None => Standing::Well,
            },
        }
    }

    /// Stops what is under way: nothing of it is wanted any more. What is done of it stays done.
    pub fn rest(&mut self) {
        if let Some(slot) = self.slot.as_mut() {
            slot.task = None;
        }
    }

    /// Starts to look again at a medium that was well, if it is time to. Nobody waits for that.
    pub fn look(&mut self, action: &StorageAction, inputs: &Inputs) {
        let is_settled = self.slot.as_ref().is_some_and(|slot| slot.settled);
        if is_settled && self.standing(action, inputs) == Standing::Due {
            // What cannot be started is told when the action is carried out.
            drop(self.start(action, inputs));
        }
    }

    /// Carries on with an action: starts it, says that it is not at its end, or tells what has come of it.
    pub fn work(&mut self, action: &StorageAction, inputs: &Inputs) -> Done {
        match self.standing(action, inputs) {
            Standing::Well => Done::Unchanged,
            Standing::Waiting(about) => Done::Waiting(about),
            Standing::News => {
                let news = self.slot.as_mut().and_then(|slot| slot.news.take()).unwrap_or(Done::Unchanged);
                if matches!(news, Done::Waiting(_)) {
                    return self.start(action, inputs).map_or_else(|why| Done::Impossible(why.message), |()| news);
                }
                news
            }
            Standing::Due | Standing::Failed(_) => match self.start(action, inputs) {
                Ok(()) => self
                    .slot
                    .as_ref()
                    .filter(|slot| !slot.settled)
                    .map_or(Done::Unchanged, |slot| Done::Waiting(slot.about.clone())),
                Err(trouble) => Done::Impossible(trouble.message),
            },
        }
    }

    fn start(&mut self, action: &StorageAction, inputs: &Inputs) -> Result<(), Trouble> {
        let wish = Wish::of(action, inputs);
        let known = self.slot.take_if(|slot| slot.wish == wish && slot.driver.is_some());
        let (mut slot, mut driver) = match known {
            Some(mut slot) => {
                let driver = slot.driver.take();
                (slot, driver)
            }
            None => (Slot::new(wish, action, self.slot.take()), None),
        };
        if driver.is_none() {
            driver = match backends::open(&action.medium, inputs, &self.network()) {
                Ok(driver) => driver,
                Err(trouble) => {
                    slot.trouble = Some(trouble.clone());
                    slot.next = Instant::now() + LOOK_EVERY;
                    self.slot = Some(slot);
                    return Err(trouble);
                }
            };
        }
        let Some(mut driver) = driver else { return Ok(()) };
        slot.about = match action.verb {
            Verb::Ensure => format!("{} is looked at", action.medium),
            Verb::Remove => format!("{} is removed", action.medium),
        };
        slot.began = Instant::now();
        let (action, wake, only_look) = (action.clone(), Arc::clone(&self.wake), slot.settled);
        let (tell, outcome) = oneshot::channel();
        let task = tokio::spawn(async move {
            let report = timeout(DEADLINE, work::carry_out(&mut driver, &action, only_look)).await;
            let report = report.unwrap_or_else(|_| Report::troubled(too_long(&action)));
            // Nobody hears it if something else is wanted by now.
            drop(tell.send((driver, report)));
            wake.notify_one();
        });
        slot.task = Some(Task { outcome, handle: task.abort_handle() });
        self.slot = Some(slot);
        Ok(())
    }
}

fn too_long(action: &StorageAction) -> Trouble {
    let (medium, minutes) = (&action.medium, DEADLINE.as_secs() / 60);
    Trouble::new("TimedOut", format!("{medium}: not done within {minutes} minutes; it is taken up where it was left"))
}

impl Slot {
    /// What is known of the same medium stays known.
    fn new(wish: Wish, action: &StorageAction, before: Option<Slot>) -> Self {
        let before = before.filter(|before| before.id == action.id);
        let (presence, created, settings, told) = before
            .map_or((Presence::Unknown, false, Vec::new(), Told::default()), |before| {
                (before.presence, before.created, before.settings, before.told)
            });
        Slot {
            wish,
            id: action.id.clone(),
            medium: action.medium.to_string(),
            backend: Words::of(action.id.backend),
            driver: None,
            task: None,
            about: String::new(),
            began: Instant::now(),
            looked: None,
            news: None,
            trouble: None,
            presence,
            created,
            settings,
            told,
            left: None,
            settled: false,
            again: SETTLE_AGAIN,
            next: Instant::now(),
        }
    }

    /// Takes in what a task has come to; none if it broke down.
    fn take(&mut self, outcome: Option<(AnyDriver, Report)>) {
        let Some((driver, report)) = outcome else {
            self.trouble = Some(Trouble::new("Interrupted", format!("{}, and that was interrupted", self.about)));
            return;
        };
        let Report { presence, created, trouble, settings, told, going, left } = report;
        self.driver = Some(driver);
        self.created |= created;
        self.told = told.unwrap_or_else(|| std::mem::take(&mut self.told));
        self.presence = presence.unwrap_or(self.presence);
        self.left = left;
        let changed: Vec<String> =
            settings.iter().flatten().filter_map(|setting| setting.changed).map(str::to_owned).collect();
        let is_look = settings.is_none() && self.settled;
        self.settings = settings.unwrap_or_else(|| std::mem::take(&mut self.settings));
        if matches!(self.presence, Presence::Missing | Presence::Removed) {
            // Whoever makes another one of the name makes it anew.
            self.created = false;
            self.settings.clear();
            self.told = Told::default();
        }
        let again = self.settings.iter().any(|setting| setting.again);
        self.settled = trouble.is_none() && going.is_none() && !again;
        self.again = if again && !is_look { (self.again * 2).min(LOOK_EVERY) } else { SETTLE_AGAIN };
        let pause = if again { self.again / 2 } else { LOOK_EVERY };
        self.next = Instant::now() + pause + jitter(pause / 10);
        self.news = match (&trouble, going, self.presence) {
            (Some(trouble), _, _) => Some(Done::Impossible(trouble.message.clone())),
            (None, Some(how_far), _) => {
                self.next = Instant::now();
                Some(Done::Waiting(how_far))
            }
            (None, None, Presence::Removed) => Some(Done::Deleted),
            (None, None, _) if created => Some(Done::Created),
            (None, None, _) if !changed.is_empty() => Some(Done::Configured(changed)),
            (None, None, _) if is_look => None,
            (None, None, _) => Some(Done::Looked),
        };
        self.trouble = trouble;
    }

    /// The condition StorageExists; none before anything was learnt.
    fn exists(&self) -> Option<Fact> {
        const TYPE: &str = "StorageExists";
        let Words { reason, text } = self.backend;
        let name = &self.id.name;
        Some(match (&self.trouble, self.presence) {
            (Some(trouble), Presence::Missing) => Fact::new(TYPE, false, &trouble.reason, &trouble.message),
            (Some(trouble), _) => Fact::unknown(TYPE, &trouble.reason, &trouble.message),
            (None, Presence::Unknown) => return None,
            (None, Presence::Missing) => {
                Fact::new(TYPE, false, &format!("{reason}Missing"), format!("{text} {name} does not exist yet"))
            }
            (None, Presence::Removed) => {
                let left = self.left.iter().map(|left| format!("; {left}")).collect::<String>();
                Fact::new(TYPE, false, &format!("{reason}Deleted"), format!("{text} {name} has been removed{left}"))
            }
            (None, Presence::Found { .. }) if self.created => {
                Fact::new(TYPE, true, "CreationSuccessful", format!("{text} {name} was successfully created"))
            }
            (None, Presence::Found { ours: true }) => {
                Fact::new(TYPE, true, &format!("{reason}Exists"), format!("{text} {name} exists"))
            }
            (None, Presence::Found { ours: false }) => {
                let message = format!("User supplied {text} {name} exists and is accessible");
                Fact::new(TYPE, true, &format!("{reason}Exists"), message)
            }
        })
    }
}
