//! Buckets at Amazon S3 and what speaks its protocol (Amazon S3 API reference, 2006-03-01).

mod answers;
mod credentials;
mod encryption;
mod endpoint;
mod ini;
mod lifecycle;
mod objects;
mod presence;
mod public_access;
mod removal;
mod service;
mod setting;
mod tags;
mod words;

use super::driver::{Driver, Mark, Removal, Seen, Setting};
use super::trouble::Trouble;
use crate::inputs::{Inputs, Told};
use crate::net::{Http, Limits, Network, Trust};
use crate::render::storage::action::S3Bucket;
use crate::render::storage::{s3_credentials, trust};
use credentials::Access;
use endpoint::Place;
use service::Service;
use words::Words;

/// A bucket, and what was learnt of it.
pub(super) struct Bucket {
    bucket: S3Bucket,
    service: Box<Service>,
    /// Whether it encrypts by default, as far as its settings were looked at.
    is_encrypted: bool,
}

impl Bucket {
    /// Opens it.
    ///
    /// # Errors
    /// Credentials, CAs or an endpoint that cannot be used.
    pub(super) fn open(bucket: &S3Bucket, inputs: &Inputs, network: &Network) -> Result<Self, Trouble> {
        let words = Words::of(bucket);
        let unusable = |why: String| words.unusable(&why);
        let cas = match bucket.trusted_ca.as_deref() {
            Some(name) => Some(trust::of_user(inputs, name).map_err(|problem| unusable(problem.to_string()))?),
            None => trust::cloud(inputs).filter(|bundle| bundle.contains("BEGIN CERTIFICATE")).cloned(),
        };
        let trust = match &cas {
            Some(cas) if bucket.trusted_ca.is_some() => Trust::Only(cas),
            Some(cas) => Trust::Also(cas),
            None => Trust::System,
        };
        // The token service is not behind the user's endpoint, so that the user's CAs alone may not do for it.
        let for_tokens = cas.as_deref().map_or(Trust::System, Trust::Also);
        let found = s3_credentials::find(inputs).map_err(|problem| unusable(problem.to_string()))?;
        let ini = found.ini.text().ok_or_else(|| unusable("the credentials file is no text".to_owned()))?;
        let for_tokens = || Http::new(network, for_tokens, Limits::CONTROL);
        let access = Access::from_ini(ini, bucket, for_tokens)
            .map_err(|why| unusable(format!("the credentials file cannot be used: {why}")))?;
        let service = Box::new(Service {
            place: Place::of(bucket).map_err(&unusable)?,
            region: bucket.region.clone(),
            is_custom: bucket.endpoint.is_some(),
            http: Http::new(network, trust, Limits::CONTROL).map_err(&unusable)?,
            access,
            words,
        });
        Ok(Bucket { bucket: bucket.clone(), service, is_encrypted: false })
    }

    /// This cluster's tag: the first of the bucket's.
    fn cluster_tag(&self) -> &str {
        self.bucket.tags.first().map_or("", |tag| tag.key.as_str())
    }
}

impl Driver for Bucket {
    async fn look(&mut self) -> Result<Seen, Trouble> {
        presence::look(&self.service).await
    }

    async fn mark(&mut self) -> Result<Mark, Trouble> {
        tags::mark(&self.service, self.cluster_tag()).await
    }

    async fn create(&mut self) -> Result<(), Trouble> {
        presence::create(&self.service, self.cluster_tag()).await
    }

    async fn settle(&mut self) -> Result<Vec<Setting>, Trouble> {
        let Bucket { bucket, service, .. } = self;
        let public_access = setting::within(service, &public_access::SUBJECT, public_access::settle(service)).await;
        let tags = setting::within(service, &tags::SUBJECT, tags::settle(service, &bucket.tags)).await;
        let mut is_encrypted = false;
        let key = bucket.kms_key.as_deref();
        let encryption = encryption::settle(service, key, &mut is_encrypted);
        let encryption = setting::within(service, &encryption::SUBJECT, encryption).await;
        let lifecycle = setting::within(service, &lifecycle::SUBJECT, lifecycle::settle(service)).await;
        self.is_encrypted = is_encrypted;
        Ok(vec![public_access, tags, encryption, lifecycle])
    }

    async fn tell(&mut self) -> Result<Told, Trouble> {
        Ok(Told { encrypted: self.is_encrypted, ..Told::default() })
    }

    async fn remove(&mut self) -> Result<Removal, Trouble> {
        removal::step(&self.service).await
    }
}

/// Reads an answer in every way there is, for the fuzzing of parsers.
pub(super) fn read_answer(answer: &crate::net::Answer) {
    drop((answers::Refusal::of(answer), objects::items(answer), objects::uploads(answer), objects::left(answer)));
    drop(lifecycle::with_rule(&answer.text()));
}

/// Reads bytes as credentials, for the fuzzing of parsers.
pub(super) fn read_credentials(bytes: &[u8]) {
    drop(ini::default_profile(&String::from_utf8_lossy(bytes)));
}
