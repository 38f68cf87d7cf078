//! A real MinIO behind a name and a CA of its own: it verifies every request, and does not know every call.

use super::{calls_of, condition, facts, is};
use crate::support::internet::Internet;
use crate::support::servers::Minio;
use crate::support::servers::minio::Settings;
use crate::world::World;
use cluster_image_registry_operator::net::Network;
use serde_json::{Value, json};

const HOST: &str = "s3.storage.example.com";

struct Store {
    internet: Internet,
    /// Whose CA the system trusts; that of the store is the user's business.
    system: Internet,
    minio: Minio,
}

impl Store {
    fn start(region: &str) -> Self {
        let (internet, system) = (Internet::start(), Internet::start());
        let minio = Minio::start(&Settings { region, tls: None });
        internet.forward(HOST, minio.endpoint.strip_prefix("http://").unwrap().parse().unwrap());
        Store { internet, system, minio }
    }

    fn world(&self, s3: Value) -> World {
        let network = Network::new(Some(&self.internet.proxy()), "", self.system.ca_pem()).unwrap();
        let keys = &self.minio.keys;
        let none = json!({ "aws_access_key_id": "", "aws_secret_access_key": "" });
        let mut world = World::on(json!({ "type": "BareMetal" }), json!({ "s3": s3 }), none, network);
        world.secret(
            "image-registry-private-configuration-user",
            json!({ "REGISTRY_STORAGE_S3_ACCESSKEY": keys.access, "REGISTRY_STORAGE_S3_SECRETKEY": keys.secret }),
        );
        world.config_map("openshift-config", "s3-ca", json!({ "ca-bundle.crt": self.internet.ca_pem() }));
        world
    }

    fn s3(region: &str) -> Value {
        json!({ "region": region, "regionEndpoint": format!("https://{HOST}"), "bucket": "images",
            "trustedCA": { "name": "s3-ca" } })
    }

    fn call(&self, operation: &str, mut parameters: Value) -> Result<Value, String> {
        parameters["Bucket"] = json!("images");
        self.minio.aws().call("s3", operation, parameters)
    }
}

#[tokio::test]
async fn a_store_that_does_not_know_every_call_is_used_as_it_is() {
    let store = Store::start("eu-west-1");
    let mut world = store.world(Store::s3("eu-west-1"));
    world.settle_well().await;
    assert_eq!(condition(&world, "StorageExists"), is("True", "CreationSuccessful"));
    let unknown = is("False", "NotSupported");
    assert_eq!(facts(&world), [unknown.clone(), is("True", "TaggingSuccessful"), unknown.clone(), unknown]);
    assert_eq!(world.at("/spec/storage/s3/encrypt"), Value::Null);
    assert!(store.internet.calls().iter().all(|call| call.host == HOST && call.path == "/images"));
    store.internet.clear_calls();
    world.look_again().await;
    assert_eq!(calls_of(&store.internet), ["HEAD /images"]);

    store.call("put_bucket_versioning", json!({ "VersioningConfiguration": { "Status": "Enabled" } })).unwrap();
    for key in ["a", "a", " b&<c>+%2F", "ü/€", "d\u{e9} x"] {
        store.call("put_object", json!({ "Key": key, "Body": "x" })).unwrap();
    }
    store.call("delete_object", json!({ "Key": "a" })).unwrap();
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!(condition(&world, "StorageExists"), is("False", "S3BucketDeleted"));
    assert_eq!(store.call("head_bucket", json!({})), Err("404".to_owned()));
}

#[tokio::test]
async fn only_the_users_ca_is_trusted_and_only_the_stores_region_is_signed_for() {
    let store = Store::start("eu-west-1");
    let mut world = store.world(Store::s3("eu-central-1"));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert_eq!(world.condition("StorageExists").unwrap().1, "WrongRegion", "{trouble}");
    assert!(trouble.contains("spec.storage.s3.region of Config/cluster to eu-west-1"), "{trouble}");

    world.edit(json!({ "spec": { "storage": { "s3": { "region": "eu-west-1" } } } }));
    world.config_map("openshift-config", "s3-ca", json!({ "ca-bundle.crt": store.system.ca_pem() }));
    world.settle().await;
    assert_eq!(world.condition("StorageExists").unwrap().1, "CertificateNotTrusted");

    world.config_map("openshift-config", "s3-ca", json!({ "ca-bundle.crt": store.internet.ca_pem() }));
    world.settle_well().await;
    assert_eq!(condition(&world, "StorageExists"), is("True", "CreationSuccessful"));

    world.secret(
        "image-registry-private-configuration-user",
        json!({ "REGISTRY_STORAGE_S3_ACCESSKEY": "operator", "REGISTRY_STORAGE_S3_SECRETKEY": "forged" }),
    );
    world.settle().await;
    assert_eq!(world.condition("StorageExists").unwrap().1, "SignatureDoesNotMatch");
}
