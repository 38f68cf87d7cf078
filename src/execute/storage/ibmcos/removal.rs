//! Emptying the bucket, deleting it, and then what the operator created for it.

use super::Bucket;
use super::cloud::Call;
use super::instance::Instance;
use super::refusal::Refusal;
use super::step::{DELETE, DELETE_INSTANCE, DELETE_KEY, EMPTY, GET_INSTANCE, LIST, Step};
use super::xml::{self, Deleted, Upload, Uploads, Version, Versions};
use crate::execute::storage::driver::Removal;
use crate::execute::storage::trouble::Trouble;
use crate::net::{Answer, encode_path, pairs};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use md5::{Digest, Md5};

/// So many versions are deleted by one request (the S3 API allows no more).
const PAGE: &str = "1000";

/// How far a removal is.
#[derive(Default)]
pub(super) struct Progress {
    deleted: usize,
    /// Whether nothing was in the bucket and it could not be deleted all the same.
    looked_empty: bool,
    is_deleted: bool,
}

impl Bucket {
    /// Deletes a part of what is in the bucket, then the bucket, then key and service instance.
    pub(super) async fn remove_some(&mut self) -> Result<Removal, Trouble> {
        if !self.removal.is_deleted && !self.empty().await? {
            let (deleted, bucket) = (self.removal.deleted, &self.medium.bucket);
            let how_far = format!("IBM COS bucket {bucket} is emptied: {deleted} objects and versions are deleted");
            return Ok(Removal::Going(how_far));
        }
        self.removal.is_deleted = true;
        let left = self.remove_resources().await?;
        self.removal = Progress::default();
        (self.instance, self.key) = (None, None);
        Ok(left.map_or(Removal::Done, Removal::DoneExcept))
    }

    /// Whether the bucket is gone.
    async fn empty(&mut self) -> Result<bool, Trouble> {
        let Some(answer) = self.content(&[("versions", ""), ("max-keys", PAGE)]).await? else { return Ok(true) };
        let versions = self.parsed::<Versions>(&answer, &LIST)?.all();
        if !versions.is_empty() {
            self.delete_versions(&versions).await?;
            return Ok(false);
        }
        let Some(answer) = self.content(&[("uploads", "")]).await? else { return Ok(true) };
        let uploads: Uploads = self.parsed(&answer, &LIST)?;
        for upload in &uploads.upload {
            self.abort(upload).await?;
        }
        if uploads.upload.is_empty() { self.delete().await } else { Ok(false) }
    }

    /// A part of the content; none if there is no bucket.
    async fn content(&self, query: &[(&str, &str)]) -> Result<Option<Answer>, Trouble> {
        let url = format!("{}?{}", self.url(), pairs(query));
        let answer = self.cloud.ask(&Call::new(Method::GET, url, &LIST)).await?;
        if answer.status.as_u16() == 404 {
            return Ok(None);
        }
        self.cloud.done(&answer, &LIST)?;
        Ok(Some(answer))
    }

    async fn delete_versions(&mut self, versions: &[Version]) -> Result<(), Trouble> {
        let body = xml::delete(versions);
        let call = Call::new(Method::POST, format!("{}?delete=", self.url()), &EMPTY)
            .header("content-md5", STANDARD.encode(Md5::digest(body.as_bytes())))
            .body(body);
        let answer = self.cloud.ask(&call).await?;
        self.cloud.done(&answer, &EMPTY)?;
        let deleted: Deleted = self.parsed(&answer, &EMPTY)?;
        self.removal.looked_empty = false;
        self.removal.deleted += versions.len().saturating_sub(deleted.error.len());
        match deleted.error.into_iter().find(|error| error.code != "NoSuchKey") {
            None => Ok(()),
            Some(error) => {
                let refusal = Refusal { status: 403, code: error.code, message: error.message };
                Err(refusal.trouble(&self.cloud.words, &EMPTY))
            }
        }
    }

