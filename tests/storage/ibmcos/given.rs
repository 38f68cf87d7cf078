//! What the user names is checked and used as it is.

use super::{BUCKET, credentials, failing, world};
use crate::ibm_cloud::{IbmCloud, NAME, WRITER};
use crate::support::internet::{Fault, Response};
use serde_json::json;

const READER: &str = "crn:v1:bluemix:public:iam::::serviceRole:Reader";
const MANAGER: &str = "crn:v1:bluemix:public:iam::::serviceRole:Manager";

#[tokio::test]
async fn a_given_instance_and_key_are_used() {
    let cloud = IbmCloud::start();
    let (instance, key) = {
        let mut state = cloud.state();
        let instance = state.instance("users", "g-other", "active");
        let key = state.key("users-key", &instance, MANAGER, true);
        (instance, key)
    };
    cloud.bucket(BUCKET, &instance, "us-south-smart");
    let given = json!({ "bucket": BUCKET, "serviceInstanceCRN": instance, "resourceKeyCRN": key });
    let mut world = world(&cloud, given);
    world.settle_well().await;
    assert_eq!(cloud.counts(), (1, 1));
    let at = |field: &str| world.at(&format!("/spec/storage/ibmcos/{field}"));
    assert_eq!((at("serviceInstanceCRN"), at("resourceKeyCRN")), (json!(instance), json!(key)));
    // The group is the instance's and not the platform's.
    assert_eq!(at("resourceGroupName"), "other-rg");
    assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");
    assert_eq!(world.condition("StorageExists").unwrap().0, "True");
    assert!(credentials(&world).unwrap().contains("hmac"));
}

#[tokio::test]
async fn a_bucket_is_created_in_a_given_instance() {
    let cloud = IbmCloud::start();
    let instance = cloud.state().instance("users", "g-other", "active");
    let mut world = world(&cloud, json!({ "bucket": BUCKET, "serviceInstanceCRN": instance }));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Managed");
    assert_eq!(cloud.state().buckets[BUCKET].0, instance);
    assert_eq!(cloud.state().keys[0]["name"], NAME);
    // A removal leaves the instance.
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert!(cloud.state().buckets.is_empty());
    assert_eq!(cloud.state().live(), [instance.as_str()]);
    let (_, reason, message) = world.condition("StorageExists").unwrap();
    assert_eq!(reason, "IBMCOSBucketDeleted");
    assert!(message.contains(&format!("service instance {instance} is left")), "{message}");
}

#[tokio::test]
async fn a_bucket_of_the_user_stays() {
    let cloud = IbmCloud::start();
    let instance = cloud.state().instance("users", "g-demo", "active");
    cloud.bucket(BUCKET, &instance, "us-south-smart");
    let mut world = world(&cloud, json!({ "bucket": BUCKET, "serviceInstanceCRN": instance }));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert!(cloud.state().buckets.contains_key(BUCKET));
    assert_eq!(cloud.state().live(), [instance]);
}

#[tokio::test]
async fn a_given_instance_has_to_work() {
    let cloud = IbmCloud::start();
    let instance = cloud.state().instance("users", "g-demo", "provisioning");
    let set = |state: &str| cloud.state().instances[0]["state"] = json!(state);
    let mut world = world(&cloud, json!({ "bucket": BUCKET, "serviceInstanceCRN": instance }));
    let said = failing(&mut world).await;
    assert!(said.contains(&format!("{instance} is being provisioned; wait")), "{said}");
    assert_eq!(world.condition("StorageExists").unwrap().1, "InstanceProvisioning");
    for state in ["removed", "pending_reclamation"] {
        set(state);
        let said = failing(&mut world).await;
        assert!(said.contains(&format!("service instance {instance} is gone; restore it")), "{said}");
    }
    set("inactive");
    assert!(failing(&mut world).await.contains("is \"inactive\" and not active"));
    cloud.state().instances.clear();
    assert!(failing(&mut world).await.contains("is gone"));
    assert!(cloud.state().instances.is_empty());
    let instance = cloud.state().instance("users", "g-demo", "active");
    world.edit(json!({ "spec": { "storage": { "ibmcos": { "serviceInstanceCRN": instance } } } }));
    world.settle_well().await;
}

