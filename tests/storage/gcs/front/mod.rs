//! Google Cloud as the operator sees it: fake-gcs-server, which keeps buckets and objects, behind what it leaves out.
//!
//! Tokens are given for assertions whose signature is right, every call is checked for its token, its scope, the
//! permission of the account, and for queries and fields that the published API does not have. Labels, locations, keys
//! and tags are kept here.

mod account;
mod errors;
mod login;
mod partial;
mod pass;
mod storage;
mod tags;

pub use account::{Account, Key};
pub use errors::error;
pub use login::{AUDIENCE, UNIVERSE, WORKLOADS};

use crate::support::internet::{Handler, Internet, Request, Response};
use crate::support::servers::{Gcs, http};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

pub const STORAGE: &str = "storage.googleapis.com";
pub const LOGIN: &str = "oauth2.googleapis.com";
pub const EXCHANGE: &str = "sts.googleapis.com";
pub const IMPERSONATE: &str = "iamcredentials.googleapis.com";
pub const TAGS: &str = "*-cloudresourcemanager.googleapis.com";

/// What there is in the cloud.
pub struct State {
    pub projects: BTreeSet<String>,
    pub accounts: BTreeMap<String, Account>,
    pub buckets: BTreeMap<String, Bucket>,
    /// The KMS keys that the storage service may use.
    pub kms_keys: BTreeSet<String>,
    /// The tags that exist, as `<parent>/<key>/<value>`.
    pub tags: BTreeSet<String>,
    /// Those bound to the project or above.
    pub inherited: BTreeSet<String>,
    /// Whether binding takes an operation that is not done at once.
    pub slow_binding: bool,
    /// The tokens of workloads that the identity provider has issued.
    pub workloads: BTreeSet<String>,
    /// How long tokens are good.
    pub lifetime: Duration,
    tokens: BTreeMap<String, login::Grant>,
    operations: BTreeMap<String, u32>,
    issued: usize,
}

/// What the server does not keep of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    pub project: String,
    pub location: String,
    pub labels: BTreeMap<String, String>,
    pub kms_key: Option<String>,
    pub tags: BTreeSet<String>,
}

pub struct Cloud {
    state: Arc<Mutex<State>>,
    server: Arc<Gcs>,
}

impl Cloud {
    /// Puts a cloud with one project and one account on that internet.
    pub fn on(internet: &Internet) -> Self {
        let state = State {
            projects: ["demo-project".to_owned(), "elsewhere".to_owned()].into(),
            accounts: [(account::EMAIL.to_owned(), Account::new(&[Key::A]))].into(),
            buckets: BTreeMap::new(),
            kms_keys: BTreeSet::new(),
            tags: BTreeSet::new(),
            inherited: BTreeSet::new(),
            slow_binding: false,
            workloads: BTreeSet::new(),
            lifetime: Duration::from_secs(3599),
            tokens: BTreeMap::new(),
            operations: BTreeMap::new(),
            issued: 0,
        };
        let cloud = Cloud {
            state: Arc::new(Mutex::new(state)),
            server: Arc::new(Gcs::behind("https://storage.googleapis.com")),
        };
        cloud.host(internet, LOGIN, login::token);
        cloud.host(internet, EXCHANGE, login::exchange);
        cloud.host(internet, IMPERSONATE, login::impersonate);
        cloud.host(internet, TAGS, tags::answer);
        let (state, server) = (Arc::clone(&cloud.state), Arc::clone(&cloud.server));
        let handler: Handler =
            Arc::new(move |request| storage::answer(&mut state.lock().unwrap(), &server, request).unwrap_or_else(same));
        internet.answer(STORAGE, Arc::clone(&handler));
        // Where the registry begins uploads.
        internet.answer("www.googleapis.com", Arc::clone(&handler));
        internet.answer(&format!("storage.{UNIVERSE}"), handler);
        cloud
    }

    fn host(&self, internet: &Internet, name: &str, answer: fn(&mut State, &Request) -> Result<Response, Response>) {
        let state = Arc::clone(&self.state);
        internet
            .answer(name, Arc::new(move |request| answer(&mut state.lock().unwrap(), request).unwrap_or_else(same)));
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Takes that permission from every account.
    pub fn forbid(&self, permission: &'static str) {
        for account in self.state().accounts.values_mut() {
            account.lacks.insert(permission);
        }
    }

    /// The bucket of that name, both here and on the server.
    pub fn bucket(&self, name: &str) -> Option<Bucket> {
        let status = self.server.send("GET", &format!("/storage/v1/b/{name}"), "").status;
        let bucket = self.state().buckets.get(name).cloned();
        assert_eq!(status == 200, bucket.is_some(), "the server and its front differ about bucket {name}: {status}");
        bucket
    }

    /// Makes a bucket that is not the operator's.
    pub fn add_bucket(&self, name: &str, project: &str, labels: &[(&str, &str)], versions: bool) {
        let body = format!("{{\"name\":\"{name}\",\"versioning\":{{\"enabled\":{versions}}}}}");
        assert_eq!(self.server.send("POST", "/storage/v1/b?project=p", &body).status, 200);
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let bucket = Bucket {
            project: project.to_owned(),
            location: "US-CENTRAL1".to_owned(),
            labels: labels.collect(),
            ..Bucket::default()
        };
        self.state().buckets.insert(name.to_owned(), bucket);
    }

    /// How many objects there are in a bucket.
    pub fn objects(&self, name: &str) -> usize {
        let answer = self.server.send("GET", &format!("/storage/v1/b/{name}/o?fields=items(name)"), "");
        let listed: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        listed["items"].as_array().map_or(0, Vec::len)
    }

    /// Deletes an empty bucket past the operator.
    pub fn delete(&self, name: &str) {
        assert_eq!(self.server.send("DELETE", &format!("/storage/v1/b/{name}"), "").status, 200);
        self.state().buckets.remove(name);
    }

    /// Uploads an object; again makes another version of it where there are versions.
    pub fn upload(&self, bucket: &str, object: &str) {
        let object: String = object.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let path = format!("/upload/storage/v1/b/{bucket}/o?uploadType=media&name={object}");
        assert_eq!(http::send(&self.server.address, "POST", &path, "content").status, 200);
    }
}

fn same(response: Response) -> Response {
    response
}
