//! Everything is created, found again, and looked at with one request.

use super::{BUCKET, credentials, failing, is_complete, world};
use crate::ibm_cloud::{API_KEY, COS, IAM, IbmCloud, NAME, PLATFORM, WRITER};
use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn instance_key_and_bucket_are_created_and_told() {
    let cloud = IbmCloud::start();
    let mut world = world(&cloud, json!({}));
    world.settle_well().await;
    let bucket = world.at("/spec/storage/ibmcos/bucket");
    let bucket = bucket.as_str().unwrap();
    assert!(bucket.starts_with("demo-x7k2p-image-registry-us-south"), "{bucket}");
    is_complete(&cloud, &world, bucket);
    let (status, reason, _) = world.condition("StorageExists").unwrap();
    assert_eq!((status.as_str(), reason.as_str()), ("True", "CreationSuccessful"));
    assert_eq!(world.condition("StorageEncrypted").unwrap().0, "True");
    {
        let state = cloud.state();
        assert_eq!(state.instances[0]["name"], NAME);
        let key = &state.keys[0]["credentials"];
        assert_eq!(key["iam_role_crn"], WRITER);
        let pair = &key["cos_hmac_keys"];
        let text = |field: &str| pair[field].as_str().unwrap().to_owned();
        let ini = format!(
            "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            text("access_key_id"),
            text("secret_access_key")
        );
        assert_eq!(credentials(&world), Some(ini));
    }
}

#[tokio::test]
async fn calls_are_counted() {
    let cloud = IbmCloud::start();
    let mut world = world(&cloud, json!({ "bucket": BUCKET }));
    world.settle_well().await;
    let calls = cloud.calls();
    // A look; once Config says Managed, a look, the creation and a look; once it names what was created, all of it.
    assert_eq!(calls.len(), 19, "{calls:#?}");
    let writes: Vec<&String> =
        calls.iter().filter(|call| !call.starts_with("GET") && !call.starts_with("HEAD")).collect();
    let tokens = writes.iter().filter(|call| call.contains("/identity/token")).count();
    assert_eq!(writes.len() - tokens, 3, "{calls:#?}");
    world.settle_well().await;
    assert_eq!(cloud.calls(), Vec::<String>::new());
    world.look_again().await;
    assert_eq!(cloud.calls(), [format!("HEAD {COS}/{BUCKET}")]);
    // After a restart: a token, the instance, the bucket, whose it is, and the key.
    world.restart();
    world.settle_well().await;
    assert_eq!(cloud.calls().len(), 5);
    is_complete(&cloud, &world, BUCKET);
}

#[tokio::test]
async fn lists_are_read_to_their_end() {
    let cloud = IbmCloud::start();
    let (instance, key) = {
        let mut state = cloud.state();
        state.page = 1;
        // Of another name, which the service would not list, and two of ours: the older one counts.
        state.instance("another", "g-demo", "active");
        let instance = state.instance(NAME, "g-demo", "active");
        state.instance(NAME, "g-demo", "active");
        state.instance(NAME, "g-other", "active");
        state.key("another", &instance, WRITER, true);
        state.key(NAME, &instance, WRITER, false);
        (instance.clone(), state.key(NAME, &instance, WRITER, true))
    };
    for name in ["aaa", "bbb", "ccc", "ddd", "eee"] {
        cloud.bucket(name, &instance, "us-south-smart");
    }
    let mut world = world(&cloud, json!({ "bucket": "eee" }));
    world.settle_well().await;
    assert_eq!(world.at("/status/storage/ibmcos/serviceInstanceCRN"), json!(instance));
    assert_eq!(world.at("/status/storage/ibmcos/resourceKeyCRN"), json!(key));
    assert_eq!(cloud.counts(), (4, 3));
}

#[tokio::test]
async fn power_vs_has_the_region_next_to_it() {
    let cloud = IbmCloud::start();
    let platform =
        json!({ "type": "PowerVS", "powervs": { "region": "dal", "zone": "dal10", "resourceGroup": "demo-rg" } });
    let credentials = json!({ "ibmcloud_api_key": API_KEY });
    let mut world = World::on(platform, json!({ "ibmcos": { "bucket": BUCKET } }), credentials, cloud.network());
    world.settle_well().await;
    is_complete(&cloud, &world, BUCKET);
}

