//! What fails, since when, and when it is tried again.

use crate::execute::{Done, Outcome};
use crate::inputs::Failure;
use crate::problem::Concern;
use crate::render::plan::Plan;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

/// The first and the longest pause between two attempts.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// What the last execution could not carry out, by concern.
#[derive(Debug, Default)]
pub struct Failing(BTreeMap<Concern, Entry>);

#[derive(Debug)]
struct Entry {
    since: Timestamp,
    message: String,
    pause: Duration,
    again: Instant,
    /// What the inputs looked like: another plan is worth an attempt at once.
    plan: u64,
}

impl Failing {
    /// The failures, for the renderer.
    pub fn failures(&self) -> Vec<Failure> {
        self.0
            .iter()
            .map(|(concern, entry)| Failure {
                concern: *concern,
                message: entry.message.clone(),
                since: Time(entry.since),
            })
            .collect()
    }

    /// Every concern that fails: since when, why, after which pause it is tried again, and when.
    pub fn attempts(&self) -> impl Iterator<Item = (Concern, Timestamp, &str, Duration, Instant)> {
        self.0.iter().map(|(concern, entry)| (*concern, entry.since, entry.message.as_str(), entry.pause, entry.again))
    }

    /// Concerns that are left alone for now.
    pub fn held_back(&self, plan: &Plan) -> BTreeSet<Concern> {
        let now = Instant::now();
        let is_held = |(concern, entry): (&Concern, &Entry)| {
            (entry.again > now && entry.plan == fingerprint(plan, *concern)).then_some(*concern)
        };
        self.0.iter().filter_map(is_held).collect()
    }

    /// Takes in what became of a plan; says whether a message is new, or gone.
    pub fn take(&mut self, plan: &Plan, outcomes: &[Outcome], held_back: &BTreeSet<Concern>, now: Timestamp) -> bool {
        let mut failed: BTreeMap<Concern, Vec<String>> = BTreeMap::new();
        for Outcome { concern, object, done } in outcomes {
            if let (Some(why), false) = (done.failure(), is_passing(done)) {
                // A service's own sentence begins with what it is about.
                let line = if why.starts_with(object.as_str()) { why } else { format!("{object}: {why}") };
                failed.entry(*concern).or_default().push(line);
            }
        }
        let before = self.0.len();
        self.0.retain(|concern, _| failed.contains_key(concern) || held_back.contains(concern));
        let mut is_news = self.0.len() != before;
        for (concern, lines) in failed {
            let message = lines.join("\n");
            let plan = fingerprint(plan, concern);
            let entry = self.0.entry(concern).or_insert_with(|| Entry {
                since: now,
                message: String::new(),
                pause: FIRST / 2,
                again: Instant::now(),
                plan,
            });
            is_news |= entry.message != message;
            entry.message = message;
            entry.plan = plan;
            entry.pause = (entry.pause * 2).min(LONGEST);
            entry.again = Instant::now() + entry.pause + super::jitter(entry.pause / 5);
        }
        is_news
    }

    /// When something is to be tried again, other than what is being tried.
    pub fn next(&self, tried: Option<Concern>) -> Option<Instant> {
        let others = self.0.iter().filter(|(concern, _)| Some(**concern) != tried);
        others.map(|(_, entry)| entry.again).min()
    }
}

/// Whether the failure says nothing about the concern: the process is about to end.
fn is_passing(done: &Done) -> bool {
    matches!(done, Done::Failed(crate::execute::Error::NotLeader))
}

fn fingerprint(plan: &Plan, concern: Concern) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    for step in plan.steps.iter().filter(|step| crate::execute::concern_of(step) == concern) {
        serde_json::to_string(step).unwrap_or_default().hash(&mut hasher);
    }
    hasher.finish()
}
