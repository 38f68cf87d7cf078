//! Storage in the cluster itself.

use super::{network, runs};
use crate::support::internet::Internet;
use crate::support::servers::Kind;
use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn images_go_into_the_pods_own_disk_and_into_claims() {
    let internet = Internet::start();
    for storage in [json!({ "emptyDir": {} }), json!({ "pvc": { "claim": "images" } })] {
        let mut world = World::on(json!({ "type": "None" }), storage, json!({}), network(&internet));
        world.settle_well().await;
        for kind in [Kind::Distribution, Kind::Debian] {
            runs(&world, kind);
        }
    }
    assert!(internet.calls().is_empty());
}
