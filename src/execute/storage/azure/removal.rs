//! What of an account and around it goes with the container.

use super::super::driver::Removal;
use super::super::trouble::Trouble;
use super::Container;
use super::access::{Access, Minted};
use super::blob::Signer;
use super::private_endpoint::Private;
use super::refusal::Refusal;
use crate::render::names::ACCOUNT_PREFIX;

impl Container {
    /// The container, then the private endpoint, by which the container was reached, and then the account: but only if
    /// the account is this cluster's, was made for the registry, and nothing else is in it.
    pub(super) async fn remove_all(&mut self) -> Result<Removal, Trouble> {
        if !matches!(self.access, Access::Identity(_)) {
            // With nothing but a user's key there is nothing that the operator has made.
            return Ok(Removal::Done);
        }
        let is_ours = self.account_is_ours().await?;
        if self.found.is_some() {
            self.delete_container(is_ours == Some(true)).await?;
        }
        let Access::Identity(minted) = &self.access else { return Ok(Removal::Done) };
        if let Some(private) = self.private(minted) {
            private.remove(is_ours.unwrap_or(true)).await?;
        }
        let name = &self.medium.account_name;
        let left = match is_ours {
            None => None,
            Some(false) => Some("it does not bear this cluster's tag".to_owned()),
            // The installer's own account bears the same tag.
            Some(true) if !name.starts_with(ACCOUNT_PREFIX) => Some("it was not made for the registry".to_owned()),
            Some(true) => {
                let others = self.others(minted).await?;
                if others.is_empty() {
                    let done = minted.delete_account(name).await;
                    done.map_err(|refusal| refusal.trouble(&self.subject, "the account cannot be deleted"))?;
                }
                (!others.is_empty()).then(|| format!("there are other containers in it: {}", others.join(", ")))
            }
        };
        let left = left.map(|why| format!("storage account {name} is left: {why}"));
        self.forget();
        Ok(left.map_or(Removal::Done, Removal::DoneExcept))
    }

    /// Whether the account bears this cluster's tag; none if it is not in the resource group.
    async fn account_is_ours(&self) -> Result<Option<bool>, Trouble> {
        let Access::Identity(minted) = &self.access else { return Ok(None) };
        let account = minted.account(&self.medium.account_name).await;
        let account = account.map_err(|refusal| refusal.trouble(&self.subject, "its account cannot be read"))?;
        Ok(account.map(|account| self.is_ours(&account)))
    }

    async fn delete_container(&mut self, goes_with_account: bool) -> Result<(), Trouble> {
        match self.ask("DELETE", None).await {
            Ok(_) => Ok(()),
            Err(refusal) if is_gone(&refusal) => Ok(()),
            // The account may go even if the container cannot be touched from here.
            Err(refusal)
                if goes_with_account
                    && matches!(refusal.code(), "AuthorizationFailure" | "AuthorizationPermissionMismatch") =>
            {
                Ok(())
            }
            Err(refusal) => Err(refusal.trouble(&self.subject, "it cannot be deleted")),
        }
    }

    /// The other containers of the account, without those of the service's own logs.
    async fn others(&self, minted: &Minted) -> Result<Vec<String>, Trouble> {
        let name = &self.medium.account_name;
        let listed = match minted.keys.current() {
            Some(key) if minted.stack => self.blob.list(Signer::Key(key)).await,
            _ => minted.containers(name).await,
        };
        let listed = listed.map_err(|refusal| refusal.trouble(&self.subject, "its account cannot be listed"))?;
        Ok(listed.into_iter().filter(|other| *other != self.medium.container && !is_log(other)).collect())
    }

    /// The private endpoint, if one is wanted.
    pub(super) fn private<'a>(&'a self, minted: &'a Minted) -> Option<Private<'a>> {
        let Container { medium, suffix, subject, .. } = self;
        let endpoint = medium.private_endpoint.as_ref()?;
        Some(Private { minted, medium, endpoint, suffix, subject })
    }
}

fn is_log(container: &str) -> bool {
    matches!(container, "$logs" | "$blobchangefeed")
}

/// Whether the container is gone, or on its way without anybody's help.
fn is_gone(refusal: &Refusal) -> bool {
    matches!(refusal.code(), "ContainerNotFound" | "ContainerBeingDeleted" | super::NO_ACCOUNT | "AccountNotFound")
}
