//! A private endpoint of the account and its private DNS, part by part (Microsoft.Network and private DNS references).

use super::super::trouble::Trouble;
use super::access::Minted;
use super::account::Account;
use super::refusal::Refusal;
use super::virtual_network::{self, NETWORK, NoPlace, Place};
use crate::render::storage::action::{AzureContainer, PrivateEndpoint};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The version of private DNS.
const DNS: &str = "2020-06-01";
/// How long the endpoint's network interface may take to show its address, in looks of two seconds.
const LOOKS: u32 = 30;

/// The wanted endpoint.
pub(super) struct Private<'a> {
    pub(super) minted: &'a Minted,
    pub(super) medium: &'a AzureContainer,
    pub(super) endpoint: &'a PrivateEndpoint,
    /// The end of the host name of every storage account.
    pub(super) suffix: &'a str,
    /// What messages begin with.
    pub(super) subject: &'a str,
}

impl Private<'_> {
    /// Makes what is missing; gives where the endpoint is. None: the account is private by endpoints of the user's.
    pub(super) async fn ensure(&self, account: &Account, cluster: &str) -> Result<Option<Place>, Trouble> {
        if self.minted.stack {
            return Err(self.failed("NotSupported", "an Azure Stack Hub has none; set networkAccess.type to External"));
        }
        let own = self.endpoint_path();
        let is_own = |id: &String| id.eq_ignore_ascii_case(&own);
        if account.is_private && !account.endpoints.is_empty() && !account.endpoints.iter().any(is_own) {
            return Ok(None);
        }
        let place = virtual_network::find(self.minted, self.endpoint, cluster).await.map_err(|why| match why {
            NoPlace::Refused(refusal, what) => self.refused(&refusal, &what),
            NoPlace::Undiscovered(why) => self.failed("NetworkNotFound", &why),
        })?;
        let vnet = format!("{}/{}", virtual_network::networks(self.minted, self.endpoint), place.vnet);
        let address = self.endpoint(account, &format!("{vnet}/subnets/{}", place.subnet)).await?;
        self.zone().await?;
        self.record(&address).await?;
        self.zone_group().await?;
        self.link(&vnet).await?;
        Ok(Some(place))
    }

    /// Removes every part, the endpoint at last, if it is the cluster's or the account is. Parts that are gone are no
    /// error.
    pub(super) async fn remove(&self, account_is_ours: bool) -> Result<(), Trouble> {
        if self.minted.stack {
            return Ok(());
        }
        let Some(endpoint) = self.read(&self.endpoint_path(), NETWORK).await? else {
            return self.remove_zone().await;
        };
        if self.leads_elsewhere(&endpoint) || !(account_is_ours || self.is_marked(&endpoint)) {
            return Ok(());
        }
        let delete = async |path: &str, version: &str, what: &str| {
            let done = self.minted.manager.delete(path, version).await;
            done.map_err(|refusal| self.refused(&refusal, &format!("{what} cannot be deleted")))
        };
        let account = &self.medium.account_name;
        delete(&format!("{}/A/{account}", self.zone_path()), DNS, "its DNS record").await?;
        delete(&self.zone_group_path(), NETWORK, "its DNS zone group").await?;
        delete(&self.link_path(), DNS, "the link of its DNS zone").await?;
        delete(&self.endpoint_path(), NETWORK, "it").await?;
        self.remove_zone().await
    }

    /// The endpoint; gives its address.
    async fn endpoint(&self, account: &Account, subnet: &str) -> Result<String, Trouble> {
        let path = self.endpoint_path();
        let what = format!("{} cannot be created", self.endpoint.name);
        let mut found = self.read(&path, NETWORK).await?;
        let state = |found: &Value| text(found, "/properties/provisioningState").to_owned();
        if found.as_ref().is_some_and(|found| self.leads_elsewhere(found)) {
            let why = format!(
                "{} exists and leads to something else; name another one in \
                 spec.storage.azure.networkAccess.internal.privateEndpointName",
                self.endpoint.name
            );
            return Err(self.failed("PrivateEndpointInUse", &why));
        }
        if found.as_ref().is_none_or(|found| state(found) == "Failed") {
            let region = self.minted.region(self.medium).await.map_err(|refusal| self.refused(&refusal, &what))?;
            let connection = json!({
                "name": self.endpoint.name,
                "properties": { "privateLinkServiceId": account.id, "groupIds": ["blob"] },
            });
            let body = json!({
                "location": if region.is_empty() { &account.location } else { &region },
                "tags": self.tags(),
                "properties": {
                    "subnet": { "id": subnet },
                    "customNetworkInterfaceName": format!("{}-nic", self.endpoint.name),
                    "privateLinkServiceConnections": [connection],
                },
            });
            self.put(&path, NETWORK, &body, &what).await?;
            found = None;
        }
        let mut looks = 0;
        loop {
            if found.is_none() {
                found = self.read(&path, NETWORK).await?;
            }
            if let Some(address) = self.address(found.take().unwrap_or_default()).await? {
                return Ok(address);
            }
            looks += 1;
            if looks == LOOKS {
                return Err(self.failed("NoAddress", "its network interface has no address yet; it is looked at again"));
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }

    /// The address of the first network interface, as soon as there is one.
    async fn address(&self, endpoint: Value) -> Result<Option<String>, Trouble> {
        let interface = text(&endpoint, "/properties/networkInterfaces/0/id");
        if !interface.starts_with("/subscriptions/") {
            return Ok(None);
        }
        let interface = self.read(interface, NETWORK).await?.unwrap_or_default();
        let address = text(&interface, "/properties/ipConfigurations/0/properties/privateIPAddress");
        Ok((!address.is_empty()).then(|| address.to_owned()))
    }

    async fn zone(&self) -> Result<(), Trouble> {
        let path = self.zone_path();
        if self.find(&path, DNS).await?.is_some() {
            return Ok(());
        }
        let body = json!({ "location": "global", "tags": self.tags() });
        self.put(&path, DNS, &body, "its private DNS zone cannot be created").await
    }

    async fn record(&self, address: &str) -> Result<(), Trouble> {
        let path = format!("{}/A/{}", self.zone_path(), self.medium.account_name);
        let found = self.find(&path, DNS).await?;
        let records = found.as_ref().and_then(|found| found.pointer("/properties/aRecords")).and_then(Value::as_array);
        if records.is_some_and(|records| records.iter().any(|record| text(record, "/ipv4Address") == address)) {
            return Ok(());
        }
        let body = json!({ "properties": { "ttl": 10, "aRecords": [{ "ipv4Address": address }] } });
        self.put(&path, DNS, &body, "its DNS record cannot be created").await
    }

    async fn zone_group(&self) -> Result<(), Trouble> {
        let path = self.zone_group_path();
        if self.find(&path, NETWORK).await?.is_some() {
            return Ok(());
        }
        let name = self.zone_name().replace('.', "-");
        let config = json!({ "name": name, "properties": { "privateDnsZoneId": self.zone_path() } });
        let body = json!({ "name": name, "properties": { "privateDnsZoneConfigs": [config] } });
        self.put(&path, NETWORK, &body, "its DNS zone group cannot be created").await
    }

    async fn link(&self, vnet: &str) -> Result<(), Trouble> {
        let path = self.link_path();
        if self.find(&path, DNS).await?.is_some() {
            return Ok(());
        }
        let body = json!({
            "location": "global", "tags": self.tags(),
            "properties": { "registrationEnabled": false, "virtualNetwork": { "id": vnet } },
        });
        match self.minted.manager.put(&path, DNS, &body).await {
            Ok(()) => Ok(()),
            Err(refusal) if refusal.code() == "Conflict" => self.linked_otherwise(vnet).await,
            Err(refusal) => Err(self.refused(&refusal, "its DNS zone cannot be linked to the virtual network")),
        }
    }

    /// A network is linked to one zone of a name only: to ours under another name, or to another one, in which nothing
    /// leads to the account.
    async fn linked_otherwise(&self, vnet: &str) -> Result<(), Trouble> {
        let links = self.minted.manager.list(&format!("{}/virtualNetworkLinks", self.zone_path()), DNS).await;
        let links = links.map_err(|refusal| self.refused(&refusal, "the links of its DNS zone cannot be listed"))?;
        let is_it = |link: &Value| text(link, "/properties/virtualNetwork/id").eq_ignore_ascii_case(vnet);
        if links.iter().any(is_it) {
            return Ok(());
        }
        let why = format!(
            "the virtual network is linked to another private DNS zone {}; unlink that one, or add the account and its \
             private endpoint to it and disable public access by hand with networkAccess.type External",
            self.zone_name()
        );
        Err(self.failed("NetworkLinkedElsewhere", &why))
    }

    /// The zone goes if this cluster made it and nothing else is in it.
    async fn remove_zone(&self) -> Result<(), Trouble> {
        let path = self.zone_path();
        let Some(zone) = self.read(&path, DNS).await? else { return Ok(()) };
        let number = |pointer: &str| zone.pointer(pointer).and_then(Value::as_u64);
        // One record set is left: the start of authority.
        let is_empty = number("/properties/numberOfRecordSets").is_some_and(|sets| sets <= 1)
            && number("/properties/numberOfVirtualNetworkLinks") == Some(0);
        if !(is_empty && self.is_marked(&zone)) {
            return Ok(());
        }
        let done = self.minted.manager.delete(&path, DNS).await;
        done.map_err(|refusal| self.refused(&refusal, "its private DNS zone cannot be deleted"))
    }

    /// Whether an endpoint of that name is for something other than the account.
    fn leads_elsewhere(&self, endpoint: &Value) -> bool {
        let target = text(endpoint, "/properties/privateLinkServiceConnections/0/properties/privateLinkServiceId");
        !target.is_empty() && !target.eq_ignore_ascii_case(&self.minted.account_path(&self.medium.account_name))
    }

    /// Whether a resource bears the cluster's tag, which is the first of the tags.
    fn is_marked(&self, resource: &Value) -> bool {
        let tags = resource.get("tags");
        let has = |key: &str, value: &str| tags.and_then(|tags| tags.get(key)?.as_str()) == Some(value);
        self.medium.tags.first().is_some_and(|tag| has(&tag.key, &tag.value))
    }

    /// Makes the account reachable through private endpoints only.
    pub(super) async fn close(&self) -> Result<(), Trouble> {
        let fields = json!({ "properties": { "publicNetworkAccess": "Disabled" } });
        let done = self.minted.change_account(&self.medium.account_name, &fields).await;
        done.map_err(|refusal| self.refused(&refusal, "public access to the account cannot be disabled"))
    }

    async fn read(&self, path: &str, version: &str) -> Result<Option<Value>, Trouble> {
        let found = self.minted.manager.get(path, version).await;
        let name = path.rsplit('/').next().unwrap_or_default();
        found.map_err(|refusal| self.refused(&refusal, &format!("{name} cannot be read")))
    }

    /// As [`Private::read`]; what the identity may not read is put there anyway. The credentials that OpenShift mints
    /// may write DNS records and not read them.
    async fn find(&self, path: &str, version: &str) -> Result<Option<Value>, Trouble> {
        match self.read(path, version).await {
            Err(trouble) if trouble.reason == "AuthorizationFailed" => Ok(None),
            result => result,
        }
    }

    async fn put(&self, path: &str, version: &str, body: &Value, what: &str) -> Result<(), Trouble> {
        self.minted.manager.put(path, version, body).await.map_err(|refusal| self.refused(&refusal, what))
    }

    fn endpoint_path(&self) -> String {
        self.minted.path(&format!("Microsoft.Network/privateEndpoints/{}", self.endpoint.name))
    }

    fn zone_group_path(&self) -> String {
        format!("{}/privateDnsZoneGroups/{}", self.endpoint_path(), self.zone_name().replace('.', "-"))
    }

    fn zone_name(&self) -> String {
        format!("privatelink.blob.{}", self.suffix)
    }

    fn zone_path(&self) -> String {
        self.minted.path(&format!("Microsoft.Network/privateDnsZones/{}", self.zone_name()))
    }

    fn link_path(&self) -> String {
        format!("{}/virtualNetworkLinks/{}", self.zone_path(), self.medium.account_name)
    }

    fn tags(&self) -> Map<String, Value> {
        self.medium.tags.iter().map(|tag| (tag.key.clone(), Value::String(tag.value.clone()))).collect()
    }

    fn failed(&self, reason: &str, why: &str) -> Trouble {
        Trouble::new(reason, format!("{}: Unable to process private endpoint: {why}", self.subject))
    }

    fn refused(&self, refusal: &Refusal, what: &str) -> Trouble {
        refusal.trouble(self.subject, &format!("Unable to process private endpoint: {what}"))
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