#[tokio::test]
async fn services_are_reached_where_the_platform_says() {
    let cloud = IbmCloud::start();
    cloud.at("private.iam.example.com", "private.rc.example.com", "s3.direct.example.com");
    let endpoint = |name: &str, url: &str| json!({ "name": name, "url": url });
    let platform = json!({ "type": "IBMCloud", "ibmcloud": { "location": "us-south", "resourceGroupName": "demo-rg",
        "serviceEndpoints": [endpoint("IAM", "https://private.iam.example.com/"),
            endpoint("ResourceController", "https://private.rc.example.com"),
            endpoint("ResourceManager", "https://private.rc.example.com"),
            endpoint("COS", "https://s3.direct.example.com")] } });
    let credentials = json!({ "ibmcloud_api_key": API_KEY });
    let mut world = World::on(platform, json!({ "ibmcos": { "bucket": BUCKET } }), credentials, cloud.network());
    world.settle_well().await;
    let calls = cloud.calls();
    let public = calls.iter().find(|call| [IAM, PLATFORM, COS].iter().any(|host| call.contains(&format!(" {host}/"))));
    assert_eq!(public, None);
    is_complete(&cloud, &world, BUCKET);
}

#[tokio::test]
async fn an_instance_that_is_gone_before_there_is_a_bucket_is_replaced() {
    let cloud = IbmCloud::start();
    let mut world = world(&cloud, json!({ "bucket": BUCKET }));
    cloud.internet.fault(
        crate::support::internet::Fault::answer(crate::support::internet::Response::new(400)).method("PUT").host(COS),
    );
    failing(&mut world).await;
    cloud.internet.clear_faults();
    let gone = cloud.state().live().remove(0);
    {
        let mut state = cloud.state();
        state.keys.clear();
        state.instances[0]["state"] = json!("pending_reclamation");
    }
    world.settle_well().await;
    is_replaced(&cloud, &world, &gone);
    // Config names the one that is gone after a removal, too.
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    let gone = world.at("/spec/storage/ibmcos/serviceInstanceCRN");
    // In the end nobody knows it any more.
    cloud.state().instances.clear();
    world.restart();
    world.edit(json!({ "spec": { "managementState": "Managed" } }));
    world.settle_well().await;
    is_replaced(&cloud, &world, gone.as_str().unwrap());
}

fn is_replaced(cloud: &IbmCloud, world: &World, gone: &str) {
    let live = cloud.state().live();
    assert!(live.len() == 1 && live[0] != gone, "{live:?}");
    for at in ["spec", "status"] {
        assert_eq!(world.at(&format!("/{at}/storage/ibmcos/serviceInstanceCRN")), json!(live[0]), "{at}");
    }
    assert_eq!(cloud.state().buckets[BUCKET].0, live[0]);
    assert!(credentials(world).is_some());
}

#[tokio::test]
async fn another_api_key_takes_effect() {
    let cloud = IbmCloud::start();
    let mut world = world(&cloud, json!({ "bucket": BUCKET }));
    world.settle_well().await;
    {
        let mut state = cloud.state();
        state.api_keys = ["another-key".to_owned()].into();
        state.revoke();
    }
    world.secret("installer-cloud-credentials", json!({ "ibmcloud_api_key": "another-key" }));
    cloud.calls();
    world.settle_well().await;
    let form = cloud.internet.calls()[0].form();
    assert_eq!(form[1], ("apikey".to_owned(), "another-key".to_owned()));
    // The user's Secret wins.
    cloud.state().api_keys.insert("users-key".to_owned());
    let users = json!({ "REGISTRY_STORAGE_IBMCOS_IAMAPIKEY": "users-key" });
    world.secret("image-registry-private-configuration-user", users);
    cloud.calls();
    world.settle_well().await;
    assert_eq!(cloud.internet.calls()[0].form()[1].1, "users-key");
}

#[tokio::test]
async fn a_token_that_is_not_good_any_more_is_renewed() {
    let cloud = IbmCloud::start();
    let mut world = world(&cloud, json!({ "bucket": BUCKET }));
    world.settle_well().await;
    cloud.calls();
    world.restart();
    // The first token is refused by the Resource Controller.
    cloud.internet.fault(
        crate::support::internet::Fault::answer(crate::support::internet::Response::new(401)).host(PLATFORM).nth(1),
    );
    world.settle_well().await;
    let calls = cloud.calls();
    assert_eq!(calls.iter().filter(|call| call.contains("/identity/token")).count(), 2, "{calls:#?}");
}
