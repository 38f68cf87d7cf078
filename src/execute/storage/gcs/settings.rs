//! Labels and the default key.

use super::step::{ENCRYPT, LABEL, Step};
use super::{Bucket, FIELDS, labels};
use crate::execute::storage::driver::Setting;
use crate::execute::storage::trouble::Trouble;
use crate::inputs::Fact;
use http::Method;
use serde_json::{Value, json};

const LABELED: &str = "StorageLabeled";
const ENCRYPTED: &str = "StorageEncrypted";

impl Bucket {
    /// Sets the labels that the bucket lacks; others stay.
    pub(super) async fn label(&mut self) -> Setting {
        let (wanted, others) = labels::usable(&self.medium.labels);
        let found = self.found.as_ref().map(|found| found.labels.clone()).unwrap_or_default();
        let missing = labels::missing(&wanted, &found);
        let others = others.join(", ");
        let patch = (!missing.is_empty()).then(|| json!({ "labels": missing }));
        let changed = match self.patch(patch, &LABEL).await {
            Ok(changed) => changed,
            Err(trouble) => return failed(LABELED, trouble),
        };
        let fact = if others.is_empty() {
            let message = format!("Labels are set on GCS bucket {}", self.medium.bucket);
            Fact::new(LABELED, true, "BucketLabeledSuccessfully", message)
        } else {
            let message = format!(
                "{}: Google does not accept the labels {others}, so that they are not set; correct the resourceLabels \
                 of the platform in Infrastructure/cluster",
                self.google.subject
            );
            Fact::new(LABELED, false, "InvalidLabels", message)
        };
        Setting { fact, changed: changed.then_some("labels"), again: false }
    }

    /// Sets the default key if there is to be one.
    pub(super) async fn encrypt(&mut self) -> Option<Setting> {
        let key = self.medium.kms_key.clone()?;
        let is_set =
            |bucket: &Bucket| bucket.found.as_ref().is_some_and(|found| found.encryption.default_kms_key_name == key);
        let patch = (!is_set(self)).then(|| json!({ "encryption": { "defaultKmsKeyName": key } }));
        let changed = match self.patch(patch, &ENCRYPT).await {
            Ok(changed) => changed,
            Err(trouble) => return Some(failed(ENCRYPTED, trouble)),
        };
        let (bucket, subject) = (&self.medium.bucket, &self.google.subject);
        let fact = if is_set(self) {
            let message = format!("GCS bucket {bucket} encrypts with key {key} by default");
            Fact::new(ENCRYPTED, true, "EncryptionSuccessful", message)
        } else {
            let message = format!("{subject}: its default key is another one than was set; it is set again");
            Fact::new(ENCRYPTED, false, "EncryptionFailed", message)
        };
        let again = fact.holds != Some(true);
        Some(Setting { fact, changed: changed.then_some("default key"), again })
    }

    /// Buckets: patch. Says whether there was anything to do.
    async fn patch(&mut self, patch: Option<Value>, step: &Step) -> Result<bool, Trouble> {
        let Some(patch) = patch else { return Ok(false) };
        let url = self.url("", &[("projection", "noAcl"), ("fields", FIELDS)]);
        let answer = self.google.ask(&Method::PATCH, &url, Some(&patch)).await?;
        self.found = Some(self.google.done(&answer, step)?);
        Ok(true)
    }
}

/// Whatever stands in the way may be put right at Google's, without a trace here.
pub(super) fn failed(type_: &'static str, trouble: Trouble) -> Setting {
    Setting { fact: Fact::new(type_, false, &trouble.reason, trouble.message), changed: None, again: true }
}
