//! A cloud of a test's own: a stand-in for login service and Resource Manager that checks what it is asked against the
//! published API, in front of a real azurite.

use super::blobs::{Blobs, key, other_key};
use super::login::{self, Audiences};
use super::manager;
use super::state::{ASSERTION, CLIENT, CLIENT_SECRET, GROUP, REGION, State, TENANT};
use crate::support::internet::{Call, Internet};
use crate::world::World;
use cluster_image_registry_operator::net::Network;
use cluster_image_registry_operator::render::names::storage_account_name;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

pub const CLUSTER: &str = "demo-x7k2p";
pub const CONTAINER: &str = "demo-x7k2p-image-registry";
pub const OWNED: &str = "kubernetes.io_cluster.demo-x7k2p";
/// More than there are tests.
const CLOUDS: usize = 150;

/// Where a cloud's services are.
pub struct Hosts {
    pub name: &'static str,
    pub manager: &'static str,
    pub audience: &'static str,
    pub login: &'static str,
    pub suffix: &'static str,
}

pub const PUBLIC: Hosts = Hosts {
    name: "AzurePublicCloud",
    manager: "management.azure.com",
    audience: "https://management.azure.com/",
    login: "login.microsoftonline.com",
    suffix: "core.windows.net",
};

pub struct Cloud {
    pub internet: Internet,
    pub blobs: Arc<Blobs>,
    state: Arc<Mutex<State>>,
    /// The name that the operator derives for the account, and one for a user's.
    pub account: String,
    pub users: String,
    pub name: &'static str,
    token_file: tempfile::NamedTempFile,
}

fn subscription(number: usize) -> String {
    format!("sub-{number}")
}

fn derived(number: usize) -> String {
    storage_account_name(CLUSTER, &format!("{}/{GROUP}", subscription(number)))
}

fn users(number: usize) -> String {
    format!("usersaccount{number}")
}

impl Cloud {
    pub fn start() -> Self {
        Self::at(&PUBLIC)
    }

    pub fn at(hosts: &Hosts) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        assert!(number < CLOUDS, "azurite has no account for one more test");
        let blobs = Arc::new(Blobs::start((0..CLOUDS).flat_map(|number| [derived(number), users(number)])));
        let state = Arc::new(Mutex::new(State {
            subscription: subscription(number),
            manager: hosts.manager.to_owned(),
            stack: hosts.name == "AzureStackCloud",
            tokens: Default::default(),
            taken: Default::default(),
            resources: Default::default(),
            keys: Default::default(),
            pending: Default::default(),
            operations: Vec::new(),
            denied: Vec::new(),
            only: None,
            may_use_data: true,
            locked: false,
            created: 0,
        }));
        let internet = Internet::start();
        let audiences = Audiences { manager: hosts.audience.to_owned(), storage: "https://storage.azure.com/" };
        let known = Arc::clone(&state);
        internet.answer(
            hosts.login,
            Arc::new(move |request| login::answer(&mut known.lock().unwrap(), &audiences, request)),
        );
        let (known, front, audience) = (Arc::clone(&state), Arc::clone(&blobs), hosts.audience);
        internet.answer(
            hosts.manager,
            Arc::new(move |request| manager::answer(&mut known.lock().unwrap(), &front, audience, request)),
        );
        let (known, exists, front) = (Arc::clone(&state), Arc::clone(&state), Arc::clone(&blobs));
        // The name of an account is known as long as there is one.
        let exists = move |host: &str| exists.lock().unwrap().account(host.split('.').next().unwrap()).is_some();
        internet.answer_where(
            &format!("*.blob.{}", hosts.suffix),
            Arc::new(exists),
            Arc::new(move |request| front.answer(&known.lock().unwrap(), request)),
        );
        let token_file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(token_file.path(), format!("{ASSERTION}\n")).unwrap();
        let (account, users) = (derived(number), users(number));
        Cloud { internet, blobs, state, account, users, name: hosts.name, token_file }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn network(&self) -> Network {
        Network::new(Some(&self.internet.proxy()), "", self.internet.ca_pem()).unwrap()
    }

    /// What all credentials have; a proof is to be added.
    pub fn credentials(&self) -> Value {
        json!({
            "azure_subscription_id": self.state().subscription, "azure_client_id": CLIENT, "azure_tenant_id": TENANT,
            "azure_region": REGION, "azure_resourcegroup": GROUP,
        })
    }

