//! Creating an account and a container, or taking over those that are there and ours.

use super::super::trouble::Trouble;
use super::Container;
use super::access::{Access, Minted};
use super::account::{Account, Name};
use super::blob;
use super::refusal::Refusal;
use std::time::Duration;

/// How long a container that is being deleted is waited for: the service takes half a minute at least.
const DELETED_WITHIN: u32 = 18;
/// How long the name of a new account may take to be known; an attempt takes some seconds more by itself.
const KNOWN_WITHIN: u32 = 6;
const LOOK_EVERY: Duration = Duration::from_secs(5);

impl Container {
    /// The account, unless it is there, and the container in it.
    pub(super) async fn create_all(&mut self) -> Result<(), Trouble> {
        let Access::Identity(minted) = &self.access else {
            let message = format!(
                "{} does not exist, and with nothing but an account key in Secret \
                 image-registry-private-configuration-user the operator creates none; create it, or name another one \
                 in spec.storage.azure",
                self.subject
            );
            return Err(Trouble::new("StorageMissing", message));
        };
        let account = self.ensure_account(minted).await?;
        if let Some(owner) = account.owner(&self.cluster).filter(|owner| *owner != self.cluster) {
            let (name, subject) = (&self.medium.account_name, &self.subject);
            let message = format!(
                "{subject}: storage account {name} belongs to cluster {owner}; name another one in \
                 spec.storage.azure.accountName of Config/cluster"
            );
            return Err(Trouble::new("StorageNotOwned", message));
        }
        self.knows_account = true;
        let is_ours = self.is_ours(&account);
        self.create_container(is_ours).await
    }

    async fn ensure_account(&self, minted: &Minted) -> Result<Account, Trouble> {
        let name = &self.medium.account_name;
        let unread = |refusal: Refusal| refusal.trouble(&self.subject, "its account cannot be read");
        if let Some(account) = minted.ready_account(name).await.map_err(unread)? {
            return Ok(account);
        }
        match minted.name(name).await {
            Ok(Name::Free) => {}
            Ok(Name::Taken) => return Err(self.taken("AccountAlreadyExists")),
            Ok(Name::Invalid(why)) => {
                let message = format!(
                    "{}: {name:?} is no name for a storage account: {why}; name another one in \
                     spec.storage.azure.accountName of Config/cluster",
                    self.subject
                );
                return Err(Trouble::new("AccountNameInvalid", message));
            }
            // Whoever may create accounts may not be allowed to ask about names of the whole subscription.
            Err(refusal) if refusal.status() == 403 => {}
            Err(refusal) => return Err(refusal.trouble(&self.subject, "the name of its account cannot be checked")),
        }
        minted.create_account(&self.medium).await.map_err(|refusal| match refusal.code() {
            code @ ("StorageAccountAlreadyTaken"
            | "StorageAccountAlreadyExists"
            | "StorageAccountInAnotherResourceGroup") => self.taken(code),
            _ => refusal.trouble(&self.subject, "Unable to process storage account: it cannot be created"),
        })?;
        minted.ready_account(name).await.map_err(unread)?.ok_or_else(|| {
            let message = format!("{}: its account was created and is not there; it is looked for again", self.subject);
            Trouble::new("AccountNotVisible", message)
        })
    }

    fn taken(&self, reason: &str) -> Trouble {
        let name = &self.medium.account_name;
        let message = format!(
            "{}: the account name {name} is taken by another subscription or resource group; name another one in \
             spec.storage.azure.accountName of Config/cluster",
            self.subject
        );
        Trouble::new(reason, message)
    }

    async fn create_container(&mut self, account_is_ours: bool) -> Result<(), Trouble> {
        let cluster = Some(self.cluster.clone()).filter(|cluster| !cluster.is_empty());
        let mut looks = 0;
        loop {
            let refusal = match self.ask("PUT", cluster.as_deref()).await {
                Ok(_) => return Ok(()),
                Err(refusal) => refusal,
            };
            looks += 1;
            match refusal.code() {
                "ContainerAlreadyExists" => return self.adopt(account_is_ours).await,
                "ContainerBeingDeleted" | "AccountBeingCreated" if looks < DELETED_WITHIN => {
                    tokio::time::sleep(LOOK_EVERY).await
                }
                _ if account_is_ours && refusal.is_unreachable() && looks < KNOWN_WITHIN => {
                    tokio::time::sleep(LOOK_EVERY).await;
                }
                _ => {
                    let what = "Unable to process storage container: it cannot be created";
                    return Err(refusal.trouble(&self.subject, what));
                }
            }
        }
    }

    /// A container that has come into being meanwhile: by a call of ours whose answer was lost, or by somebody else.
    async fn adopt(&mut self, account_is_ours: bool) -> Result<(), Trouble> {
        let what = "Unable to process storage container: it cannot be looked at";
        let found = self.ask("GET", None).await.map_err(|refusal| refusal.trouble(&self.subject, what))?;
        let owner = found.header(blob::OWNER);
        if owner == self.cluster || owner.is_empty() && account_is_ours {
            return Ok(());
        }
        let whose = if owner.is_empty() { "somebody else".to_owned() } else { format!("cluster {owner}") };
        let message = format!(
            "{}: it was created by {whose} just now; name another one in spec.storage.azure.container of Config/cluster, \
             or set spec.storage.managementState to Unmanaged to share it",
            self.subject
        );
        Err(Trouble::new("StorageNotOwned", message))
    }
}
