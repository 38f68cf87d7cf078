//! Removing a container: its objects a page at a time, then itself.
//!
//! The registry's segments of large objects are in the same container, below `segments/`.

use super::super::driver::Removal;
use super::super::trouble::Trouble;
use super::api::Request;
use super::bulk::Errors;
use super::{Container, bulk};
use crate::net::encode;
use futures::{StreamExt, stream};
use http::{Method, StatusCode};
use serde::Deserialize;
use std::time::Duration;

/// Objects to a page: few enough that a slow Swift deletes them within the time that one request has.
const PAGE: usize = 250;
/// Objects that are deleted at a time where Swift takes no lists of them.
const AT_A_TIME: usize = 8;
/// Listings lag behind deletions. So long is waited before the next look, and so often.
const LAG: Duration = Duration::from_secs(1);
const LOOKS: u32 = 20;

/// How far the removal is.
#[derive(Default)]
pub(super) struct Progress {
    objects: usize,
    /// Whether Swift was found to take no lists of objects to delete.
    one_by_one: bool,
    /// How often the container was said to hold objects although none was listed.
    conflicts: u32,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    name: String,
}

impl Container {
    /// Removes a page of objects, or the container if it is empty.
    pub(super) async fn remove_some(&mut self) -> Result<Removal, Trouble> {
        let Some(page) = self.list().await? else { return Ok(Removal::Done) };
        if page.is_empty() {
            return self.delete().await;
        }
        let removed = self.delete_objects(&page).await?;
        self.removal.objects += removed;
        if removed == 0 {
            tokio::time::sleep(LAG).await;
        }
        Ok(self.going())
    }

    fn going(&self) -> Removal {
        Removal::Going(format!("{}: {} objects have been removed so far", self.api.subject, self.removal.objects))
    }

    /// The names of some of its objects; none if there is no such container.
    async fn list(&self) -> Result<Option<Vec<String>>, Trouble> {
        let request = Request::new(Method::GET, format!("{}?format=json&limit={PAGE}", self.path));
        let answer = self.api.send(&request).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::NO_CONTENT => Ok(Some(Vec::new())),
            StatusCode::OK => match serde_json::from_slice::<Vec<Listed>>(&answer.body) {
                Ok(page) => Ok(Some(page.into_iter().map(|listed| listed.name).collect())),
                Err(_) => {
                    let message =
                        format!("{}: the list of its objects is none; see the logs of Swift", self.api.subject);
                    Err(Trouble::new("ListUnusable", message))
                }
            },
            _ => Err(self.api.refused("its objects cannot be listed", &answer)),
        }
    }

    /// Deletes these objects; how many are gone by that.
    async fn delete_objects(&mut self, names: &[String]) -> Result<usize, Trouble> {
        if !self.removal.one_by_one {
            if let Some((deleted, errors)) = bulk::delete(&self.api, &self.path, names).await? {
                return self.judge(deleted, errors);
            }
            self.removal.one_by_one = true;
        }
        let mut deletions = Vec::new();
        for name in names {
            deletions.push(self.delete_object(name));
        }
        let outcomes: Vec<_> = stream::iter(deletions).buffer_unordered(AT_A_TIME).collect().await;
        let mut errors = Errors::default();
        let mut deleted = 0;
        for outcome in outcomes {
            match outcome? {
                None => deleted += 1,
                Some((name, status)) => errors.add(&name, status),
            }
        }
        self.judge(deleted, errors)
    }

    async fn delete_object(&self, name: &str) -> Result<Option<(String, StatusCode)>, Trouble> {
        let request = Request::new(Method::DELETE, format!("{}/{}", self.path, encode(name)));
        let answer = self.api.send(&request).await?;
        let gone = answer.status.is_success() || answer.status == StatusCode::NOT_FOUND;
        Ok((!gone).then(|| (name.to_owned(), answer.status)))
    }

    /// Errors that may pass are no trouble as long as something was deleted beside them.
    fn judge(&self, deleted: usize, errors: Errors) -> Result<usize, Trouble> {
        if errors.is_empty() || (deleted > 0 && errors.may_pass()) {
            return Ok(deleted);
        }
        Err(errors.trouble(&self.api.subject))
    }

    async fn delete(&mut self) -> Result<Removal, Trouble> {
        let answer = self.api.send(&Request::new(Method::DELETE, &self.path)).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(Removal::Done),
            status if status.is_success() => Ok(Removal::Done),
            StatusCode::CONFLICT if self.removal.conflicts < LOOKS => {
                self.removal.conflicts += 1;
                tokio::time::sleep(LAG).await;
                Ok(self.going())
            }
            StatusCode::CONFLICT => {
                self.removal.conflicts = 0;
                let message = format!(
                    "{}: Swift says that it is not empty, but lists no object; delete older versions of objects, if it \
                     keeps any, and the container by hand",
                    self.api.subject
                );
                Err(Trouble::new("ContainerNotEmpty", message))
            }
            _ => Err(self.api.refused("it cannot be removed", &answer)),
        }
    }
}
