//! Google Cloud Storage.

use super::{network, proxied, removed, runs};
use crate::gcs::front::{Cloud, Key};
use crate::support::internet::Internet;
use crate::support::servers::Kind;
use crate::world::World;
use serde_json::{Value, json};

fn google(internet: &Internet, storage: Value) -> World {
    let platform = json!({ "type": "GCP", "gcp": { "projectID": "demo-project", "region": "us-central1" } });
    let key = json!({ "service_account.json": Key::A.file().to_string() });
    let mut world = World::on(platform, storage, key, network(internet));
    proxied(&mut world, internet);
    world
}

#[tokio::test]
async fn a_bucket_of_the_operator_holds_images_and_goes_with_the_registry() {
    let internet = Internet::start();
    let cloud = Cloud::on(&internet);
    let mut world = google(&internet, json!({ "gcs": {} }));
    world.settle_well().await;
    let bucket = world.at("/status/storage/gcs/bucket").as_str().unwrap().to_owned();
    assert!(cloud.bucket(&bucket).is_some());
    runs(&world, Kind::Distribution);
    assert!(cloud.objects(&bucket) > 0);
    removed(&mut world).await;
    assert_eq!(cloud.bucket(&bucket), None);
}

#[tokio::test]
async fn a_bucket_of_the_user_holds_images_and_stays() {
    let internet = Internet::start();
    let cloud = Cloud::on(&internet);
    cloud.add_bucket("users", "demo-project", &[], false);
    let mut world = google(&internet, json!({ "gcs": { "bucket": "users" } }));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");
    runs(&world, Kind::Distribution);
    removed(&mut world).await;
    assert!(cloud.objects("users") > 0);
}
