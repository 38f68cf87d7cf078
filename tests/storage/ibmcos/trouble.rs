//! What goes wrong is told in a sentence, and what passes is waited for.

use super::{BUCKET, failing, is_complete, world};
use crate::ibm_cloud::{API_KEY, COS, IAM, IbmCloud, PLATFORM};
use crate::support::internet::{Fault, Response, When};
use serde_json::json;

#[tokio::test]
async fn an_api_key_that_is_wrong_is_told() {
    let cloud = IbmCloud::start();
    cloud.state().api_keys.clear();
    let mut world = world(&cloud, json!({ "bucket": BUCKET }));
    let said = failing(&mut world).await;
    assert_eq!(
        said,
        "IBM Cloud Object Storage bucket images in us-south: there is no token for the API key: IAM answered 400 \
         BXNIM0415E, Provided API key could not be found; put a valid API key into Secret \
         openshift-image-registry/installer-cloud-credentials (ibmcloud_api_key)"
    );
    assert_eq!(world.condition("StorageExists").unwrap().1, "BXNIM0415E");
    cloud.state().api_keys.insert(API_KEY.to_owned());
    world.settle_well().await;
}

#[tokio::test]
async fn a_token_that_cannot_be_read_is_told() {
    let cloud = IbmCloud::start();
    for claims in ["", "{", "[]", "{}", r#"{"account":{"bss":42}}"#, r#"{"account":{"bss":null}}"#] {
        claims.clone_into(&mut cloud.state().claims);
        let mut world = world(&cloud, json!({ "bucket": BUCKET }));
        let said = failing(&mut world).await;
        assert!(said.contains("the account of the API key is not known: the token"), "{claims}: {said}");
        assert_eq!(world.condition("StorageExists").unwrap().1, "TokenUnreadable");
    }
}

#[tokio::test]
async fn a_resource_group_that_is_missing_is_told() {
    let cloud = IbmCloud::start();
    let mut world = world(&cloud, json!({ "bucket": BUCKET, "resourceGroupName": "nowhere" }));
    let said = failing(&mut world).await;
    assert!(said.contains("sees no resource group nowhere in account"), "{said}");
    assert_eq!(world.condition("StorageExists").unwrap().1, "ResourceGroupMissing");
    assert!(cloud.state().instances.is_empty());
}

#[tokio::test]
async fn an_instance_that_is_being_provisioned_is_waited_for() {
    let cloud = IbmCloud::start();
    cloud.state().new_state = "provisioning".to_owned();
    let mut world = world(&cloud, json!({ "bucket": BUCKET }));
    for _ in 0..2 {
        let said = failing(&mut world).await;
        assert!(said.contains("is being provisioned; wait"), "{said}");
        assert_eq!(cloud.state().instances.len(), 1);
    }
    cloud.state().instances[0]["state"] = json!("active");
    world.settle_well().await;
    is_complete(&cloud, &world, BUCKET);
}

#[tokio::test]
async fn roles_that_are_missing_are_named() {
    let denied = || Fault::answer(Response::json(403, &json!({ "error_code": "RC-Forbidden", "message": "no" })));
    for (fault, what, role) in [
        (denied().path("resource_groups"), "resource group cannot be looked up", "Viewer for the resource group"),
        (denied().method("GET").path("resource_instances?"), "service instances cannot be listed", "Viewer for Cloud"),
        (denied().method("POST").path("resource_instances"), "service instance cannot be created", "Editor for Cloud"),
        (denied().method("POST").path("resource_keys"), "resource key cannot be created", "Editor for Cloud"),
        (Fault::answer(Response::new(403)).method("PUT"), "it cannot be created", "Writer for the service instance"),
    ] {
        let cloud = IbmCloud::start();
        cloud.internet.fault(fault);
        let mut world = world(&cloud, json!({ "bucket": BUCKET }));
        let said = failing(&mut world).await;
        assert!(said.contains(what) && said.contains(&format!("the role {role}")), "{said}");
        cloud.internet.clear_faults();
        world.settle_well().await;
        is_complete(&cloud, &world, BUCKET);
    }
}

#[tokio::test]
async fn storms_pass() {
    let cloud = IbmCloud::start();
    for (host, status) in [(IAM, 429), (PLATFORM, 503), (COS, 503)] {
        cloud.internet.fault(Fault::answer(Response::new(status)).host(host).first(2));
    }
    for path in ["/v2/resource_instances", "/v2/resource_keys"] {
        cloud.internet.fault(Fault::answer(Response::new(429)).method("POST").path(path).first(1));
    }
    let mut world = world(&cloud, json!({ "bucket": BUCKET }));
    world.settle_well().await;
    is_complete(&cloud, &world, BUCKET);
}

#[tokio::test]
async fn a_storm_that_does_not_pass_is_told() {
    let cloud = IbmCloud::start();
    cloud.internet.fault(Fault::answer(Response::new(503)).method("POST").path("/v2/resource_keys"));
    let mut world = world(&cloud, json!({ "bucket": BUCKET }));
    let said = failing(&mut world).await;
    let expected = "the resource key cannot be created: the Resource Controller answered 503 ServiceUnavailable; it is \
                    asked again";
    assert!(said.ends_with(expected), "{said}");
}

/// What was created although nobody heard of it is found and not created again.
#[tokio::test]
async fn every_answer_may_get_lost_once() {
    let cloud = IbmCloud::start();
    let mut k = 1;
    loop {
        let bucket = format!("bucket-{k}");
        {
            let mut state = cloud.state();
            state.instances.clear();
            state.keys.clear();
            state.buckets.clear();
        }
        cloud.internet.break_at(k, When::After);
        let mut world = world(&cloud, json!({ "bucket": bucket }));
        world.settle_well().await;
        is_complete(&cloud, &world, &bucket);
        if !cloud.internet.broke() {
            break;
        }
        k += 1;
    }
    assert!(k > 10, "only {k} calls");
}

#[tokio::test]
async fn an_unknown_ca_is_not_trusted() {
    for (host, about) in [
        (IAM, "there is no token for the API key"),
        (PLATFORM, "the resource group cannot be looked up"),
        (COS, "it cannot be looked at"),
    ] {
        let cloud = IbmCloud::start();
        cloud.internet.fault(Fault::unknown_ca().host(host));
        let mut world = world(&cloud, json!({ "bucket": BUCKET }));
        let said = failing(&mut world).await;
        assert!(said.contains(about) && said.contains("add its CA to the trusted CAs"), "{said}");
        assert_eq!(world.condition("StorageExists").unwrap().1, "CertificateNotTrusted");
    }
}

#[tokio::test]
async fn answers_that_are_none_are_told() {
    let html = || Response::text(200, "<html>Please log in</html>");
    for (fault, about) in [
        (Fault::answer(html()).host(IAM), "the answer of IAM has none in it"),
        (Fault::answer(html()).host(PLATFORM), "the answer of the Resource Controller cannot be read"),
        (Fault::answer(html()).host(COS).method("GET"), "the answer of Object Storage cannot be read"),
    ] {
        let cloud = IbmCloud::start();
        let instance = cloud.state().instance(crate::ibm_cloud::NAME, "g-demo", "active");
        cloud.bucket(BUCKET, &instance, "us-south-smart");
        cloud.internet.fault(fault.matching(|request| !request.target.contains("resource_groups")));
        let mut world = world(&cloud, json!({ "bucket": BUCKET }));
        let said = failing(&mut world).await;
        assert!(said.contains(about), "{said}");
    }
}
