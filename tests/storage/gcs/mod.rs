//! Google Cloud Storage.

mod creation;
#[allow(clippy::result_large_err, reason = "refusals are responses")]
pub mod front;
mod identity;
mod kills;
mod removal;
mod settings;
mod trouble;

use crate::support::internet::{Call, Internet};
use crate::world::World;
use cluster_image_registry_operator::net::Network;
use front::{Cloud, Key};
use serde_json::{Value, json};

/// A cloud on an internet of its own.
struct Google {
    cloud: Cloud,
    internet: Internet,
}

impl Google {
    fn start() -> Self {
        let internet = Internet::start();
        Google { cloud: Cloud::on(&internet), internet }
    }

    fn network(&self) -> Network {
        Network::new(Some(&self.internet.proxy()), "", self.internet.ca_pem()).unwrap()
    }

    /// A cluster on Google Cloud with one label of the platform, and this in `spec.storage.gcs`.
    fn world(&self, gcs: Value) -> World {
        self.world_on(json!([]), gcs)
    }

    /// The same with tags of the platform.
    fn world_on(&self, tags: Value, gcs: Value) -> World {
        let platform = json!({ "type": "GCP", "gcp": { "projectID": "demo-project", "region": "us-central1",
            "resourceLabels": [{ "key": "team", "value": "images" }], "resourceTags": tags } });
        World::on(platform, json!({ "gcs": gcs }), credentials(&Key::A.file()), self.network())
    }

    /// What has been asked since the last time, as `GET host/path`.
    fn asked(&self) -> Vec<String> {
        let calls = self.internet.calls();
        self.internet.clear_calls();
        calls.iter().map(line).collect()
    }
}

/// What was asked for, without the query.
fn line(call: &Call) -> String {
    format!("{} {}{}", call.method, call.host, call.path)
}

fn credentials(file: &Value) -> Value {
    json!({ "service_account.json": file.to_string() })
}

/// The name that Config has for the bucket.
fn name(world: &World) -> String {
    world.at("/spec/storage/gcs/bucket").as_str().unwrap_or_default().to_owned()
}

fn status(world: &World, type_: &str) -> Option<(String, String)> {
    world.condition(type_).map(|(status, reason, _)| (status, reason))
}

fn is(status: &str, reason: &str) -> Option<(String, String)> {
    Some((status.to_owned(), reason.to_owned()))
}
