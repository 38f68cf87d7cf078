//! Whether the bootstrap storage can be Swift.

use super::Cloud;
use crate::support::internet::{Fault, Response};
use crate::support::servers::swift::{IDENTITY, REGION_ONE};
use cluster_image_registry_operator::execute::storage::swift_is_usable;
use serde_json::json;

#[tokio::test]
async fn swift_is_usable_if_containers_can_be_listed() {
    let cloud = Cloud::new();
    let inputs = cloud.world(json!({})).inputs();
    assert_eq!(swift_is_usable(&inputs, &cloud.network()).await, Ok(true));
    assert_eq!(cloud.calls().len(), 2);
}

#[tokio::test]
async fn swift_is_not_usable_without_an_endpoint_or_the_right_to_use_it() {
    let cloud = Cloud::new();
    let reader = cloud.swift.reader(&cloud.project);
    let minted = cloud.minted_with(json!({ "username": reader.name, "password": reader.password,
        "project_name": cloud.project.name }));
    let inputs = cloud.world_with(json!({}), minted).inputs();
    assert_eq!(swift_is_usable(&inputs, &cloud.network()).await, Ok(false));

    cloud.swift.hide_swift(&cloud.project);
    let inputs = cloud.world(json!({})).inputs();
    assert_eq!(swift_is_usable(&inputs, &cloud.network()).await, Ok(false));
}

#[tokio::test]
async fn what_may_pass_decides_nothing() {
    let cloud = Cloud::new();
    let inputs = cloud.world(json!({})).inputs();
    let unavailable = |host: &str| Fault::answer(Response::new(503)).host(host);
    let faults = [unavailable(IDENTITY), unavailable(REGION_ONE), Fault::refuse().host(REGION_ONE)];
    for (fault, reason) in faults.into_iter().zip(["ServiceUnavailable", "ServiceUnavailable", "ServiceUnreachable"]) {
        cloud.internet.fault(fault);
        let trouble = swift_is_usable(&inputs, &cloud.network()).await.unwrap_err();
        assert_eq!(trouble.reason, reason);
        cloud.internet.clear_faults();
    }
}

#[tokio::test]
async fn credentials_that_are_missing_or_wrong_decide_nothing() {
    let cloud = Cloud::new();
    let wrong = cloud.minted_with(json!({ "username": cloud.project.user.name, "password": "wrong",
        "project_name": cloud.project.name }));
    let nobody = cloud.minted_with(json!({ "project_name": cloud.project.name }));
    for (minted, reason) in [(wrong, "CredentialsNotAccepted"), (nobody, "CredentialsIncomplete")] {
        let inputs = cloud.world_with(json!({}), minted).inputs();
        assert_eq!(swift_is_usable(&inputs, &cloud.network()).await.unwrap_err().reason, reason);
    }
}
