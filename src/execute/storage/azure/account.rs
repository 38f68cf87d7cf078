//! The storage account at the Resource Manager (Microsoft.Storage reference, storageAccounts).

use super::access::Minted;
use super::refusal::Refusal;
use crate::api::secret::Secret;
use crate::render::storage::action::{AzureContainer, Tag};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Of resource groups.
const RESOURCES: &str = "2021-04-01";
/// How long a new account may take until it can be used, in looks of two seconds.
const LOOKS: u32 = 90;

/// The prefix of the tag by which an account is a cluster's; its value is `owned`.
pub(super) const OWNER: &str = "kubernetes.io_cluster.";

/// What an account has that counts here.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    /// The id of the resource.
    pub(super) id: String,
    /// Its region.
    pub(super) location: String,
    /// Its tags.
    pub(super) tags: BTreeMap<String, String>,
    /// Whether requests signed with its keys are accepted.
    pub(super) takes_keys: bool,
    /// Whether it is reached through private endpoints only.
    pub(super) is_private: bool,
    /// The ids of the private endpoints that lead to it.
    pub(super) endpoints: Vec<String>,
    /// Whether it can be used.
    is_ready: bool,
}

impl Account {
    fn of(value: &Value) -> Self {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let tags = value.get("tags").and_then(Value::as_object).into_iter().flatten();
        let connections = value.pointer("/properties/privateEndpointConnections").and_then(Value::as_array);
        let endpoint = |connection: &Value| {
            let state = connection.pointer("/properties/privateLinkServiceConnectionState/status");
            let is_live = state.and_then(Value::as_str).is_none_or(|state| state == "Approved");
            let id = connection.pointer("/properties/privateEndpoint/id").and_then(Value::as_str);
            id.filter(|_| is_live).map(str::to_owned)
        };
        let state = text("/properties/provisioningState");
        Account {
            id: text("/id"),
            location: text("/location"),
            tags: tags.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect(),
            takes_keys: value.pointer("/properties/allowSharedKeyAccess") != Some(&Value::Bool(false)),
            is_private: text("/properties/publicNetworkAccess") == "Disabled",
            endpoints: connections.into_iter().flatten().filter_map(endpoint).collect(),
            is_ready: state.is_empty() || state == "Succeeded",
        }
    }

    /// The cluster whose account it is, by its tag.
    pub(super) fn owner(&self, cluster: &str) -> Option<&str> {
        let owners = self.tags.iter().filter(|(_, value)| *value == "owned");
        let mut owners = owners.filter_map(|(key, _)| key.strip_prefix(OWNER)).collect::<Vec<_>>();
        // This cluster's own tag counts before any other.
        owners.sort_by_key(|owner| *owner != cluster);
        owners.first().copied()
    }

    /// The tags that it should have, if they are not those that it has: those that others set stay.
    pub(super) fn lacking(&self, wanted: &[Tag]) -> Option<Value> {
        let has = |tag: &Tag| self.tags.get(&tag.key) == Some(&tag.value);
        let mut tags = self.tags.clone();
        tags.extend(wanted.iter().map(|tag| (tag.key.clone(), tag.value.clone())));
        (!wanted.iter().all(has)).then(|| json!(tags))
    }
}

/// Whether a name can be had.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// Nobody has it.
    Free,
    /// Somebody has it: another subscription, or another resource group of this one.
    Taken,
    /// No account can have it, for this reason of the service's.
    Invalid(String),
}

