//! The operator is killed between any two calls.

use super::{Google, is, name, status};
use crate::support::internet::When;
use crate::world::World;
use serde_json::json;
use std::time::Duration;

const KEY: &str = "projects/demo-project/locations/us-central1/keyRings/r/cryptoKeys/k";

/// Settles until the call comes at which everything is cut; says whether it came.
async fn killed(google: &Google, world: &mut World) -> bool {
    let broke = async {
        while !google.internet.broke() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::select! {
        biased;
        () = broke => {}
        () = world.settle() => assert_eq!(world.trouble, None),
    }
    world.restart();
    let broke = google.internet.broke();
    google.internet.mend();
    broke
}

#[tokio::test]
async fn creation_comes_to_one_bucket_with_all_its_settings() {
    let tag = "123456789012/env/a".to_owned();
    let tags = json!([{ "parentID": "123456789012", "key": "env", "value": "a" }]);
    for when in [When::Before, When::After] {
        let mut k = 1;
        loop {
            let google = Google::start();
            {
                let mut state = google.cloud.state();
                state.kms_keys.insert(KEY.to_owned());
                state.tags.insert(tag.clone());
            }
            let mut world = google.world_on(tags.clone(), json!({ "keyID": KEY }));
            google.internet.cut_at(k, when);
            if !killed(&google, &mut world).await {
                break;
            }
            world.settle_well().await;
            let name = name(&world);
            let bucket = google.cloud.bucket(&name).unwrap();
            assert_eq!(google.cloud.state().buckets.len(), 1, "call {k}");
            assert_eq!((bucket.labels.len(), bucket.kms_key.as_deref(), bucket.tags.len()), (2, Some(KEY), 1));
            assert_eq!(world.at("/spec/storage/managementState"), "Managed", "call {k}");
            for (type_, reason) in [
                ("StorageLabeled", "BucketLabeledSuccessfully"),
                ("StorageEncrypted", "EncryptionSuccessful"),
                ("StorageTagged", "SuccessTaggingBucket"),
            ] {
                assert_eq!(status(&world, type_), is("True", reason), "call {k}");
            }
            k += 1;
        }
        assert!(k > 8, "only {k} calls");
    }
}

#[tokio::test]
async fn removal_comes_to_its_end() {
    for when in [When::Before, When::After] {
        let mut k = 1;
        loop {
            let google = Google::start();
            let mut world = google.world(json!({}));
            world.settle_well().await;
            let name = name(&world);
            for n in 0..10 {
                google.cloud.upload(&name, &format!("object-{n}"));
            }
            world.edit(json!({ "spec": { "managementState": "Removed" } }));
            google.internet.cut_at(k, when);
            if !killed(&google, &mut world).await {
                break;
            }
            world.settle_well().await;
            assert_eq!(google.cloud.bucket(&name), None, "call {k}");
            assert_eq!(status(&world, "StorageExists").unwrap().0, "False", "call {k}");
            k += 1;
        }
        assert!(k > 13, "only {k} calls");
    }
}
