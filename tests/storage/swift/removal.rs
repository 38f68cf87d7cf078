//! Containers that are removed with all that is in them, and such that are not.

use super::{Cloud, MARK, exists, name, pair};
use crate::support::internet::{Fault, Response};
use crate::world::World;
use serde_json::json;

/// A container with that many objects, whose registry is to be removed.
async fn doomed(cloud: &Cloud, objects: usize) -> World {
    let mut world = cloud.world(json!({}));
    world.settle_well().await;
    let names: Vec<String> = (0..objects).map(|number| format!("docker/registry/v2/blobs/{number}")).collect();
    cloud.swift.fill(&cloud.project, &name(&world), &names);
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    cloud.calls();
    world
}

#[tokio::test]
async fn more_than_a_thousand_objects_go_with_their_container() {
    let cloud = Cloud::new();
    let mut world = doomed(&cloud, 1001).await;
    let name = name(&world);
    world.settle_well().await;
    assert_eq!(exists(&world), pair("False", "SwiftContainerDeleted"));
    assert_eq!(cloud.containers(), [""; 0]);
    // How far it is gets told between two pages on a slow machine, and then it is looked at again.
    let calls: Vec<String> = cloud.calls().into_iter().filter(|call| !call.starts_with("HEAD")).collect();
    let page = [&format!("GET /{name}?format=json&limit=250"), "POST account"];
    let rest = [page[0].to_owned(), format!("DELETE /{name}")];
    assert_eq!(calls, [&["token"], [page; 5].as_flattened(), &rest.each_ref().map(String::as_str)].concat());
}

#[tokio::test]
async fn names_of_any_kind_are_removed() {
    let cloud = Cloud::new();
    let mut world = doomed(&cloud, 0).await;
    let names = ["sp%20ace", "new%0Aline", "per%25cent", "b%C3%BCro", "%2Fslash%2F", "a%3Fb%23c"];
    for object in names {
        cloud.container("PUT", &format!("{}/{object}", name(&world)), &[]);
    }
    assert_eq!(cloud.container("HEAD", &name(&world), &[]).header("X-Container-Object-Count"), "6");
    world.settle_well().await;
    assert_eq!(cloud.containers(), [""; 0]);
}

#[tokio::test]
async fn without_lists_objects_are_deleted_one_by_one() {
    // 204 is what a Swift without the middleware answers: it takes the request for one about the account's metadata.
    for status in [204, 404, 405] {
        let cloud = Cloud::new();
        let mut world = doomed(&cloud, 20).await;
        cloud.internet.fault(Fault::answer(Response::new(status)).path("bulk-delete"));
        world.settle_well().await;
        assert_eq!(cloud.containers(), [""; 0]);
        let calls = cloud.calls();
        let of = |what: &str| calls.iter().filter(|call| call.starts_with(what)).count();
        assert_eq!((of("POST account"), of("DELETE"), of("GET")), (1, 21, 2), "{calls:?}");
    }
}

#[tokio::test]
async fn objects_that_cannot_be_deleted_are_named() {
    let cloud = Cloud::new();
    let mut world = doomed(&cloud, 1).await;
    let answer = json!({ "Number Deleted": 0, "Number Not Found": 0, "Response Status": "400 Bad Request",
        "Response Body": "", "Errors": [["/c/docker/blob", "403 Forbidden"]] });
    cloud.internet.fault(Fault::answer(Response::json(200, &answer)).path("bulk-delete"));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("objects could not be deleted: /c/docker/blob (403 Forbidden);"), "{trouble}");
    cloud.internet.clear_faults();
    world.settle_well().await;
    assert_eq!(cloud.containers(), [""; 0]);
}

#[tokio::test]
async fn what_is_written_meanwhile_goes_too() {
    let cloud = Cloud::new();
    let mut world = doomed(&cloud, 1).await;
    // Swift says that the container is not empty, whatever the list said.
    let conflict = Fault::answer(Response::new(409)).method("DELETE").first(1);
    cloud.internet.fault(conflict);
    world.settle_well().await;
    assert_eq!(cloud.containers(), [""; 0]);
}

#[tokio::test]
async fn a_container_that_lost_our_mark_is_not_removed() {
    let cloud = Cloud::new();
    let mut world = doomed(&cloud, 1).await;
    cloud.container("POST", &name(&world), &[(MARK, "other-cluster")]);
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("is not removed: it belongs to cluster other-cluster"), "{trouble}");
    assert_eq!(cloud.containers(), [name(&world)]);
}

#[tokio::test]
async fn a_container_that_is_gone_already_is_removed() {
    let cloud = Cloud::new();
    let mut world = doomed(&cloud, 0).await;
    cloud.container("DELETE", &name(&world), &[]);
    world.settle_well().await;
    assert_eq!(exists(&world), pair("False", "SwiftContainerDeleted"));
}
