//! Swift: the operator against a real Swift with a real Keystone.

mod credentials;
mod faults;
mod looking;
mod probe;
mod registry;
mod removal;

use crate::support::internet::{Call, Internet, Outcome, When};
use crate::support::servers::http::Answer;
use crate::support::servers::swift::{IDENTITY, Project, Swift, Tokens};
use crate::world::World;
use cluster_image_registry_operator::net::Network;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Keystone's URL.
pub const KEYSTONE: &str = "https://identity.example.com/v3";
/// The infrastructure name of [`World::on`].
pub const CLUSTER: &str = "demo-x7k2p";
/// What a container is looked at with.
pub const MARK: &str = "X-Container-Meta-Openshiftclusterid";

/// Less than the shortest pause before a call is tried again.
const EVERY: Duration = Duration::from_millis(5);

/// A project of a test's own, and the way there.
pub struct Cloud {
    pub swift: Arc<Swift>,
    pub internet: Internet,
    pub project: Project,
}

impl Cloud {
    pub fn new() -> Self {
        Self::on(Swift::shared())
    }

    /// One whose Swift asks Keystone every time whether a token is still good.
    pub fn strict() -> Self {
        Self::on(Arc::new(Swift::start(Tokens::Checked)))
    }

    fn on(swift: Arc<Swift>) -> Self {
        let internet = Internet::start();
        swift.connect(&internet);
        let project = swift.project();
        Cloud { swift, internet, project }
    }

    pub fn network(&self) -> Network {
        Network::new(Some(&self.internet.proxy()), "", self.internet.ca_pem()).unwrap()
    }

    /// The minted Secret, with the user's password.
    pub fn minted(&self) -> Value {
        self.minted_with(json!({ "username": self.project.user.name, "password": self.project.user.password,
            "project_name": self.project.name, "user_domain_name": "Default" }))
    }

    /// The minted Secret with that `auth`.
    pub fn minted_with(&self, mut auth: Value) -> Value {
        auth["auth_url"] = json!(KEYSTONE);
        json!({ "clouds.yaml": json!({ "clouds": { "openstack": { "auth": auth } } }).to_string() })
    }

    /// A cluster on this cloud, with that in spec.storage.swift.
    pub fn world(&self, swift: Value) -> World {
        self.world_with(swift, self.minted())
    }

    pub fn world_with(&self, swift: Value, minted: Value) -> World {
        World::on(json!({ "type": "OpenStack", "openstack": {} }), json!({ "swift": swift }), minted, self.network())
    }

    /// Asks for a container as the project's user, past the internet.
    pub fn container(&self, method: &str, name: &str, headers: &[(&str, &str)]) -> Answer {
        self.swift.send(&self.project, method, name, headers, "")
    }

    /// The names of all containers of the project.
    pub fn containers(&self) -> Vec<String> {
        self.container("GET", "", &[]).body.lines().map(str::to_owned).collect()
    }

    /// Every call to Keystone as `token`, to Swift as its method and what follows the account, in order; the calls are
    /// forgotten by that.
    pub fn calls(&self) -> Vec<String> {
        let calls = self.internet.calls().iter().map(told).collect();
        self.internet.clear_calls();
        calls
    }
}

fn told(call: &Call) -> String {
    if call.host == IDENTITY {
        return "token".to_owned();
    }
    let below = call.target.splitn(4, '/').nth(3).map(|path| format!(" /{path}"));
    format!("{}{}", call.method, below.unwrap_or_else(|| " account".to_owned()))
}

/// The name that the operator has given to the container.
pub fn name(world: &World) -> String {
    world.at("/spec/storage/swift/container").as_str().unwrap().to_owned()
}

/// Status and reason of StorageExists.
pub fn exists(world: &World) -> (String, String) {
    let (status, reason, _) = world.condition("StorageExists").unwrap();
    (status, reason)
}

pub fn pair(status: &str, reason: &str) -> (String, String) {
    (status.to_owned(), reason.to_owned())
}

impl Cloud {
    /// Works until everything is done or the `k`-th call breaks; that is where the process is killed, and another one
    /// takes over. Whether it broke.
    pub async fn killed(&self, world: &mut World, k: usize, when: When) -> bool {
        self.internet.break_at(k, when);
        tokio::select! {
            biased;
            () = self.broken() => {}
            () = world.settle() => {}
        }
        world.restart();
        self.internet.broke()
    }

    async fn broken(&self) {
        let is_pending = |call: &Call| call.outcome == Outcome::Pending;
        while !self.internet.broke() || self.internet.calls().iter().any(is_pending) {
            tokio::time::sleep(EVERY).await;
        }
    }
}