impl Minted {
    /// The version of Microsoft.Storage.
    pub(super) fn storage_version(&self) -> &'static str {
        if self.stack { "2019-06-01" } else { "2023-01-01" }
    }

    /// The account's path at the Resource Manager.
    pub(super) fn account_path(&self, name: &str) -> String {
        self.path(&format!("Microsoft.Storage/storageAccounts/{name}"))
    }

    /// The account, if it is in the resource group.
    pub(super) async fn account(&self, name: &str) -> Result<Option<Account>, Refusal> {
        let found = self.manager.get(&self.account_path(name), self.storage_version()).await?;
        Ok(found.as_ref().map(Account::of))
    }

    /// Whether the name of an account that is not in the resource group can be had.
    pub(super) async fn name(&self, name: &str) -> Result<Name, Refusal> {
        let path = format!("{}/providers/Microsoft.Storage/checkNameAvailability", self.subscription);
        let body = json!({ "name": name, "type": "Microsoft.Storage/storageAccounts" });
        let answer = self.manager.post(&path, self.storage_version(), Some(&body)).await?;
        let text = |field: &str| answer.get(field).and_then(Value::as_str).unwrap_or_default();
        Ok(match (answer.get("nameAvailable").and_then(Value::as_bool), text("reason")) {
            (Some(true), _) => Name::Free,
            (_, "AccountNameInvalid") => Name::Invalid(super::super::trouble::quoted(text("message"))),
            _ => Name::Taken,
        })
    }

    /// Creates the account with all its settings and waits until it can be used.
    pub(super) async fn create_account(&self, medium: &AzureContainer) -> Result<(), Refusal> {
        let region = self.region(medium).await?;
        let tags: Map<String, Value> =
            medium.tags.iter().map(|tag| (tag.key.clone(), Value::String(tag.value.clone()))).collect();
        // A hub's Storage knows fewer kinds and properties.
        let (kind, properties) = if self.stack {
            ("Storage", json!({ "supportsHttpsTrafficOnly": true }))
        } else {
            let mut properties = json!({
                "supportsHttpsTrafficOnly": true, "minimumTlsVersion": "TLS1_2", "allowBlobPublicAccess": false,
            });
            if medium.disable_shared_key {
                properties["allowSharedKeyAccess"] = Value::Bool(false);
            }
            ("StorageV2", properties)
        };
        let body = json!({
            "sku": { "name": "Standard_LRS" }, "kind": kind, "location": region, "tags": tags,
            "properties": properties,
        });
        self.manager.put(&self.account_path(&medium.account_name), self.storage_version(), &body).await
    }

    /// The account as soon as it can be used; none if it is gone.
    pub(super) async fn ready_account(&self, name: &str) -> Result<Option<Account>, Refusal> {
        let mut looks = 0;
        loop {
            let account = self.account(name).await?;
            looks += 1;
            match account {
                Some(account) if !account.is_ready && looks < LOOKS => {
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
                account => return Ok(account),
            }
        }
    }

    /// The region of the credentials, or else that of the resource group.
    pub(super) async fn region(&self, medium: &AzureContainer) -> Result<String, Refusal> {
        if !medium.region.is_empty() {
            return Ok(medium.region.clone());
        }
        let group = self.manager.get(&self.group, RESOURCES).await?.unwrap_or_default();
        Ok(group.get("location").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    /// Changes these fields of the account.
    pub(super) async fn change_account(&self, name: &str, fields: &Value) -> Result<(), Refusal> {
        self.manager.patch(&self.account_path(name), self.storage_version(), fields).await
    }

    /// The account's key, asked for if need be; none if there is no such account in the resource group.
    pub(super) async fn key(&mut self, name: &str) -> Result<Option<Secret>, Refusal> {
        if let Some(key) = self.keys.kept() {
            return Ok(Some(key));
        }
        let path = format!("{}/listKeys?$expand=kerb", self.account_path(name));
        match self.manager.post(&path, self.storage_version(), None).await {
            Ok(answer) => Ok(self.keys.take(&answer)),
            Err(refusal) if refusal.status() == 404 && !refusal.code().contains("Subscription") => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    fn containers_path(&self, account: &str) -> String {
        format!("{}/blobServices/default/containers", self.account_path(account))
    }

    /// Whether the Resource Manager knows the container; it does so even if the Blob service cannot be reached. A hub's
    /// does not: none.
    pub(super) async fn has_container(&self, account: &str, container: &str) -> Result<Option<bool>, Refusal> {
        if self.stack {
            return Ok(None);
        }
        let path = format!("{}/{container}", self.containers_path(account));
        Ok(Some(self.manager.get(&path, self.storage_version()).await?.is_some()))
    }

    /// The names of the account's containers.
    pub(super) async fn containers(&self, account: &str) -> Result<Vec<String>, Refusal> {
        let items = self.manager.list(&self.containers_path(account), self.storage_version()).await?;
        let name = |item: &Value| item.get("name").and_then(Value::as_str).unwrap_or("?").to_owned();
        Ok(items.iter().map(name).collect())
    }

    /// Deletes the account with everything in it; one that is gone is deleted (Storage Accounts - Delete).
    pub(super) async fn delete_account(&self, name: &str) -> Result<(), Refusal> {
        self.manager.delete(&self.account_path(name), self.storage_version()).await
    }
}

#[cfg(test)]
mod tests {
    use super::{Account, Tag};
    use serde_json::json;

    #[test]
    fn tags_of_others_stay() {
        let account = Account::of(&json!({ "tags": { "team": "a", "x": "1" } }));
        assert_eq!(account.lacking(&[Tag::new("x", "1")]), None);
        assert_eq!(account.lacking(&[Tag::new("x", "2")]), Some(json!({ "team": "a", "x": "2" })));
    }

    #[test]
    fn an_account_is_the_cluster_s_whose_tag_it_bears() {
        let tagged = |tags| Account::of(&json!({ "tags": tags }));
        let two = json!({ "kubernetes.io_cluster.a": "owned", "kubernetes.io_cluster.b": "owned" });
        assert_eq!(tagged(two).owner("b"), Some("b"));
        assert_eq!(tagged(json!({ "kubernetes.io_cluster.a": "owned" })).owner("b"), Some("a"));
        assert_eq!(tagged(json!({ "kubernetes.io_cluster.a": "shared" })).owner("a"), None);
    }
}
