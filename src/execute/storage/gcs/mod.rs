//! Google Cloud Storage, by its JSON API (<https://cloud.google.com/storage/docs/json_api>).
//!
//! One request tells all there is to know of a bucket; the steps after it take that as it is.

mod federation;
mod google;
mod jwt;
mod key_file;
mod labels;
mod refusal;
mod removal;
mod settings;
mod step;
mod tags;
mod token;

use super::driver::{Driver, Mark, Removal, Seen, Setting};
use super::trouble::Trouble;
use crate::inputs::{Inputs, Told};
use crate::net::{Network, encode, pairs};
use crate::render::storage::action::{GcsBucket, Medium};
use google::Google;
use http::{Method, StatusCode};
use refusal::Refusal;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// What is asked of a bucket.
const FIELDS: &str = "name,location,labels,encryption";
/// For everything about buckets and objects.
const STORAGE_SCOPE: &str = "https://www.googleapis.com/auth/devstorage.full_control";
/// For tags.
const PLATFORM_SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// The medium.
pub(super) struct Bucket {
    // On the heap, since this is one of several kinds of drivers.
    medium: Box<GcsBucket>,
    google: Box<Google>,
    /// What the last answer said of it; none if it was not there.
    found: Option<Resource>,
    removal: removal::Progress,
}

/// A bucket as Google describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    /// In capitals.
    #[serde(default)]
    location: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    encryption: Encryption,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Encryption {
    #[serde(default)]
    default_kms_key_name: String,
}

impl Bucket {
    /// Opens it.
    ///
    /// # Errors
    /// A key file or a network that cannot be used.
    pub(super) fn open(medium: &GcsBucket, inputs: &Inputs, network: &Network) -> Result<Self, Trouble> {
        let subject = Medium::Gcs(medium.clone()).to_string();
        let file = key_file::read(medium.credentials, inputs);
        let file = file.map_err(|why| Trouble::new("InvalidCredentials", format!("{subject}: {why}")))?;
        let scopes =
            if medium.tags.is_empty() { STORAGE_SCOPE.to_owned() } else { format!("{STORAGE_SCOPE} {PLATFORM_SCOPE}") };
        let google = Google::new(file, scopes, subject, network)?;
        Ok(Bucket {
            medium: Box::new(medium.clone()),
            google: Box::new(google),
            found: None,
            removal: removal::Progress::default(),
        })
    }

    /// The URL of the bucket, or of what is below it, with that query.
    fn url(&self, below: &str, query: &[(&str, &str)]) -> String {
        let path = format!("storage/v1/b/{}{below}", encode(&self.medium.bucket));
        let query = pairs(query);
        let mark = if query.is_empty() { "" } else { "?" };
        self.google.url("storage", &format!("{path}{mark}{query}"))
    }

    /// Buckets: get.
    async fn read(&mut self) -> Result<(), Trouble> {
        self.found = None;
        let url = self.url("", &[("projection", "noAcl"), ("fields", FIELDS)]);
        let answer = self.google.ask(&Method::GET, &url, None).await?;
        if !Refusal::of(&answer).is_missing() {
            self.found = Some(self.google.done(&answer, &step::LOOK)?);
        }
        Ok(())
    }

    /// What is known of the bucket, which is asked for if nothing is.
    async fn resource(&mut self) -> Result<Resource, Trouble> {
        if self.found.is_none() {
            self.read().await?;
        }
        self.found.clone().ok_or_else(|| {
            let message = format!("{}: it has gone; it is looked for again", self.google.subject);
            Trouble::new("NotFound", message)
        })
    }

    /// Somebody has a bucket of this name; it may be the one that was asked for before the answer got lost.
    async fn take_over(&mut self) -> Result<(), Trouble> {
        let why = match self.read().await.map(|()| self.found.as_ref()) {
            Ok(Some(found)) => match labels::mark(&self.medium.labels, &found.labels) {
                Mark::Ours => return Ok(()),
                Mark::Others(owner) => format!("it belongs to cluster {owner}"),
                Mark::None | Mark::Unsupported => "somebody else has just created it".to_owned(),
            },
            Ok(None) => "somebody is just creating or deleting it".to_owned(),
            // Who may create but not look at it does not own it.
            Err(trouble) if trouble.reason == "Forbidden" => {
                "the name, which can be given but once in the whole cloud, is taken by another project".to_owned()
            }
            Err(trouble) => return Err(trouble),
        };
        let message = format!(
            "{}: it cannot be created: {why}; set another name in spec.storage.gcs.bucket of Config/cluster",
            self.google.subject
        );
        Err(Trouble::new("NameTaken", message))
    }
}

impl Driver for Bucket {
    async fn look(&mut self) -> Result<Seen, Trouble> {
        self.read().await?;
        Ok(if self.found.is_some() { Seen::Found } else { Seen::Missing })
    }

    async fn mark(&mut self) -> Result<Mark, Trouble> {
        let found = self.resource().await?;
        Ok(labels::mark(&self.medium.labels, &found.labels))
    }

    /// Neither uniform access nor prevention of public access is set, as with the reference: who manages these settings
    /// needs `storage.buckets.setIamPolicy`, and the policies of organizations set them anyway. Nothing is public unless
    /// somebody says so.
    async fn create(&mut self) -> Result<(), Trouble> {
        let GcsBucket { bucket, project_id, region, kms_key, .. } = &*self.medium;
        if project_id.is_empty() {
            let message = "it cannot be created without a project; set spec.storage.gcs.projectID of Config/cluster";
            return Err(Trouble::new("ProjectUnknown", format!("{}: {message}", self.google.subject)));
        }
        let (labels, _) = labels::usable(&self.medium.labels);
        let mut body = json!({ "name": bucket, "labels": labels });
        if !region.is_empty() {
            body["location"] = json!(region);
        }
        if let Some(key) = kms_key {
            body["encryption"] = json!({ "defaultKmsKeyName": key });
        }
        let query = pairs(&[("project", project_id), ("projection", "noAcl"), ("fields", FIELDS)]);
        let url = self.google.url("storage", &format!("storage/v1/b?{query}"));
        let answer = self.google.ask(&Method::POST, &url, Some(&body)).await?;
        if answer.status == StatusCode::CONFLICT {
            return self.take_over().await;
        }
        self.found = Some(self.google.done(&answer, &step::CREATE)?);
        Ok(())
    }

    async fn settle(&mut self) -> Result<Vec<Setting>, Trouble> {
        self.resource().await?;
        let mut settings = vec![self.label().await];
        settings.extend(self.encrypt().await);
        settings.extend(self.tag().await);
        Ok(settings)
    }

    async fn tell(&mut self) -> Result<Told, Trouble> {
        Ok(Told::default())
    }

    async fn remove(&mut self) -> Result<Removal, Trouble> {
        self.empty().await
    }
}

/// Reads an answer in every way there is, for the fuzzing of parsers.
pub(super) fn read_answer(answer: &crate::net::Answer) {
    drop((refusal::Refusal::of(answer), refusal::of_impersonation(answer, ""), token::granted(answer, "")));
}

/// Reads bytes as credentials, for the fuzzing of parsers.
pub(super) fn read_credentials(bytes: &[u8]) {
    drop(key_file::parse(bytes));
}
