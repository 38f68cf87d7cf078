//! The operator can be killed between any two calls.

use super::{Amazon, OURS, facts, writes};
use crate::support::internet::{Internet, When};
use crate::world::World;
use serde_json::{Value, json};
use std::time::Duration;

const EVERY: Duration = Duration::from_millis(5);

/// Settles until that call, and stops there as if the process had been killed; whether it came to that.
async fn is_killed(world: &mut World, internet: &Internet, call: usize, when: When) -> bool {
    internet.cut_at(call, when);
    let broken = async {
        while !internet.is_cut() {
            tokio::time::sleep(EVERY).await;
        }
    };
    tokio::select! {
        () = world.settle() => {}
        () = broken => {}
    }
    world.restart();
    let broke = internet.broke();
    internet.mend();
    broke
}

#[tokio::test]
async fn a_kill_at_any_call_of_the_creation_leaves_one_bucket_with_all_settings() {
    let amazon = Amazon::start();
    let mut names = Vec::new();
    for when in [When::Before, When::After] {
        for call in 1.. {
            let name = format!("killed-{when:?}-{call}").to_lowercase();
            let mut world = amazon.world(json!({ "s3": { "bucket": name } }));
            let killed = is_killed(&mut world, &amazon.internet, call, when).await;
            world.settle_well().await;
            assert!(facts(&world).iter().all(|(status, _)| status == "True"), "{call}: {:?}", facts(&world));
            assert_eq!(world.at("/status/storageManaged"), true);
            world.restart();
            amazon.internet.clear_calls();
            world.settle_well().await;
            assert_eq!(writes(&amazon.calls()), 0, "{name}: something was not set");
            names.push(name);
            if !killed {
                assert!(call > 10, "{call}");
                break;
            }
        }
    }
    let listed = amazon.moto.aws(&amazon.moto.keys).call("s3", "list_buckets", json!({})).unwrap();
    let mut listed: Vec<&str> =
        listed["Buckets"].as_array().unwrap().iter().map(|bucket| bucket["Name"].as_str().unwrap()).collect();
    listed.sort_unstable();
    names.sort_unstable();
    assert_eq!(listed, names);
    assert_eq!(amazon.tags(&names[0])[OURS], "owned");
}

#[tokio::test]
async fn a_kill_at_any_call_of_the_removal_leaves_nothing() {
    let amazon = Amazon::start();
    let aws = amazon.moto.aws(&amazon.moto.keys);
    for when in [When::Before, When::After] {
        for call in 1.. {
            let name = format!("killed-{when:?}-{call}").to_lowercase();
            let mut world = amazon.world(json!({ "s3": { "bucket": name } }));
            world.settle_well().await;
            let content = [
                ("s3", "put_object", json!({ "Bucket": name, "Key": "a", "Body": "x" })),
                ("s3", "create_multipart_upload", json!({ "Bucket": name, "Key": "b" })),
            ];
            for answer in aws.calls(&content) {
                answer.unwrap();
            }
            world.edit(json!({ "spec": { "managementState": "Removed" } }));
            let killed = is_killed(&mut world, &amazon.internet, call, when).await;
            world.settle_well().await;
            let (status, _, _) = world.condition("StorageExists").unwrap();
            assert_eq!((status.as_str(), world.at("/status/storage")), ("False", json!({})), "{name}");
            if !killed {
                assert!(call > 8, "{call}");
                break;
            }
        }
    }
    let listed = aws.call("s3", "list_buckets", json!({})).unwrap();
    assert!(listed["Buckets"].as_array().is_none_or(Vec::is_empty), "{listed}");
    assert_ne!(listed, Value::Null);
}