    /// A cluster whose credentials have a client secret.
    pub fn world(&self, storage: Value) -> World {
        let mut credentials = self.credentials();
        credentials["azure_client_secret"] = json!(CLIENT_SECRET);
        self.world_with(storage, credentials)
    }

    /// A cluster with workload identity.
    pub fn world_by_token(&self, storage: Value) -> World {
        let mut credentials = self.credentials();
        credentials["azure_federated_token_file"] = json!(self.token_file.path());
        self.world_with(storage, credentials)
    }

    pub fn world_with(&self, storage: Value, credentials: Value) -> World {
        let azure = json!({ "resourceGroupName": GROUP, "networkResourceGroupName": GROUP, "cloudName": self.name,
            "resourceTags": [{ "key": "team", "value": "registry" }] });
        World::on(json!({ "type": "Azure", "azure": azure }), storage, credentials, self.network())
    }

    /// The derived names, in an account of the operator's.
    pub fn derived(&self) -> Value {
        json!({ "azure": {} })
    }

    /// An account that is there already, with these tags.
    pub fn given_account(&self, name: &str, tags: Value) {
        let mut state = self.state();
        let path = state.account_path(name);
        let account = json!({ "id": path, "name": name, "location": REGION, "kind": "StorageV2", "tags": tags,
            "properties": { "provisioningState": "Succeeded", "publicNetworkAccess": "Enabled" } });
        state.resources.insert(path.to_lowercase(), account);
        state.keys.insert(name.to_owned(), [key(name), other_key(name, 0)]);
    }

    /// The same in another resource group.
    pub fn given_elsewhere(&self, name: &str) {
        self.given_account(name, json!({}));
        let mut state = self.state();
        let path = state.account_path(name).to_lowercase();
        let account = state.resources.remove(&path).unwrap();
        state.resources.insert(path.replace(&format!("/{GROUP}/"), "/other-rg/"), account);
    }

    /// A virtual network of the region with these subnets.
    pub fn given_network(&self, name: &str, tags: Value, subnets: Value) {
        let mut state = self.state();
        let path = state.path(&format!("Microsoft.Network/virtualNetworks/{name}"));
        let network = json!({ "id": path, "name": name, "location": REGION, "tags": tags,
            "properties": { "subnets": subnets } });
        state.resources.insert(path.to_lowercase(), network);
    }

    /// What is at a JSON pointer of an account; null if there is no such account.
    pub fn of_account(&self, name: &str, pointer: &str) -> Value {
        let state = self.state();
        state.account(name).and_then(|account| account.pointer(pointer)).cloned().unwrap_or_default()
    }

    pub fn has_account(&self, name: &str) -> bool {
        self.state().account(name).is_some()
    }

    /// The key that the operator should tell of an account that nobody has rotated the keys of.
    pub fn key(&self, account: &str) -> String {
        key(account)
    }

    /// The calls since the last time: `POST login`, `METHOD container`, or the method and the type of the resource.
    pub fn calls(&self) -> Vec<String> {
        let calls = self.internet.calls();
        self.internet.clear_calls();
        calls.iter().map(line).collect()
    }
}

fn line(call: &Call) -> String {
    let about = if call.host.contains(".blob.") {
        "container"
    } else if call.path.ends_with("/token") {
        "login"
    } else {
        let segments: Vec<&str> = call.path.split('/').collect();
        let last = segments[segments.len() - 1];
        let is_type = ["listKeys", "checkNameAvailability", "containers", "virtualNetworks"].contains(&last);
        if is_type { last } else { segments[segments.len() - 2] }
    };
    format!("{} {about}", call.method)
}

/// Status and reason of the condition StorageExists.
pub fn exists(world: &World) -> String {
    let (status, reason, _) = world.condition("StorageExists").expect("no condition StorageExists");
    format!("{status} {reason}")
}

/// The account's key in the registry's Secret; empty if there is none.
pub fn told_key(world: &World) -> String {
    let data = crate::scenarios::secret_data(&world.plan(), "image-registry-private-configuration");
    data.get("REGISTRY_STORAGE_AZURE_ACCOUNTKEY").map_or("", |key| key.trim_matches(['"', '\''])).to_owned()
}

/// Whether no condition and no trouble holds one of these words.
pub fn silent(world: &World, words: &[&str]) -> bool {
    let said = format!("{} {:?}", world.at("/status/conditions"), world.trouble);
    !words.iter().any(|word| said.contains(word))
}
