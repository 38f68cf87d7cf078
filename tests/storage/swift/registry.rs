//! What the operator renders runs as a registry on the container that it has made, and all of it is removed again.

use super::{Cloud, name};
use crate::scenarios::{DEPLOYMENT, manifest, secret_data};
use crate::support::servers::{Kind, Registry, from_deployment, push_pull, stock};
use serde_json::json;
use std::collections::BTreeMap;

#[tokio::test]
async fn images_go_through_a_registry_on_the_container_and_leave_with_it() {
    let cloud = Cloud::new();
    let mut world = cloud.world(json!({}));
    world.settle_well().await;
    let plan = world.plan();
    let secret_of = |name: &str| match name {
        "image-registry-private-configuration" => {
            secret_data(&plan, name).into_iter().map(|(key, value)| (key, value.into_bytes())).collect()
        }
        _ => BTreeMap::new(),
    };
    let volumes = tempfile::tempdir().unwrap();
    let deployment = manifest(&plan, DEPLOYMENT).expect("no Deployment is planned");
    let mut environment = from_deployment(deployment, secret_of, volumes.path());
    environment.push((stock::NO_REDIRECT.0.to_owned(), stock::NO_REDIRECT.1.to_owned()));
    environment.extend(cloud.internet.environment());
    // Debian's is of a version whose driver for Swift later versions lack.
    push_pull(&Registry::start(Kind::Debian, &environment));

    let listed = cloud.container("GET", &name(&world), &[]).body;
    assert!(listed.contains("files/docker/registry/v2/blobs/sha256/"), "{listed}");
    // Parts of large objects are beside them.
    assert!(listed.contains("segments/"), "{listed}");
    assert_eq!(cloud.containers(), [name(&world)]);
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!(cloud.containers(), [""; 0]);
}
