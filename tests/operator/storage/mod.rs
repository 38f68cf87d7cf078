//! The operator with the storage of a cloud: the real S3 of moto, behind the host names of AWS.

mod gone;
mod killed;
mod life;
mod once;
mod openstack;
mod rotated;

use crate::cluster::Cluster;
use crate::cluster::operator::{Operator, Options};
use crate::e2e::support::NAMESPACE;
use crate::support::internet::Internet;
use crate::support::servers::{Keys, Moto};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;

const REGION: &str = "us-east-1";
const CREDENTIALS: &str = "installer-cloud-credentials";

/// AWS, as far as the operator can tell.
pub struct Aws {
    pub internet: Internet,
    pub moto: Moto,
}

impl Aws {
    /// Starts it, puts the cluster on it, and gives the operator its keys.
    pub async fn around(cluster: &Cluster) -> Self {
        let (internet, moto) = (Internet::start(), Moto::start());
        let address: SocketAddr = moto.endpoint.trim_start_matches("http://").parse().unwrap();
        internet.forward("*.amazonaws.com", address);
        let aws = Aws { internet, moto };
        aws.surround(cluster).await;
        aws
    }

    /// Puts the cluster on it, and gives the operator its keys.
    pub async fn surround(&self, cluster: &Cluster) {
        cluster.set_platform(json!({ "type": "AWS", "aws": { "region": REGION } })).await;
        self.give(cluster, &self.moto.keys).await;
    }

    /// Gives the operator these keys.
    pub async fn give(&self, cluster: &Cluster, keys: &Keys) {
        let data = json!({ "aws_access_key_id": keys.access, "aws_secret_access_key": keys.secret });
        let secret = json!({ "apiVersion": "v1", "kind": "Secret", "stringData": data,
            "metadata": { "name": CREDENTIALS, "namespace": NAMESPACE } });
        cluster.apply(&secret).await.unwrap();
    }

    /// The environment of a process that reaches it.
    pub fn environment(&self) -> BTreeMap<String, String> {
        environment(&self.internet)
    }

    /// Starts an operator that reaches it.
    pub fn operator(&self, cluster: &Cluster, arguments: &[&str]) -> Operator {
        operator(cluster, &self.internet, arguments)
    }

    /// Asks S3 as somebody who may do everything.
    pub fn s3(&self, operation: &str, parameters: Value) -> Result<Value, String> {
        self.moto.aws(&self.moto.keys).call("s3", operation, parameters)
    }

    /// The names of all buckets.
    pub fn buckets(&self) -> Vec<String> {
        let listed = self.s3("list_buckets", json!({})).unwrap();
        let name = |bucket: &Value| bucket["Name"].as_str().unwrap().to_owned();
        listed["Buckets"].as_array().unwrap().iter().map(name).collect()
    }

    /// Every call since the last `clear_calls`, as `METHOD host/path?query`.
    pub fn lines(&self) -> Vec<String> {
        self.internet.calls().iter().map(|call| call.line()).collect()
    }
}

/// The environment of a process that reaches clouds through that internet.
fn environment(internet: &Internet) -> BTreeMap<String, String> {
    let mut environment = Options::default().environment;
    environment.extend(internet.environment());
    environment
}

/// Starts an operator that does, and that looks at rarely changing inputs every second.
fn operator(cluster: &Cluster, internet: &Internet, arguments: &[&str]) -> Operator {
    let arguments = ["--turn", "1"].iter().chain(arguments).map(|argument| (*argument).to_owned()).collect();
    Operator::start(cluster, Options { arguments, environment: environment(internet) })
}