    async fn abort(&self, upload: &Upload) -> Result<(), Trouble> {
        let Upload { key, upload_id } = upload;
        let url = format!("{}/{}?{}", self.url(), encode_path(key), pairs(&[("uploadId", upload_id)]));
        let answer = self.cloud.ask(&Call::new(Method::DELETE, url, &EMPTY)).await?;
        if answer.status.as_u16() == 404 { Ok(()) } else { self.cloud.done(&answer, &EMPTY) }
    }

    /// Deletes the bucket; whether it is gone. What was written meanwhile is deleted first.
    async fn delete(&mut self) -> Result<bool, Trouble> {
        let answer = self.cloud.ask(&Call::new(Method::DELETE, self.url(), &DELETE)).await?;
        let refusal = Refusal::of(&answer);
        if answer.status.is_success() || refusal.is_missing() {
            return Ok(true);
        }
        if answer.status.as_u16() != 409 || self.removal.looked_empty {
            return Err(refusal.trouble(&self.cloud.words, &DELETE));
        }
        self.removal.looked_empty = true;
        Ok(false)
    }

    /// Deletes key and service instance if the operator made them and nobody else uses them; else says what is left.
    async fn remove_resources(&mut self) -> Result<Option<String>, Trouble> {
        let Some(instance) = (match self.instance.take() {
            Some(instance) => Some(instance),
            None => self.find_instance().await?,
        }) else {
            return Ok(None);
        };
        // Kept for the next attempt, if this one comes to nothing.
        self.instance = Some(instance.clone());
        let (name, crn) = (&self.medium.instance_name, &instance.crn);
        let left = |why: &str| Ok(Some(format!("service instance {crn} is left with its resource keys: {why}")));
        if !instance.is_ours(name) || !self.medium.may_replace_instance {
            return left("it is not one that the operator created");
        }
        let buckets = self.buckets(&instance).await?;
        let others = buckets.iter().filter(|bucket| bucket.name != self.medium.bucket).count();
        if others > 0 {
            return left(&format!("it holds {others} more buckets"));
        }
        let keys = self.keys(&instance).await?;
        let is_given = |crn: &str| !self.medium.may_replace_key && self.medium.resource_key_crn.as_deref() == Some(crn);
        if keys.iter().any(|key| key.name != *name || is_given(&key.crn)) {
            return left("it has resource keys that are not the operator's");
        }
        for key in &keys {
            let url = format!("{}/{}", self.controller("resource_keys"), key.guid);
            if let Some(refusal) = self.delete_resource(url, &DELETE_KEY).await? {
                return left(&refusal);
            }
        }
        let url = format!("{}/{}", self.controller("resource_instances"), instance.guid);
        match self.delete_resource(url, &DELETE_INSTANCE).await? {
            Some(refusal) if !self.is_deleted(&instance).await? => {
                Ok(Some(format!("service instance {crn} is left: {refusal}")))
            }
            _ => Ok(None),
        }
    }

    /// Deletes a resource; gives what there is against it for good.
    async fn delete_resource(&self, url: String, step: &Step) -> Result<Option<String>, Trouble> {
        let answer = self.cloud.ask(&Call::new(Method::DELETE, url, step)).await?;
        let refusal = Refusal::of(&answer);
        if answer.status.is_success() || refusal.is_missing() {
            return Ok(None);
        }
        let trouble = refusal.trouble(&self.cloud.words, step);
        let is_final = matches!(refusal.status, 400 | 403 | 409 | 422);
        if is_final { Ok(Some(trouble.message)) } else { Err(trouble) }
    }

    /// A deletion whose answer was lost is refused when it is asked for again.
    async fn is_deleted(&self, instance: &Instance) -> Result<bool, Trouble> {
        let url = self.controller("resource_instances");
        let now: Option<Instance> = self.cloud.get(&url, &instance.crn, &GET_INSTANCE).await?;
        Ok(now.is_none_or(|now| now.is_gone()))
    }
}
