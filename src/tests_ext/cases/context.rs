//! What a test has: the cluster, a log, and patience.

use super::Ending;
use super::patch::difference;
use crate::execute::Api;
use crate::execute::request::{Patch, Target};
use crate::render::ObjectId;
use crate::tests_ext::stop::Stop;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

/// The field manager of what tests change.
pub const MANAGER: &str = "cluster-image-registry-operator-tests-ext";

/// The first pause between two looks; they grow to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// One test's view of the cluster.
pub struct Context<'a> {
    /// The cluster.
    pub api: &'a Api,
    stop: &'a Stop,
    /// Whether what is done now is putting things back, which is never given up.
    tidies: Cell<bool>,
    log: RefCell<String>,
}

impl<'a> Context<'a> {
    /// With an empty log.
    pub fn new(api: &'a Api, stop: &'a Stop) -> Self {
        Context { api, stop, tidies: Cell::new(false), log: RefCell::default() }
    }

    /// Adds a line to the log, which is the result's output.
    pub fn say(&self, line: impl AsRef<str>) {
        let mut log = self.log.borrow_mut();
        log.push_str(line.as_ref());
        log.push('\n');
    }

    /// The log.
    pub fn into_log(self) -> String {
        self.log.into_inner()
    }

    /// The object.
    ///
    /// # Errors
    /// It does not exist, or cannot be read.
    pub async fn the(&self, id: &ObjectId) -> Result<Value, Ending> {
        self.seen(id).await.map_err(Ending::Failed)
    }

    /// The object, for waiting.
    ///
    /// # Errors
    /// What is seen instead.
    pub async fn seen(&self, id: &ObjectId) -> Result<Value, String> {
        let found = self.api.get(id).await.map_err(|error| error.to_string())?;
        found.ok_or_else(|| format!("{id} does not exist"))
    }

    /// The objects at a path.
    ///
    /// # Errors
    /// Why they cannot be listed.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>, String> {
        let mut list: Value = self.api.read(path).await.map_err(|error| error.to_string())?;
        match list.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    /// Changes the object by a JSON merge patch; what it is then.
    ///
    /// # Errors
    /// The API server's.
    pub async fn merge(&self, id: &ObjectId, patch: &Value) -> Result<Value, Ending> {
        let target = Target { id, subresource: None, manager: MANAGER, dry_run: false };
        Ok(self.api.patch(&target, Patch::Merge, patch).await?)
    }

    /// Brings one field of the object back to what it was in `before`; does nothing if it is.
    ///
    /// # Errors
    /// The API server's.
    pub async fn put_back(&self, id: &ObjectId, field: &str, before: &Value) -> Result<(), Ending> {
        let now = self.the(id).await?;
        let nothing = Value::Null;
        let of = |object: &Value| object.get(field).unwrap_or(&nothing).clone();
        match difference(&of(&now), &of(before)) {
            Some(patch) => self.merge(id, &json!({ field: patch })).await.map(drop),
            None => Ok(()),
        }
    }

    /// Looks until `look` finds what it looks for; its error is what it saw instead.
    ///
    /// # Errors
    /// After `limit`, with `what` and what was seen last; or when the run is interrupted.
    pub async fn until<T>(
        &self,
        limit: Duration,
        what: &str,
        mut look: impl AsyncFnMut() -> Result<T, String>,
    ) -> Result<T, Ending> {
        let (begin, mut pause) = (Instant::now(), PAUSE);
        loop {
            let seen = match look().await {
                Ok(found) => {
                    self.say(format!("{what}: after {:.1} s", begin.elapsed().as_secs_f64()));
                    return Ok(found);
                }
                Err(seen) => seen,
            };
            let interrupted = self.stop.reason().filter(|_| !self.tidies.get());
            let why = match interrupted {
                Some(reason) => reason,
                None if begin.elapsed() >= limit => format!("not within {} s", limit.as_secs()),
                None => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    continue;
                }
            };
            return Err(Ending::Failed(format!("{what}: {why}; last seen: {seen}")));
        }
    }

    /// Does something that has to be done to its end, even if the run is interrupted.
    pub async fn tidy<T>(&self, work: impl Future<Output = T>) -> T {
        self.tidies.set(true);
        let done = work.await;
        self.tidies.set(false);
        done
    }
}
