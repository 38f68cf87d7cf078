//! Tags of Resource Manager
//! (<https://cloud.google.com/resource-manager/reference/rest/v3/tagBindings>).

use super::Bucket;
use super::refusal::Refusal;
use super::settings::failed;
use super::step::{BIND_TAG, LIST_TAGS};
use crate::execute::storage::driver::Setting;
use crate::execute::storage::trouble::Trouble;
use crate::inputs::Fact;
use crate::net::pairs;
use http::Method;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

const TAGGED: &str = "StorageTagged";
/// The most that a page may hold.
const PAGE: &str = "300";
/// Ten a second are allowed (the reference keeps to eight).
const PACE: Duration = Duration::from_millis(125);
/// How often an operation is looked at until it is left to the next time, and how long after the last look.
const LOOKS: u32 = 10;
const LOOK_AFTER: Duration = Duration::from_secs(1);
/// `ALREADY_EXISTS` of google.rpc.Code.
const ALREADY_EXISTS: i64 = 6;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    effective_tags: Vec<Effective>,
    #[serde(default)]
    next_page_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Effective {
    #[serde(default)]
    namespaced_tag_value: String,
}

#[derive(Deserialize)]
struct Operation {
    #[serde(default)]
    name: String,
    #[serde(default)]
    done: bool,
    error: Option<Status>,
}

/// `google.rpc.Status`.
#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
}

impl Bucket {
    /// Binds the tags that are not in effect. Without any there is nothing to say, and nothing is asked.
    pub(super) async fn tag(&mut self) -> Option<Setting> {
        if self.medium.tags.is_empty() {
            return None;
        }
        Some(match self.bind_missing().await {
            Ok(bound) => {
                let message = format!("Tags are bound to GCS bucket {}", self.medium.bucket);
                let fact = Fact::new(TAGGED, true, "SuccessTaggingBucket", message);
                Setting { fact, changed: (bound > 0).then_some("tags"), again: false }
            }
            // The reference's word for all that can go wrong; the message says what it is.
            Err(trouble) => failed(TAGGED, Trouble::new("ErrorTaggingBucket", trouble.message)),
        })
    }

    /// Says how many tags were bound. One that fails does not keep the others from being bound.
    async fn bind_missing(&self) -> Result<usize, Trouble> {
        let effective = self.effective_tags().await?;
        let mut outcome = Ok(0);
        for tag in self.medium.tags.iter().filter(|tag| !effective.contains(*tag)) {
            let bound = self.bind(tag).await;
            outcome = match (outcome, bound) {
                (Ok(so_far), Ok(())) => Ok(so_far + 1),
                (Err(first), _) => Err(first),
                (Ok(_), Err(trouble)) => Err(trouble),
            };
            tokio::time::sleep(PACE).await;
        }
        outcome
    }

    /// EffectiveTags: list. Those of the project and above are among them.
    async fn effective_tags(&self) -> Result<BTreeSet<String>, Trouble> {
        let mut tags = BTreeSet::new();
        let mut token = String::new();
        loop {
            let parent = self.full_name();
            let mut query = vec![("parent", parent.as_str()), ("pageSize", PAGE)];
            if !token.is_empty() {
                query.push(("pageToken", &token));
            }
            let url = self.resource_manager(&format!("v3/effectiveTags?{}", pairs(&query)));
            let answer = self.google.ask(&Method::GET, &url, None).await?;
            let page: Page = self.google.done(&answer, &LIST_TAGS)?;
            tags.extend(page.effective_tags.into_iter().map(|tag| tag.namespaced_tag_value));
            token = page.next_page_token;
            if token.is_empty() {
                return Ok(tags);
            }
        }
    }

    /// TagBindings: create.
    async fn bind(&self, tag: &str) -> Result<(), Trouble> {
        let body = json!({ "parent": self.full_name(), "tagValueNamespacedName": tag });
        let url = self.resource_manager("v3/tagBindings");
        let answer = self.google.ask(&Method::POST, &url, Some(&body)).await?;
        let refusal = Refusal::of(&answer);
        // 409 is also what is said of changes that got into each other's way.
        if refusal.status == 409 && refusal.reason != "ABORTED" {
            return Ok(());
        }
        let about = |trouble: Trouble| Trouble::new(&trouble.reason, format!("{} (tag {tag})", trouble.message));
        let operation = self.google.done(&answer, &BIND_TAG).map_err(about)?;
        self.finished(operation).await.map_err(about)
    }

    /// Waits until the operation has come to its end.
    async fn finished(&self, mut operation: Operation) -> Result<(), Trouble> {
        let subject = &self.google.subject;
        for _ in 0..LOOKS {
            match &operation {
                Operation { error: Some(status), .. } if status.code != ALREADY_EXISTS => {
                    let said = crate::execute::storage::trouble::quoted(&status.message);
                    let message = format!("{subject}: a tag cannot be bound: {said}; {}", BIND_TAG.on_invalid);
                    return Err(Trouble::new("ErrorTaggingBucket", message));
                }
                Operation { done: true, .. } => return Ok(()),
                Operation { name, .. } => {
                    tokio::time::sleep(LOOK_AFTER).await;
                    let url = self.resource_manager(&format!("v3/{name}"));
                    let answer = self.google.ask(&Method::GET, &url, None).await?;
                    operation = self.google.done::<Operation>(&answer, &BIND_TAG)?;
                }
            }
        }
        Err(Trouble::new("ErrorTaggingBucket", format!("{subject}: binding a tag takes long; it is looked at again")))
    }

    fn full_name(&self) -> String {
        format!("//storage.googleapis.com/projects/_/buckets/{}", self.medium.bucket)
    }

    /// Tags of a bucket are at the Resource Manager of the place where the bucket is.
    fn resource_manager(&self, path: &str) -> String {
        let found = self.found.as_ref().map_or("", |found| found.location.as_str());
        let location = if found.is_empty() { &self.medium.region } else { found };
        self.google.url(&format!("{}-cloudresourcemanager", location.to_ascii_lowercase()), path)
    }
}
