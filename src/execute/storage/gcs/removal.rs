//! Emptying the bucket and deleting it.

use super::Bucket;
use super::refusal::Refusal;
use super::step::{DELETE, EMPTY, LIST};
use crate::execute::storage::driver::Removal;
use crate::execute::storage::trouble::Trouble;
use crate::net::encode;
use futures::StreamExt;
use futures::stream;
use http::{Method, StatusCode};
use serde::Deserialize;

/// So many objects are deleted by one step, and so many at a time.
const PAGE: &str = "200";
const AT_A_TIME: usize = 8;

/// How far a removal is.
#[derive(Default)]
pub(super) struct Progress {
    deleted: usize,
    /// Whether nothing was in the bucket and it could not be deleted all the same.
    looked_empty: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    items: Vec<Version>,
    #[serde(default)]
    next_page_token: String,
}

/// An object at some time; all of them have to go.
#[derive(Deserialize)]
struct Version {
    name: String,
    generation: String,
}

impl Bucket {
    /// Deletes a page of what is in the bucket, or the bucket if there is nothing.
    pub(super) async fn empty(&mut self) -> Result<Removal, Trouble> {
        let Some(versions) = self.list().await? else { return Ok(Removal::Done) };
        if versions.is_empty() {
            return self.delete().await;
        }
        self.removal.looked_empty = false;
        let deletions: Vec<_> = versions.iter().map(|version| self.delete_version(version)).collect();
        let outcomes: Vec<Result<(), Trouble>> = stream::iter(deletions).buffer_unordered(AT_A_TIME).collect().await;
        self.removal.deleted += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        outcomes.into_iter().collect::<Result<(), Trouble>>()?;
        Ok(self.going())
    }

    fn going(&self) -> Removal {
        let (deleted, bucket) = (self.removal.deleted, &self.medium.bucket);
        Removal::Going(format!("GCS bucket {bucket} is emptied: {deleted} objects and versions are deleted"))
    }

    /// Objects: list. The first page with anything on it; none if there is no bucket.
    async fn list(&self) -> Result<Option<Vec<Version>>, Trouble> {
        let mut token = String::new();
        loop {
            let fields = "items(name,generation),nextPageToken";
            let mut query = vec![("versions", "true"), ("maxResults", PAGE), ("fields", fields)];
            if !token.is_empty() {
                query.push(("pageToken", &token));
            }
            let answer = self.google.ask(&Method::GET, &self.url("/o", &query), None).await?;
            if Refusal::of(&answer).is_missing() {
                return Ok(None);
            }
            let page: Page = self.google.done(&answer, &LIST)?;
            // A page can be empty although there are more.
            if !page.items.is_empty() || page.next_page_token.is_empty() {
                return Ok(Some(page.items));
            }
            token = page.next_page_token;
        }
    }

    /// Objects: delete.
    async fn delete_version(&self, version: &Version) -> Result<(), Trouble> {
        let url = self.url(&format!("/o/{}", encode(&version.name)), &[("generation", &version.generation)]);
        let answer = self.google.ask(&Method::DELETE, &url, None).await?;
        if answer.status.is_success() || Refusal::of(&answer).is_missing() {
            return Ok(());
        }
        Err(self.google.refused(&answer, &EMPTY))
    }

    /// Buckets: delete.
    async fn delete(&mut self) -> Result<Removal, Trouble> {
        let answer = self.google.ask(&Method::DELETE, &self.url("", &[]), None).await?;
        if answer.status.is_success() || Refusal::of(&answer).is_missing() {
            self.found = None;
            return Ok(Removal::Done);
        }
        if answer.status != StatusCode::CONFLICT {
            return Err(self.google.refused(&answer, &DELETE));
        }
        // Somebody has just put something there.
        if !std::mem::replace(&mut self.removal.looked_empty, true) {
            return Ok(self.going());
        }
        let message = "it cannot be deleted: Google says that it is not empty, and lists nothing in it; look for managed \
                       folders and for whoever writes to it";
        Err(Trouble::new("BucketNotEmpty", format!("{}: {message}", self.google.subject)))
    }
}
