//! A stand-in for IBM Cloud: IAM, the Resource Manager and the Resource Controller as their API references describe
//! them, and Object Storage in front of a real S3 server. What the references do not allow is refused with 400.

#![allow(clippy::result_large_err, reason = "a refusal is a response")]

mod controller;
mod iam;
mod objects;
mod rules;

use crate::support::internet::Internet;
use crate::support::servers::Moto;
use cluster_image_registry_operator::net::Network;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

pub const IAM: &str = "iam.cloud.ibm.com";
pub const PLATFORM: &str = "resource-controller.cloud.ibm.com";
pub const COS: &str = "s3.us-south.cloud-object-storage.appdomain.cloud";
pub const API_KEY: &str = "api-key-of-the-cluster";
pub const ACCOUNT: &str = "0a1b2c3d4e5f";
pub const GROUP: &str = "demo-rg";
pub const PLAN: &str = "744bfc56-d12c-4866-88d5-dac9139e0e5d";
pub const WRITER: &str = "crn:v1:bluemix:public:iam::::serviceRole:Writer";
pub const NAME: &str = "demo-x7k2p-image-registry";

/// Everything there is in the account.
pub struct State {
    pub api_keys: BTreeSet<String>,
    /// The payload of tokens.
    pub claims: String,
    tokens: BTreeSet<String>,
    /// Name and id of resource groups.
    pub groups: Vec<(String, String)>,
    pub instances: Vec<Value>,
    pub keys: Vec<Value>,
    /// So many resources are on a page of a list.
    pub page: usize,
    /// The state of new service instances.
    pub new_state: String,
    /// Service instance and location of every bucket.
    pub buckets: BTreeMap<String, (String, String)>,
    /// Buckets of other accounts.
    pub foreign: BTreeSet<String>,
    serial: u32,
}

/// What the handlers share.
struct Shared {
    state: Mutex<State>,
    moto: OnceLock<Moto>,
}

pub struct IbmCloud {
    pub internet: Internet,
    shared: Arc<Shared>,
}

impl IbmCloud {
    /// An account with a resource group and an API key that may do everything.
    pub fn start() -> Self {
        let internet = Internet::start();
        let state = State {
            api_keys: [API_KEY.to_owned()].into(),
            claims: json!({ "iam_id": "iam-ServiceId-1", "account": { "valid": true, "bss": ACCOUNT } }).to_string(),
            tokens: BTreeSet::new(),
            groups: vec![("other-rg".to_owned(), "g-other".to_owned()), (GROUP.to_owned(), "g-demo".to_owned())],
            instances: Vec::new(),
            keys: Vec::new(),
            page: 10,
            new_state: "active".to_owned(),
            buckets: BTreeMap::new(),
            foreign: BTreeSet::new(),
            serial: 0,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), moto: OnceLock::new() });
        let cloud = IbmCloud { internet, shared };
        cloud.at(IAM, PLATFORM, COS);
        cloud
    }

    /// Has the services answer at these hosts as well.
    pub fn at(&self, iam: &str, platform: &str, cos: &str) {
        let shared = Arc::clone(&self.shared);
        self.internet.answer(iam, Arc::new(move |request| iam::answer(&mut shared.state(), request)));
        let shared = Arc::clone(&self.shared);
        self.internet.answer(platform, Arc::new(move |request| controller::answer(&mut shared.state(), request)));
        let shared = Arc::clone(&self.shared);
        self.internet.answer(cos, Arc::new(move |request| objects::answer(&shared, request)));
    }

    pub fn network(&self) -> Network {
        Network::new(Some(&self.internet.proxy()), "127.0.0.1,localhost", self.internet.ca_pem()).unwrap()
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }

    /// Service instances, and resource keys.
    pub fn counts(&self) -> (usize, usize) {
        let state = self.state();
        (state.instances.len(), state.keys.len())
    }

    /// Service instances that are not deleted, and resource keys.
    pub fn live_counts(&self) -> (usize, usize) {
        let state = self.state();
        (state.live().len(), state.keys.len())
    }

    /// What Amazon's client says of the buckets' content.
    pub fn s3(&self, operation: &str, parameters: Value) -> Value {
        let moto = self.shared.moto();
        moto.aws(&moto.keys).call("s3", operation, parameters).unwrap()
    }

    /// A bucket that is there before the operator comes.
    pub fn bucket(&self, name: &str, instance: &str, location: &str) {
        self.state().buckets.insert(name.to_owned(), (instance.to_owned(), location.to_owned()));
        self.s3("create_bucket", json!({ "Bucket": name }));
    }

    /// The lines of the calls so far, which are forgotten.
    pub fn calls(&self) -> Vec<String> {
        let lines = self.internet.calls().iter().map(|call| call.line()).collect();
        self.internet.clear_calls();
        lines
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn moto(&self) -> &Moto {
        self.moto.get_or_init(Moto::start)
    }
}

impl State {
    fn next(&mut self) -> u32 {
        self.serial += 1;
        self.serial
    }

    /// A service instance; its CRN.
    pub fn instance(&mut self, name: &str, group: &str, state: &str) -> String {
        let guid = format!("{:08}-1111-1111-1111-111111111111", self.next());
        let crn = format!("crn:v1:bluemix:public:cloud-object-storage:global:a/{ACCOUNT}:{guid}::");
        self.instances.push(json!({
            "id": crn, "guid": guid, "crn": crn, "name": name, "state": state, "resource_group_id": group,
            "resource_plan_id": PLAN, "account_id": ACCOUNT, "type": "service_instance", "region_id": "global",
            "url": format!("/v2/resource_instances/{guid}"), "created_at": format!("2026-01-01T00:00:{:02}Z", self.serial),
        }));
        crn
    }

    /// A resource key of an instance; its CRN.
    pub fn key(&mut self, name: &str, instance: &str, role: &str, hmac: bool) -> String {
        let serial = self.next();
        let guid = format!("{serial:08}-2222-2222-2222-222222222222");
        let crn = format!("{}:resource-key:{guid}", instance.trim_end_matches(':'));
        let mut credentials = json!({ "apikey": "x", "iam_role_crn": role, "resource_instance_id": instance });
        if hmac {
            credentials["cos_hmac_keys"] = json!({ "access_key_id": format!("hmac{serial}"),
                "secret_access_key": format!("hmac-secret-{serial}") });
        }
        self.keys.push(json!({
            "id": crn, "guid": guid, "crn": crn, "name": name, "state": "active", "source_crn": instance,
            "account_id": ACCOUNT, "credentials": credentials, "iam_compatible": true,
            "created_at": format!("2026-01-01T00:01:{:02}Z", serial % 60),
        }));
        crn
    }

    /// The service instance with that CRN or GUID.
    fn find(&mut self, id: &str) -> Option<&mut Value> {
        self.instances.iter_mut().find(|instance| instance["crn"] == id || instance["guid"] == id)
    }

    /// The CRNs of the instances that are not deleted.
    pub fn live(&self) -> Vec<String> {
        let live = self.instances.iter().filter(|instance| instance["state"] != "pending_reclamation");
        live.map(|instance| instance["crn"].as_str().unwrap().to_owned()).collect()
    }
}
