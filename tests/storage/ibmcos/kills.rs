//! The process ends at any call, and the next one carries on.

use super::{is_complete, world};
use crate::ibm_cloud::{IbmCloud, NAME};
use crate::support::internet::When;
use crate::world::World;
use serde_json::json;
use std::time::Duration;

/// Works until the call at which the process ends; whether it came to that. Everything goes on afterwards.
async fn killed(cloud: &IbmCloud, world: &mut World) -> bool {
    let cut = async {
        // With the server's answer, everything ends a little later than the call has come.
        while !cloud.internet.is_cut() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::select! {
        biased;
        () = cut => {}
        () = world.settle() => assert_eq!(world.trouble, None),
    }
    world.restart();
    let broke = cloud.internet.broke();
    cloud.internet.mend();
    broke
}

fn forget(cloud: &IbmCloud) {
    let mut state = cloud.state();
    state.instances.clear();
    state.keys.clear();
    state.buckets.clear();
}

#[tokio::test]
async fn whatever_was_created_is_taken_over() {
    let cloud = IbmCloud::start();
    for when in [When::Before, When::After] {
        let mut k = 1;
        loop {
            forget(&cloud);
            let bucket = format!("bucket-{k}-{when:?}").to_lowercase();
            let mut world = world(&cloud, json!({ "bucket": bucket }));
            cloud.internet.cut_at(k, when);
            let broke = killed(&cloud, &mut world).await;
            world.settle_well().await;
            is_complete(&cloud, &world, &bucket);
            assert!(super::credentials(&world).is_some(), "call {k}");
            if !broke {
                break;
            }
            k += 1;
        }
        assert!(k > 12, "only {k} calls");
    }
}

#[tokio::test]
async fn a_removal_comes_to_its_end() {
    let cloud = IbmCloud::start();
    for when in [When::Before, When::After] {
        let mut k = 1;
        loop {
            forget(&cloud);
            let bucket = format!("bucket-{k}-{when:?}").to_lowercase();
            let mut world = world(&cloud, json!({ "bucket": bucket }));
            world.settle_well().await;
            cloud.s3("put_object", json!({ "Bucket": bucket, "Key": "docker/a", "Body": "content" }));
            world.edit(json!({ "spec": { "managementState": "Removed" } }));
            cloud.internet.cut_at(k, when);
            let broke = killed(&cloud, &mut world).await;
            world.settle_well().await;
            {
                let state = cloud.state();
                assert!(state.buckets.is_empty(), "call {k}");
                let ours = state.keys.iter().filter(|key| key["name"] == NAME).count();
                assert_eq!((state.live().len(), ours), (0, 0), "call {k}");
            }
            if !broke {
                break;
            }
            k += 1;
        }
        assert!(k > 10, "only {k} calls");
    }
}
