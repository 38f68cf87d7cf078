//! The settings of an account. Those of a user's account are not touched.

use super::super::driver::Setting;
use super::super::trouble::Trouble;
use super::Container;
use super::access::{Access, Minted};
use super::account::Account;
use super::refusal::Refusal;
use crate::inputs::Fact;
use serde_json::{Value, json};

impl Container {
    /// Tags, keys and the private endpoint, as far as they differ.
    pub(super) async fn settle_account(&mut self) -> Result<Vec<Setting>, Trouble> {
        let Access::Identity(minted) = &self.access else { return Ok(Vec::new()) };
        let account = minted.ready_account(&self.medium.account_name).await;
        let account = account.map_err(|refusal| refusal.trouble(&self.subject, "its account cannot be read"))?;
        // An account that is in another resource group is nothing that the operator has made.
        let Some(account) = account else { return Ok(Vec::new()) };
        let mut settings = Vec::new();
        if self.is_ours(&account) {
            settings.push(self.tags(minted, &account).await);
            if self.medium.disable_shared_key {
                settings.push(self.shared_key(minted, &account).await);
            }
        }
        if let Some(private) = self.private(minted) {
            let place = private.ensure(&account, &self.cluster).await?;
            let changed = !account.is_private && self.is_ours(&account);
            if changed {
                private.close().await?;
            }
            settings.push(self.public_access(&account, changed));
            self.place = place;
        }
        Ok(settings)
    }

    async fn tags(&self, minted: &Minted, account: &Account) -> Setting {
        const TYPE: &str = "StorageTagged";
        let fields = account.lacking(&self.medium.tags).map(|tags| json!({ "tags": tags }));
        match self.change(minted, fields).await {
            Ok(changed) => fact(
                Fact::new(TYPE, true, "TagsSet", "the storage account carries the tags of this cluster"),
                changed.then_some("tags"),
            ),
            Err(refusal) => failed(TYPE, &refusal, &self.subject, "the tags of its account cannot be set"),
        }
    }

    async fn shared_key(&self, minted: &Minted, account: &Account) -> Setting {
        const TYPE: &str = "StorageSharedKeyDisabled";
        let fields = account.takes_keys.then(|| json!({ "properties": { "allowSharedKeyAccess": false } }));
        match self.change(minted, fields).await {
            Ok(changed) => fact(
                Fact::new(TYPE, true, "SharedKeyDisabled", "the storage account takes tokens of identities only"),
                changed.then_some("shared key access"),
            ),
            Err(refusal) => failed(TYPE, &refusal, &self.subject, "access by the keys of its account stays possible"),
        }
    }

    /// Writes these fields, if there are any; whether there were.
    async fn change(&self, minted: &Minted, fields: Option<Value>) -> Result<bool, Refusal> {
        let Some(fields) = fields else { return Ok(false) };
        minted.change_account(&self.medium.account_name, &fields).await?;
        Ok(true)
    }

    fn public_access(&self, account: &Account, changed: bool) -> Setting {
        const TYPE: &str = "StoragePublicAccessBlocked";
        if account.is_private || changed {
            let message = "the storage account is reached through private endpoints only";
            return fact(Fact::new(TYPE, true, "PublicAccessBlocked", message), changed.then_some("public access"));
        }
        let message = format!(
            "storage account {} does not bear this cluster's tag, so that its public network access is left as it is; \
             disable it by hand",
            self.medium.account_name
        );
        fact(Fact::new(TYPE, false, "AccountNotOwned", message), None)
    }
}

fn fact(fact: Fact, changed: Option<&'static str>) -> Setting {
    Setting { fact, changed, again: false }
}

fn failed(type_: &'static str, refusal: &Refusal, subject: &str, what: &str) -> Setting {
    let Trouble { reason, message } = refusal.trouble(subject, what);
    let again = matches!(refusal.status(), 0 | 200 | 403 | 409 | 429 | 500..);
    Setting { fact: Fact::new(type_, false, &reason, message), changed: None, again }
}
