//! Amazon S3, in the part of moto.

use super::{network, proxied, removed, runs};
use crate::support::internet::Internet;
use crate::support::servers::{Kind, Moto};
use crate::world::World;
use serde_json::{Value, json};

fn aws(internet: &Internet, moto: &Moto, storage: Value) -> World {
    internet.forward("*.amazonaws.com", moto.endpoint.trim_start_matches("http://").parse().unwrap());
    let keys = json!({ "aws_access_key_id": moto.keys.access, "aws_secret_access_key": moto.keys.secret });
    let platform = json!({ "type": "AWS", "aws": { "region": "us-east-1" } });
    let mut world = World::on(platform, storage, keys, network(internet));
    proxied(&mut world, internet);
    world
}

fn buckets(moto: &Moto) -> Vec<String> {
    let listed = moto.aws(&moto.keys).call("s3", "list_buckets", json!({})).unwrap();
    let name = |bucket: &Value| bucket["Name"].as_str().unwrap().to_owned();
    listed["Buckets"].as_array().unwrap().iter().map(name).collect()
}

#[tokio::test]
async fn a_bucket_of_the_operator_holds_images_and_goes_with_the_registry() {
    let (internet, moto) = (Internet::start(), Moto::start());
    let mut world = aws(&internet, &moto, json!({ "s3": {} }));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Managed");
    let bucket = world.at("/status/storage/s3/bucket").as_str().unwrap().to_owned();
    assert_eq!(buckets(&moto), std::slice::from_ref(&bucket));
    for kind in [Kind::Distribution, Kind::Debian] {
        runs(&world, kind);
    }
    let held = moto.aws(&moto.keys).call("s3", "list_objects_v2", json!({ "Bucket": bucket })).unwrap();
    assert!(held["KeyCount"].as_u64().unwrap() > 0, "{held}");
    removed(&mut world).await;
    assert_eq!(buckets(&moto), [""; 0]);
}

#[tokio::test]
async fn a_bucket_of_the_user_holds_images_and_stays() {
    let (internet, moto) = (Internet::start(), Moto::start());
    let mut world = aws(&internet, &moto, json!({ "s3": { "bucket": "users" } }));
    moto.aws(&moto.keys).call("s3", "create_bucket", json!({ "Bucket": "users" })).unwrap();
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");
    runs(&world, Kind::Distribution);
    removed(&mut world).await;
    assert_eq!(buckets(&moto), ["users"]);
    let held = moto.aws(&moto.keys).call("s3", "list_objects_v2", json!({ "Bucket": "users" })).unwrap();
    assert!(held["KeyCount"].as_u64().unwrap() > 0, "{held}");
}
