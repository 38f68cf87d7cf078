//! IBM Cloud Object Storage: a bucket in a service instance, and a resource key with an HMAC pair for the registry.
//!
//! Buckets bear no tags there, and a service instance's tags are not told by the Resource Controller. So a service
//! instance is the operator's by its name, which is derived from the infrastructure name; a bucket is, if it is in such
//! an instance. Of a bucket in an instance that the user named, only Config tells whose it is.

mod cloud;
mod controller;
mod instance;
mod key;
mod objects;
mod refusal;
mod removal;
mod step;
mod token;
mod words;
mod xml;

use super::driver::{Driver, Mark, Removal, Seen, Setting};
use super::trouble::Trouble;
use crate::api::secret::Secret;
use crate::inputs::{Fact, Inputs, Told};
use crate::net::Network;
use crate::render::names::NAMESPACE;
use crate::render::storage::action::IbmCosBucket;
use cloud::Cloud;
use instance::Instance;
use key::Key;
use removal::Progress;
use words::{Words, place};

/// The medium.
pub(super) struct Bucket {
    medium: IbmCosBucket,
    cloud: Cloud,
    /// The id of the resource group, once it is known.
    group: Option<String>,
    /// What was found, so that a look is one request.
    instance: Option<Instance>,
    key: Option<Key>,
    removal: Progress,
}

impl Bucket {
    /// Opens it.
    ///
    /// # Errors
    /// There is no API key, or the network cannot be used.
    pub(super) fn open(medium: &IbmCosBucket, inputs: &Inputs, network: &Network) -> Result<Self, Trouble> {
        let words = Words::of(medium);
        let (secret, key) = place(medium.credentials);
        let secret = inputs.objects.secret(NAMESPACE, secret);
        let api_key = secret.and_then(|secret| secret.data.get(key)).map(|value| value.expose());
        let api_key = api_key.and_then(|value| std::str::from_utf8(value).ok()).map(str::trim).unwrap_or_default();
        if api_key.is_empty() {
            let matter = format!("there is no API key; put one into {}", words.secret);
            return Err(words.trouble("InvalidCredentials", &matter));
        }
        let cloud = Cloud::new(medium, Secret::from(api_key.to_owned()), network)?;
        let medium = medium.clone();
        Ok(Bucket { medium, cloud, group: None, instance: None, key: None, removal: Progress::default() })
    }

    /// The service instance, which a bucket that was found has.
    async fn instance(&mut self) -> Result<Instance, Trouble> {
        if self.instance.is_none() {
            self.instance = self.find_instance().await?;
        }
        self.instance.clone().ok_or_else(|| self.cloud.words.elsewhere(None))
    }

    /// Why a bucket may not be looked at: a name can be somebody else's.
    async fn forbidden(&self, refusal: refusal::Refusal) -> Trouble {
        let Some(instance) = &self.instance else { return self.cloud.words.taken() };
        match self.listed(instance).await {
            Ok(None) => self.cloud.words.taken(),
            Ok(Some(_)) => refusal.trouble(&self.cloud.words, &step::LOOK),
            Err(trouble) => trouble,
        }
    }
}

impl Driver for Bucket {
    async fn look(&mut self) -> Result<Seen, Trouble> {
        if self.instance.is_none() {
            self.instance = self.find_instance().await?;
        }
        match self.head().await? {
            None if self.instance.is_none() => Err(self.cloud.words.elsewhere(None)),
            None => Ok(Seen::Found),
            Some(refusal) if refusal.is_missing() => Ok(Seen::Missing),
            Some(refusal) if refusal.status == 403 => Err(self.forbidden(refusal).await),
            Some(refusal) => Err(refusal.trouble(&self.cloud.words, &step::LOOK)),
        }
    }

    async fn mark(&mut self) -> Result<Mark, Trouble> {
        let instance = self.instance().await?;
        match self.listed(&instance).await? {
            None => Err(self.cloud.words.elsewhere(Some(&instance.crn))),
            Some(_) if instance.is_ours(&self.medium.instance_name) => Ok(Mark::Ours),
            Some(_) => Ok(Mark::Unsupported),
        }
    }

    async fn create(&mut self) -> Result<(), Trouble> {
        // Looked for anew: it may have gone since.
        let instance = self.ensure_instance().await?;
        self.instance = Some(instance.clone());
        self.key = Some(self.ensure_key(&instance).await?);
        self.put(&instance).await
    }

    /// There is nothing to set: buckets take no tags, nothing is public unless somebody allows it, and everything is
    /// encrypted at rest.
    async fn settle(&mut self) -> Result<Vec<Setting>, Trouble> {
        let message = "IBM Cloud Object Storage encrypts everything that it stores";
        let fact = Fact::new("StorageEncrypted", true, "EncryptedByService", message);
        Ok(vec![Setting { fact, changed: None, again: false }])
    }

    async fn tell(&mut self) -> Result<Told, Trouble> {
        let instance = self.instance().await?;
        if self.key.is_none() {
            self.key = Some(self.ensure_key(&instance).await?);
        }
        let key = self.key.as_ref();
        let given = &self.medium.resource_group_name;
        let group = if given.is_empty() {
            let manager = &self.medium.resource_manager_endpoint;
            self.cloud.group_name(manager, &instance.resource_group_id).await?
        } else {
            Some(given.clone())
        };
        Ok(Told {
            service_instance_crn: Some(instance.crn),
            resource_key_crn: key.map(|key| key.crn.clone()),
            resource_group_name: group,
            ibmcos_credentials: key.and_then(Key::ini),
            ..Told::default()
        })
    }

    async fn remove(&mut self) -> Result<Removal, Trouble> {
        self.remove_some().await
    }
}

/// Reads an answer in every way there is, for the fuzzing of parsers.
pub(super) fn read_answer(answer: &crate::net::Answer) {
    drop((refusal::Refusal::of(answer), xml::parse::<xml::Versions>(&answer.text())));
    drop(xml::parse::<xml::Buckets>(&answer.text()));
}

/// Reads bytes as credentials, for the fuzzing of parsers.
pub(super) fn read_credentials(bytes: &[u8]) {
    drop(token::account(&String::from_utf8_lossy(bytes).into_owned().into()));
}
