//! What goes wrong on the way, and processes that are killed.

use super::{CLUSTER, Cloud, MARK, exists, name, pair};
use crate::support::internet::{Fault, Response, When};
use crate::support::servers::swift::{IDENTITY, REGION_ONE};
use serde_json::json;

#[tokio::test]
async fn a_storm_of_503_and_a_429_are_waited_for() {
    let cloud = Cloud::new();
    cloud.internet.faults(vec![
        Fault::answer(Response::text(503, "")).host(IDENTITY).first(1),
        Fault::answer(Response::text(503, "")).host(REGION_ONE).first(2),
        Fault::answer(Response::new(429).with_header("Retry-After", "1")).host(REGION_ONE).method("PUT").first(1),
    ]);
    let mut world = cloud.world(json!({}));
    world.settle_well().await;
    assert_eq!(cloud.containers(), [name(&world)]);
}

#[tokio::test]
async fn what_stays_unavailable_is_told_and_done_when_it_is_back() {
    let cloud = Cloud::new();
    let mut world = cloud.world(json!({}));
    for (host, status, reason, says) in [
        (IDENTITY, 503, "ServiceUnavailable", "gives no token: 503 Service Unavailable; it is asked again"),
        (REGION_ONE, 503, "ServiceUnavailable", "Swift answered 503 Service Unavailable; it is asked again"),
        (REGION_ONE, 429, "TooManyRequests", "there are too many requests: it is asked again"),
    ] {
        cloud.internet.fault(Fault::answer(Response::new(status)).host(host));
        world.settle().await;
        let trouble = world.trouble.clone().unwrap();
        assert!(trouble.ends_with(says), "{trouble}");
        assert_eq!(exists(&world), pair("Unknown", reason));
        cloud.internet.clear_faults();
    }
    world.settle_well().await;
    assert_eq!(cloud.containers(), [name(&world)]);
}

#[tokio::test]
async fn lost_responses_do_no_harm() {
    let cloud = Cloud::new();
    cloud.internet.fault(Fault::lose_response().host(IDENTITY).first(1));
    cloud.internet.fault(Fault::lose_response().host(REGION_ONE).method("HEAD").first(1));
    cloud.internet.fault(Fault::lose_response().host(REGION_ONE).method("PUT").first(1));
    let mut world = cloud.world(json!({}));
    world.settle_well().await;
    assert_eq!(exists(&world), pair("True", "CreationSuccessful"));
    assert_eq!(cloud.containers(), [name(&world)]);

    cloud.swift.fill(&cloud.project, &name(&world), &["blob".to_owned()]);
    cloud.internet.fault(Fault::lose_response().path("bulk-delete").first(1));
    cloud.internet.fault(Fault::lose_response().method("DELETE").first(1));
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!(cloud.containers(), [""; 0]);
}

#[tokio::test]
async fn killed_at_any_call_of_the_creation_one_container_comes_of_it() {
    let cloud = Cloud::new();
    for when in [When::Before, When::After] {
        for k in 1.. {
            let mut world = cloud.world(json!({}));
            let broke = cloud.killed(&mut world, k, when).await;
            world.settle_well().await;
            assert_eq!(cloud.containers(), [name(&world)], "call {k}");
            assert_eq!(world.at("/spec/storage/managementState"), "Managed", "call {k}");
            let container = cloud.container("HEAD", &name(&world), &[]);
            let metadata = [MARK, "X-Container-Meta-Name"].map(|header| container.header(header).to_owned());
            assert_eq!(metadata, [CLUSTER.to_owned(), name(&world)], "call {k}");
            cloud.container("DELETE", &name(&world), &[]);
            if !broke {
                assert_eq!(k, 7, "the creation has other calls than it had");
                break;
            }
        }
    }
}

#[tokio::test]
async fn killed_at_any_call_of_the_removal_nothing_is_left() {
    let cloud = Cloud::new();
    for when in [When::Before, When::After] {
        for k in 1.. {
            let mut world = cloud.world(json!({}));
            world.settle_well().await;
            cloud.swift.fill(&cloud.project, &name(&world), &["a".to_owned(), "b/c".to_owned()]);
            world.edit(json!({ "spec": { "managementState": "Removed" } }));
            let broke = cloud.killed(&mut world, k, when).await;
            world.settle_well().await;
            assert_eq!(cloud.containers(), [""; 0], "call {k}");
            if !broke {
                assert_eq!(k, 7, "the removal has other calls than it had");
                break;
            }
        }
    }
}
