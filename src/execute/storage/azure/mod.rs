//! A container in a storage account.
//!
//! With a user's account key nothing is known but the container. With an identity the account is the Resource
//! Manager's, and the container is reached by the account's key or, with workload identity, by tokens. An account is
//! ours by its tag, a container by its metadata.

mod access;
mod account;
mod blob;
mod creation;
mod keys;
mod manager;
mod private_endpoint;
mod refusal;
mod removal;
mod settings;
mod virtual_network;

pub use keys::key_cache_requests;

use super::driver::{Driver, Mark, Removal, Seen, Setting};
use super::trouble::Trouble;
use crate::inputs::{Inputs, Told};
use crate::net::{Answer, Http, Limits, Network, Trust};
use crate::render::storage::action::{AzureContainer, Medium};
use crate::render::storage::azure_cloud;
use access::Access;
use account::Account;
use blob::{Blob, Signer};
use refusal::Refusal;
use std::sync::Arc;
use virtual_network::Place;

/// What stands for the code of an account that is not in the resource group.
const NO_ACCOUNT: &str = "StorageAccountNotFound";

/// The medium.
pub(super) struct Container {
    medium: AzureContainer,
    /// What messages begin with.
    subject: String,
    /// The infrastructure's name; empty if it is not known.
    cluster: String,
    /// The end of the host name of every storage account.
    suffix: String,
    access: Access,
    blob: Blob,
    /// Whether the account is there, as far as this driver has seen.
    knows_account: bool,
    /// The container of the last look, with the cluster that its metadata names.
    found: Option<Option<String>>,
    /// Where the private endpoint is.
    place: Option<Place>,
}

impl Container {
    /// Opens it.
    ///
    /// # Errors
    /// Credentials that are incomplete, or an unknown cloud.
    pub(super) fn open(medium: &AzureContainer, inputs: &Inputs, network: &Network) -> Result<Self, Trouble> {
        let cloud = azure_cloud::by_name(inputs, &medium.cloud_name)
            .map_err(|problem| Trouble::new("AzureCloudUnknown", problem.to_string()))?;
        let http = Http::new(network, Trust::System, Limits::CONTROL);
        let http = Arc::new(http.map_err(|why| Trouble::new("NetworkUnusable", why))?);
        let access = Access::open(medium, inputs, &cloud, &http)?;
        let mark = medium.tags.first().and_then(|tag| tag.key.strip_prefix(account::OWNER));
        Ok(Container {
            subject: Medium::Azure(medium.clone()).to_string(),
            cluster: mark.unwrap_or_default().to_owned(),
            blob: Blob::new(&medium.account_name, &medium.container, &cloud.storage_suffix, http),
            suffix: cloud.storage_suffix,
            medium: medium.clone(),
            access,
            knows_account: false,
            found: None,
            place: None,
        })
    }

    /// Asks for something about the container. A key that is refused is asked for again, once.
    async fn ask(&mut self, method: &'static str, owner: Option<&str>) -> Result<Answer, Refusal> {
        let minted = match &mut self.access {
            Access::UserKey(key) => return self.blob.container(method, owner, Signer::Key(key)).await,
            Access::Identity(minted) => minted,
        };
        if let Some(tokens) = &minted.tokens {
            return self.blob.container(method, owner, Signer::Tokens(tokens)).await;
        }
        let mut first = true;
        loop {
            let Some(key) = minted.key(&self.medium.account_name).await? else { return Err(no_account()) };
            match self.blob.container(method, owner, Signer::Key(&key)).await {
                Err(refusal) if first && refusal.code() == "AuthenticationFailed" => minted.keys.forget(),
                result => return result,
            }
            first = false;
        }
    }

    /// Whether there is certainly no such account. One in another resource group can be used by tokens.
    async fn lacks_account(&self) -> Result<bool, Trouble> {
        let Access::Identity(minted) = &self.access else { return Ok(false) };
        if minted.tokens.is_none() || self.knows_account {
            return Ok(false);
        }
        match minted.account(&self.medium.account_name).await {
            Ok(Some(_)) => Ok(false),
            Ok(None) => Ok(minted.name(&self.medium.account_name).await != Ok(account::Name::Taken)),
            // An identity with rights to the container alone needs no more.
            Err(refusal) if refusal.status() == 403 => Ok(false),
            Err(refusal) => Err(refusal.trouble(&self.subject, "its account cannot be read")),
        }
    }

