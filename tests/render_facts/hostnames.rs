//! The host names that Image/cluster publishes, and the pruner's use of them.

use crate::world::{CONFIG, World, at, scenario};
use cluster_image_registry_operator::inputs::Observed;
use cluster_image_registry_operator::render::render;
use serde_json::json;

fn internal(world: &World) -> String {
    world.plan().status.image.unwrap().internal_registry_hostname
}

#[test]
fn the_default_route_comes_first_and_the_rest_is_sorted_and_unique() {
    let plan = scenario("live-admitted-routes").sound_plan();
    let hosts = plan.status.image.unwrap().external_registry_hostnames;
    let default = "default-route-openshift-image-registry.apps.demo.example.com";
    assert_eq!(hosts, [default, "alpha.example.com", "zeta.example.com"]);
}

#[test]
fn routes_without_the_mark_are_not_published() {
    let plan = scenario("live-obsolete-route").sound_plan();
    assert_eq!(plan.status.image.unwrap().external_registry_hostnames, ["old.example.com"]);
}

#[test]
fn the_internal_host_follows_the_service() {
    const HOST: &str = "image-registry.openshift-image-registry.svc";
    assert_eq!(internal(&scenario("none-emptydir")), format!("{HOST}:5000"));
    assert_eq!(internal(&scenario("ca-service-port-443")), HOST);
    // What is about to be repaired is not told to anybody.
    let managed = scenario("ca-service-port-443").patch(CONFIG, json!({ "spec": { "managementState": "Managed" } }));
    assert_eq!(internal(&managed), format!("{HOST}:5000"));
    assert_eq!(internal(&scenario("ca-no-service")), format!("{HOST}:5000"));
}

/// Nobody should be sent to a registry that is gone, or going.
#[test]
fn without_a_service_there_is_no_internal_host_unless_one_is_about_to_be() {
    for name in ["state-removed-with-managed-storage", "deleting", "state-unmanaged"] {
        let mut inputs = scenario(name).inputs();
        inputs.observed.service = Observed::Absent;
        assert_eq!(render(&inputs).status.image.unwrap().internal_registry_hostname, "", "{name}");
    }
    let managed = json!({ "spec": { "managementState": "Managed" } });
    let mut inputs = scenario("state-unmanaged").patch(CONFIG, managed).inputs();
    inputs.observed.service = Observed::Absent;
    assert_ne!(render(&inputs).status.image.unwrap().internal_registry_hostname, "");
}

#[test]
fn nothing_is_reported_of_an_image_that_was_not_given() {
    assert_eq!(scenario("none-emptydir").without("Image/cluster").plan().status.image, None);
}

#[test]
fn the_pruner_prunes_blobs_only_where_there_is_a_registry() {
    let arguments = |name: &str| {
        let path = "/spec/jobTemplate/spec/template/spec/containers/0/args";
        at(&scenario(name).sound_plan(), "CronJob/image-pruner", path).unwrap().to_string()
    };
    let with = arguments("pruner-with-registry");
    assert!(with.contains("--prune-registry=true"), "{with}");
    assert!(with.contains("--registry-url=https://image-registry.openshift-image-registry.svc:5000"), "{with}");
    let without = arguments("pruner-suspended");
    assert!(without.contains("--prune-registry=false") && !without.contains("--registry-url"), "{without}");
    assert!(arguments("pruner-nanoseconds").contains("--keep-younger-than=1h30m0s"));
}
