//! From an empty cloud to an image in the registry, and back: the storage is created, a real registry runs on exactly
//! what is rendered, an image is pushed, pulled and deleted, and the storage goes; what is the user's stays.

mod azure;
mod filesystem;
mod gcs;
mod s3;

use crate::support::internet::Internet;
use crate::support::servers::{Kind, Registry, from_deployment, push_pull};
use crate::world::World;
use cluster_image_registry_operator::net::Network;
use cluster_image_registry_operator::render::Plan;
use k8s_openapi::ByteString;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The way of the operator through that internet.
fn network(internet: &Internet) -> Network {
    Network::new(Some(&internet.proxy()), "127.0.0.1,localhost", internet.ca_pem()).unwrap()
}

/// The way of registry pods through it: the cluster's proxy and its CA, as an administrator sets them.
fn proxied(world: &mut World, internet: &Internet) {
    world
        .objects
        .push(json!({ "apiVersion": "config.openshift.io/v1", "kind": "Proxy", "metadata": { "name": "cluster" },
        "status": { "httpsProxy": internet.proxy(), "noProxy": "127.0.0.1,localhost" } }));
    world.config_map("openshift-image-registry", "trusted-ca", json!({ "ca-bundle.crt": internet.ca_pem() }));
    // Links to objects are signed for the real services.
    world.edit(json!({ "spec": { "disableRedirect": true } }));
}

/// Runs a registry on what is rendered, with an image that goes through it; its digest.
fn runs(world: &World, kind: Kind) -> String {
    let plan = world.plan();
    assert_eq!(plan.problems, []);
    let deployment = body(&plan, "Deployment", "image-registry").expect("no Deployment is planned");
    let volumes = tempfile::tempdir().unwrap();
    let environment = from_deployment(&deployment, |name| data(world, &plan, name), volumes.path());
    push_pull(&Registry::start(kind, &environment))
}

/// The content of a Secret or ConfigMap, planned or given.
fn data(world: &World, plan: &Plan, name: &str) -> BTreeMap<String, Vec<u8>> {
    let planned = ["Secret", "ConfigMap"].iter().find_map(|kind| body(plan, kind, name));
    let given = || world.objects.iter().find(|object| object.pointer("/metadata/name").is_some_and(|own| own == name));
    let Some(object) = planned.or_else(|| given().cloned()) else { return BTreeMap::new() };
    let text = |value: &Value| value.as_str().unwrap_or_default().as_bytes().to_vec();
    let plain =
        |map: &Value| map.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect();
    match (object["kind"] == "Secret", object.get("data")) {
        (true, Some(encoded)) => {
            let decoded: BTreeMap<String, ByteString> = serde_json::from_value(encoded.clone()).unwrap();
            decoded.into_iter().map(|(key, bytes)| (key, bytes.0)).collect()
        }
        (true, None) => plain(&object["stringData"]),
        (false, _) => plain(&object["data"]),
    }
}

fn body(plan: &Plan, kind: &str, name: &str) -> Option<Value> {
    let found = plan.manifests().find(|manifest| manifest.id().kind == kind && manifest.id().name == name);
    found.map(|manifest| manifest.body().clone())
}

/// Removes the registry.
async fn removed(world: &mut World) {
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!(world.at("/status/storage"), json!({}));
}