    /// What a look has come to that shows no container.
    async fn unseen(&mut self, refusal: Refusal) -> Result<Seen, Trouble> {
        let what = "it cannot be looked at";
        match refusal.code() {
            "ContainerNotFound" | "ContainerBeingDeleted" => {
                self.knows_account = true;
                return Ok(Seen::Missing);
            }
            NO_ACCOUNT => {
                self.forget();
                return Ok(Seen::Missing);
            }
            _ => {}
        }
        let may_be_gone = refusal.is_unreachable()
            || matches!(refusal.code(), "AuthorizationFailure" | "AccountNotFound" | "ResourceNotFound");
        if let (true, Access::Identity(minted)) = (may_be_gone, &self.access) {
            // The name of an account goes with it, and a private one answers within its network only: the Resource
            // Manager knows what is there.
            let (account, container) = (&self.medium.account_name, &self.medium.container);
            match minted.account(account).await {
                Ok(None) => {
                    self.forget();
                    return Ok(Seen::Missing);
                }
                Ok(Some(_)) if minted.has_container(account, container).await == Ok(Some(false)) => {
                    return Ok(Seen::Missing);
                }
                _ => {}
            }
        }
        Err(refusal.trouble(&self.subject, what))
    }

    /// Whether the account bears this cluster's tag.
    fn is_ours(&self, account: &Account) -> bool {
        !self.cluster.is_empty() && account.owner(&self.cluster) == Some(&self.cluster)
    }

    /// Forgets what is known of an account that is gone.
    fn forget(&mut self) {
        self.knows_account = false;
        self.found = None;
        if let Access::Identity(minted) = &mut self.access {
            minted.keys.forget();
        }
    }
}

impl Driver for Container {
    async fn look(&mut self) -> Result<Seen, Trouble> {
        self.found = None;
        if self.lacks_account().await? {
            return Ok(Seen::Missing);
        }
        match self.ask("GET", None).await {
            Ok(answer) => {
                self.knows_account = true;
                self.found = Some(Some(answer.header(blob::OWNER).to_owned()).filter(|owner| !owner.is_empty()));
                Ok(Seen::Found)
            }
            Err(refusal) => self.unseen(refusal).await,
        }
    }

    async fn mark(&mut self) -> Result<Mark, Trouble> {
        let Access::Identity(minted) = &self.access else { return Ok(Mark::None) };
        if self.cluster.is_empty() {
            return Ok(Mark::None);
        }
        match &self.found {
            Some(Some(owner)) if *owner == self.cluster => return Ok(Mark::Ours),
            Some(Some(owner)) => return Ok(Mark::Others(owner.clone())),
            Some(None) | None => {}
        }
        let account = minted.account(&self.medium.account_name).await;
        let account = account.map_err(|refusal| refusal.trouble(&self.subject, "its account cannot be read"))?;
        Ok(match account.as_ref().and_then(|account| account.owner(&self.cluster)) {
            Some(owner) if owner == self.cluster => Mark::Ours,
            Some(owner) => Mark::Others(owner.to_owned()),
            None => Mark::None,
        })
    }

    async fn create(&mut self) -> Result<(), Trouble> {
        self.create_all().await
    }

    async fn settle(&mut self) -> Result<Vec<Setting>, Trouble> {
        self.settle_account().await
    }

    async fn tell(&mut self) -> Result<Told, Trouble> {
        let mut told = Told::default();
        if let Some(Place { vnet, subnet }) = &self.place {
            told.azure_vnet = Some(vnet.clone());
            told.azure_subnet = Some(subnet.clone());
        }
        let Access::Identity(minted) = &mut self.access else { return Ok(told) };
        if minted.tokens.is_none() {
            let key = minted.key(&self.medium.account_name).await.and_then(|key| key.ok_or_else(no_account));
            let key = key.map_err(|refusal| refusal.trouble(&self.subject, "the key of its account cannot be read"))?;
            minted.keys.tell(&key);
            told.azure_account_key = Some(key);
        }
        Ok(told)
    }

    fn tells_anew(&self) -> bool {
        matches!(&self.access, Access::Identity(minted) if minted.keys.has_changed())
    }

    async fn remove(&mut self) -> Result<Removal, Trouble> {
        self.remove_all().await
    }
}

/// The Resource Manager knows no such account.
fn no_account() -> Refusal {
    let message = "there is no such account in the resource group".to_owned();
    Refusal::Answered { status: 404, code: NO_ACCOUNT.to_owned(), message, lacks: None }
}

/// Reads an answer in every way there is, for the fuzzing of parsers.
pub(super) fn read_answer(answer: &crate::net::Answer) {
    drop(refusal::Refusal::of(answer));
}
