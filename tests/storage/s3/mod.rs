//! S3 buckets at a real moto under AWS's own names, and at a real MinIO.

mod create;
mod faults;
mod kills;
mod minio;
mod owners;
mod removal;

use crate::support::internet::{Call, Internet};
use crate::support::servers::{Keys, Moto};
use crate::world::World;
use cluster_image_registry_operator::net::Network;
use serde_json::{Value, json};

const REGION: &str = "us-east-1";
/// The name that is derived in that region.
const BUCKET: &str = "demo-x7k2p-image-registry-us-east-1";
const OURS: &str = "kubernetes.io/cluster/demo-x7k2p";

/// AWS as far as moto goes: every host of it, behind an internet of its own.
struct Amazon {
    internet: Internet,
    moto: Moto,
}

impl Amazon {
    fn start() -> Self {
        let (internet, moto) = (Internet::start(), Moto::start());
        let address = moto.endpoint.strip_prefix("http://").unwrap().parse().unwrap();
        internet.forward("*.amazonaws.com", address);
        Amazon { internet, moto }
    }

    fn network(&self) -> Network {
        Network::new(Some(&self.internet.proxy()), "", self.internet.ca_pem()).unwrap()
    }

    /// A cluster whose operator may do everything, with that in `spec.storage`.
    fn world(&self, storage: Value) -> World {
        self.world_of(&self.moto.keys, storage)
    }

    fn world_of(&self, keys: &Keys, storage: Value) -> World {
        let credentials = json!({ "aws_access_key_id": keys.access, "aws_secret_access_key": keys.secret });
        World::on(platform(json!([])), storage, credentials, self.network())
    }

    /// What the server itself says, of that bucket.
    fn ask(&self, operation: &str, bucket: &str) -> Result<Value, String> {
        self.call(operation, bucket, json!({}))
    }

    fn call(&self, operation: &str, bucket: &str, mut parameters: Value) -> Result<Value, String> {
        parameters["Bucket"] = json!(bucket);
        self.moto.aws(&self.moto.keys).call("s3", operation, parameters)
    }

    /// The bucket's tags as the server has them.
    fn tags(&self, bucket: &str) -> Value {
        let tags = self.ask("get_bucket_tagging", bucket).unwrap();
        tags["TagSet"].as_array().unwrap().iter().map(|tag| (text(tag, "Key"), tag["Value"].clone())).collect()
    }

    /// The calls of the last settling, as `GET /?tagging=`.
    fn calls(&self) -> Vec<String> {
        calls_of(&self.internet)
    }
}

fn platform(tags: Value) -> Value {
    json!({ "type": "AWS", "aws": { "region": REGION, "resourceTags": tags } })
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap().to_owned()
}

fn calls_of(internet: &Internet) -> Vec<String> {
    let calls = internet.calls();
    internet.clear_calls();
    calls.iter().map(brief).collect()
}

fn brief(call: &Call) -> String {
    format!("{} {}", call.method, call.target)
}

/// Status and reason of a condition.
fn condition(world: &World, type_: &str) -> (String, String) {
    let (status, reason, _) = world.condition(type_).unwrap_or_else(|| panic!("no {type_}"));
    (status, reason)
}

fn is(status: &str, reason: &str) -> (String, String) {
    (status.to_owned(), reason.to_owned())
}

/// The same of the settings: public access, tags, encryption, lifecycle.
fn facts(world: &World) -> [(String, String); 4] {
    ["StoragePublicAccessBlocked", "StorageTagged", "StorageEncrypted", "StorageIncompleteUploadCleanupEnabled"]
        .map(|type_| condition(world, type_))
}

/// How many of the calls change something.
fn writes(calls: &[String]) -> usize {
    calls.iter().filter(|call| !call.starts_with("GET ") && !call.starts_with("HEAD ")).count()
}
