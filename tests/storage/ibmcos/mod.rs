//! The operator and IBM Cloud Object Storage.

mod creation;
mod given;
mod kills;
mod removal;
mod trouble;

use crate::ibm_cloud::{API_KEY, GROUP, IbmCloud, NAME};
use crate::world::World;
use serde_json::{Value, json};

const BUCKET: &str = "images";

/// A cluster in us-south with that in `spec.storage.ibmcos`.
fn world(cloud: &IbmCloud, ibmcos: Value) -> World {
    let platform = json!({ "type": "IBMCloud", "ibmcloud": { "location": "us-south", "resourceGroupName": GROUP,
        "providerType": "VPC" } });
    World::on(platform, json!({ "ibmcos": ibmcos }), json!({ "ibmcloud_api_key": API_KEY }), cloud.network())
}

/// Works until it fails; the condition StorageExists and the trouble.
async fn failing(world: &mut World) -> String {
    world.settle().await;
    let trouble = world.trouble.clone().expect("nothing failed");
    let (status, _, message) = world.condition("StorageExists").unwrap();
    assert!(status != "True" && message == trouble, "{status} {message}");
    assert!(!trouble.contains(API_KEY), "{trouble}");
    trouble
}

/// There is one service instance, one key and one bucket, and Config names them.
fn is_complete(cloud: &IbmCloud, world: &World, bucket: &str) {
    let state = cloud.state();
    assert_eq!((state.live().len(), state.keys.len(), state.buckets.len()), (1, 1, 1));
    let [instance, key] = [&state.instances[0]["crn"], &state.keys[0]["crn"]];
    assert_eq!(state.buckets[bucket].0, instance.as_str().unwrap());
    assert_eq!(state.keys[0]["name"], NAME);
    for at in ["spec", "status"] {
        let told = |field: &str| world.at(&format!("/{at}/storage/ibmcos/{field}"));
        assert_eq!((&told("serviceInstanceCRN"), &told("resourceKeyCRN")), (instance, key), "{at}");
        assert_eq!((told("resourceGroupName"), told("bucket")), (json!(GROUP), json!(bucket)), "{at}");
        assert_eq!(world.at(&format!("/{at}/storage/managementState")), "Managed");
    }
}

/// The rendered Secret's file with the HMAC pair.
fn credentials(world: &World) -> Option<String> {
    let plan = world.plan();
    let secret = plan.manifests().find(|manifest| {
        manifest.id().kind == "Secret" && manifest.id().name == "image-registry-private-configuration"
    })?;
    let data = secret.body().pointer("/data/credentials")?.as_str()?;
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(data).unwrap();
    Some(String::from_utf8(bytes).unwrap())
}