#[tokio::test]
async fn a_given_key_has_to_lead_to_the_bucket() {
    let cloud = IbmCloud::start();
    let keys = {
        let mut state = cloud.state();
        let other = state.instance("other", "g-demo", "active");
        let instance = state.instance("users", "g-demo", "active");
        let without = state.key("without", &instance, WRITER, true);
        state.keys[0]["credentials"] = json!(null);
        let hidden = state.key("hidden", &instance, WRITER, true);
        state.keys[1]["credentials"] = json!({ "REDACTED": "REDACTED" });
        let gone = format!("{}:resource-key:gone", instance.trim_end_matches(':'));
        [
            (state.key("k", &other, WRITER, true), "is not valid for service instance"),
            (state.key("k", &instance, WRITER, false), "does not contain HMAC keys"),
            (state.key("k", &instance, READER, true), "has an IAM role that is not valid"),
            (without, "does not have any attached credentials"),
            (hidden, "hides its credentials; give the identity of the API key"),
            (gone, "is gone"),
        ]
    };
    let instance = cloud.state().instances[1]["crn"].clone();
    let given = json!({ "bucket": BUCKET, "serviceInstanceCRN": instance, "resourceKeyCRN": keys[0].0 });
    let mut world = world(&cloud, given);
    for (key, why) in keys {
        world.edit(json!({ "spec": { "storage": { "ibmcos": { "resourceKeyCRN": key } } } }));
        let said = failing(&mut world).await;
        assert!(said.contains(&format!("resource key {key}")) && said.contains(why), "{said}");
    }
    let key = cloud.state().key("good", instance.as_str().unwrap(), WRITER, true);
    world.edit(json!({ "spec": { "storage": { "ibmcos": { "resourceKeyCRN": key } } } }));
    world.settle_well().await;
}

#[tokio::test]
async fn a_bucket_in_another_instance_is_told() {
    let cloud = IbmCloud::start();
    let other = cloud.state().instance("users", "g-demo", "active");
    cloud.bucket(BUCKET, &other, "us-south-smart");
    let mut world = world(&cloud, json!({ "bucket": BUCKET }));
    let said = failing(&mut world).await;
    assert!(said.contains("it exists, but there is no service instance of this cluster's"), "{said}");
    let instance = cloud.state().instance(NAME, "g-demo", "active");
    let said = failing(&mut world).await;
    assert!(said.contains(&format!("it is not in service instance {instance}; set")), "{said}");
    world.edit(json!({ "spec": { "storage": { "ibmcos": { "serviceInstanceCRN": other } } } }));
    world.settle_well().await;
    assert_eq!(world.at("/spec/storage/managementState"), "Unmanaged");
}

#[tokio::test]
async fn a_name_that_is_taken_is_told() {
    let cloud = IbmCloud::start();
    cloud.state().foreign.insert(BUCKET.to_owned());
    let mut world = world(&cloud, json!({ "bucket": BUCKET }));
    let said = failing(&mut world).await;
    assert!(said.contains("the name is taken by a bucket"), "{said}");
    assert!(cloud.state().instances.is_empty(), "nothing is created in vain");
    // Somebody is faster than the operator.
    cloud.internet.fault(Fault::answer(Response::new(404)).method("HEAD").nth(1));
    let said = failing(&mut world).await;
    assert!(said.contains("the name is taken by a bucket"), "{said}");
}

#[tokio::test]
async fn a_bucket_in_another_location_is_told() {
    let cloud = IbmCloud::start();
    let instance = cloud.state().instance(NAME, "g-demo", "active");
    cloud.bucket(BUCKET, &instance, "eu-de-smart");
    cloud.internet.fault(Fault::answer(Response::new(404)).method("HEAD"));
    let mut world = world(&cloud, json!({ "bucket": BUCKET }));
    let said = failing(&mut world).await;
    assert!(said.contains("it exists in \"eu-de-smart\"; set spec.storage.ibmcos.location"), "{said}");
}
