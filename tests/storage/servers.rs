//! The servers and clients that storage tests use do what those tests rely on.

use crate::support::servers::aws::shared_credentials;
use crate::support::servers::{Aws, Keys, Kind, Moto, Registry, from_deployment, push_pull, stock, try_push_pull};
use crate::world::{CONFIG, DEPLOYMENT, manifest, scenario, secret_data};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;

fn s3(action: &str) -> serde_json::Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

#[test]
fn moto_checks_signatures_and_permissions() {
    let moto = Moto::start();
    let operator = moto.aws(&moto.keys);
    let bucket = json!({"Bucket": "images"});
    operator.call("s3", "create_bucket", bucket.clone()).unwrap();
    let listed = operator.call("s3", "list_buckets", json!({})).unwrap();
    assert_eq!(listed["Buckets"][0]["Name"], "images");

    let nobody = moto.aws(&moto.user_without_permissions("nobody"));
    assert_eq!(nobody.call("s3", "head_bucket", bucket.clone()), Err("403".to_owned()));
    assert_eq!(nobody.call("s3", "list_objects_v2", bucket.clone()), Err("AccessDenied".to_owned()));
    let forged = Keys { secret: "forged".to_owned(), ..moto.keys.clone() };
    let forged = moto.aws(&forged).call("s3", "list_objects_v2", bucket.clone());
    assert_eq!(forged, Err("SignatureDoesNotMatch".to_owned()));
    let unsigned = Aws { keys: None, ..operator };
    assert_eq!(unsigned.call("s3", "list_objects_v2", bucket), Err("AccessDenied".to_owned()));
}

#[test]
fn moto_gives_sessions_to_holders_of_tokens() {
    let moto = Moto::start();
    moto.aws(&moto.keys).call("s3", "create_bucket", json!({"Bucket": "images"})).unwrap();
    let role = moto.role("registry", s3("s3:ListBucket"));
    let session = moto.aws(&moto.assume(&role, "a.web.token").unwrap());
    session.call("s3", "list_objects_v2", json!({"Bucket": "images"})).unwrap();
    let refused = session.call("s3", "delete_bucket", json!({"Bucket": "images"}));
    assert_eq!(refused, Err("AccessDenied".to_owned()));
}

fn on_disk(directory: &std::path::Path) -> Vec<(String, String)> {
    let root = directory.to_str().unwrap();
    let given = [("REGISTRY_STORAGE", "filesystem"), ("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", root)];
    given.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[test]
fn images_go_through_the_registry_of_distribution() {
    let directory = tempfile::tempdir().unwrap();
    let digest = push_pull(&Registry::start(Kind::Distribution, &on_disk(directory.path())));
    assert!(digest.starts_with("sha256:"), "{digest}");
    assert!(directory.path().join("docker/registry/v2/blobs").is_dir());
}

#[test]
fn images_go_through_the_registry_of_debian() {
    let directory = tempfile::tempdir().unwrap();
    push_pull(&Registry::start(Kind::Debian, &on_disk(directory.path())));
    assert!(directory.path().join("docker/registry/v2/blobs").is_dir());
}

#[test]
fn a_registry_that_cannot_start_says_why() {
    let given = [("REGISTRY_STORAGE".to_owned(), "nowhere".to_owned())];
    for kind in [Kind::Distribution, Kind::Debian] {
        let reason = Registry::try_start(kind, &given).err().unwrap();
        assert!(reason.contains("ended") && reason.contains("nowhere"), "{reason}");
    }
}

#[test]
fn a_rendered_deployment_stores_images_in_s3() {
    let moto = Moto::start();
    let operator = moto.aws(&moto.keys);
    operator.call("s3", "create_bucket", json!({"Bucket": "reg"})).unwrap();

    let plan = scenario("s3-compatible-on-baremetal")
        .secret(
            "image-registry-private-configuration-user",
            json!({
                "REGISTRY_STORAGE_S3_ACCESSKEY": moto.keys.access,
                "REGISTRY_STORAGE_S3_SECRETKEY": moto.keys.secret,
            }),
        )
        .patch(
            CONFIG,
            json!({"spec": {"storage": {"s3": {
                "regionEndpoint": moto.endpoint, "region": "us-east-1", "virtualHostedStyle": false, "trustedCA": null,
            }}}}),
        )
        .sound_plan();
    let secret_of = |name: &str| match name {
        "image-registry-private-configuration" => {
            secret_data(&plan, name).into_iter().map(|(key, value)| (key, value.into_bytes())).collect()
        }
        _ => BTreeMap::new(),
    };
    let volumes = tempfile::tempdir().unwrap();
    let mut environment = from_deployment(manifest(&plan, DEPLOYMENT).unwrap(), secret_of, volumes.path());
    environment.push((stock::NO_REDIRECT.0.to_owned(), stock::NO_REDIRECT.1.to_owned()));
    for kind in [Kind::Distribution, Kind::Debian] {
        push_pull(&Registry::start(kind, &environment));
    }
    let nobody = moto.user_without_permissions("nobody");
    fs::write(volumes.path().join("var/run/secrets/cloud/credentials"), shared_credentials(&nobody)).unwrap();
    let registry = Registry::start(Kind::Distribution, &environment);
    assert!(try_push_pull(&registry.address).is_err(), "somebody without permissions pushes");

    let objects = operator.call("s3", "list_objects_v2", json!({"Bucket": "reg"})).unwrap();
    assert!(objects["KeyCount"].as_u64().unwrap() > 4, "{objects}");
    assert!(moto.log().contains("partNumber=2"), "the large layer came in one part");
}
