//! Names and settings that the operator derives, and who wins over them.

use crate::world::{CONFIG, action_json, at, manifest, scenario, variable};
use serde_json::{Value, json};

#[test]
fn media_are_named_after_the_infrastructure() {
    for (name, field, derived) in [
        ("s3-derived-bucket", "bucket", "demo-x7k2p-image-registry-us-east-1"),
        ("s3-user-region-only", "bucket", "demo-x7k2p-image-registry-eu-west-1"),
        ("storage-unset-aws", "bucket", "demo-x7k2p-image-registry-us-east-1"),
        ("gcs-derived-bucket", "bucket", "demo-x7k2p-image-registry-us-central1"),
        ("azure-derived-workload-identity", "container", "demo-x7k2p-image-registry"),
        ("ibmcos-derived-pending", "bucket", "demo-x7k2p-image-registry-us-south"),
        ("pvc-unnamed", "claim", "image-registry-storage"),
    ] {
        assert_eq!(action_json(&scenario(name).plan())["medium"][field], derived, "{name}");
    }
}

#[test]
fn a_name_in_spec_wins_over_one_in_status_and_that_over_a_derived_one() {
    let named = |spec: Value, status: Value| {
        let world = scenario("s3-derived-bucket").storage(json!({ "s3": spec }), json!({ "s3": status }));
        action_json(&world.sound_plan())["medium"]["bucket"].clone()
    };
    assert_eq!(named(json!({ "bucket": "spec" }), json!({ "bucket": "status" })), "spec");
    assert_eq!(named(json!({}), json!({ "bucket": "status" })), "status");
    assert_eq!(named(json!({ "bucket": "" }), json!({ "bucket": "" })), "demo-x7k2p-image-registry-us-east-1");
}

#[test]
fn a_private_endpoint_keeps_the_name_it_has() {
    let world = scenario("azure-internal-derived-endpoint");
    let name = |plan| action_json(&plan)["medium"]["privateEndpoint"]["name"].clone();
    let derived = name(world.sound_plan());
    assert_eq!(derived, action_json(&world.sound_plan())["medium"]["accountName"]);
    let azure = |internal: Value| json!({ "azure": { "networkAccess": { "type": "Internal", "internal": internal } } });
    let status = azure(json!({ "privateEndpointName": "before" }));
    assert_eq!(name(world.clone().storage(azure(json!({})), status.clone()).sound_plan()), "before");
    assert_eq!(name(world.storage(azure(json!({ "privateEndpointName": "wish" })), status).sound_plan()), "wish");
}

/// A region or endpoint of the user's is never completed from the platform's: the two might not fit.
#[test]
fn s3_takes_region_and_endpoint_from_the_platform_only_together() {
    let with_endpoint = |s3: Value| {
        let endpoints = json!([{ "name": "ec2", "url": "https://ec2.example.com" }, { "name": "s3", "url": "https://s3.example.com" }]);
        let aws = json!({ "status": { "platformStatus": { "aws": { "serviceEndpoints": endpoints } } } });
        let world = scenario("s3-derived-bucket").patch("Infrastructure/cluster", aws);
        let plan = world.storage(json!({ "s3": s3 }), json!({})).sound_plan();
        ["REGION", "REGIONENDPOINT", "FORCEPATHSTYLE"]
            .map(|name| variable(&plan, &format!("REGISTRY_STORAGE_S3_{name}")))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(with_endpoint(json!({})), [some("us-east-1"), some("https://s3.example.com"), some("false")]);
    assert_eq!(with_endpoint(json!({ "region": "eu-west-1" })), [some("eu-west-1"), None, some("true")]);
    let own = json!({ "region": "any", "regionEndpoint": "https://minio.example.com" });
    assert_eq!(with_endpoint(own), [some("any"), some("https://minio.example.com"), some("true")]);
}

#[test]
fn values_that_yaml_would_read_as_something_else_are_quoted() {
    for (name, wanted, value) in [
        ("yaml-bucket-like-number", "REGISTRY_STORAGE_S3_BUCKET", "\"010\""),
        ("yaml-container-like-time", "REGISTRY_STORAGE_SWIFT_CONTAINER", "\"12:30\""),
        ("aws-default", "REGISTRY_STORAGE_S3_ENCRYPT", "true"),
    ] {
        assert_eq!(variable(&scenario(name).sound_plan(), wanted).unwrap(), value);
    }
}

#[test]
fn azure_clouds_differ_in_realm_and_authority() {
    for (name, realm) in [
        ("azure-derived-workload-identity", "core.windows.net"),
        ("azure-us-government", "core.usgovcloudapi.net"),
        ("azure-china", "core.chinacloudapi.cn"),
        ("azure-german", "core.cloudapi.de"),
        ("azure-stack", "stack.example.com"),
    ] {
        let plan = scenario(name).sound_plan();
        assert_eq!(variable(&plan, "REGISTRY_STORAGE_AZURE_REALM").unwrap(), realm, "{name}");
    }
}

#[test]
fn platforms_start_with_their_own_storage() {
    let started = |name: &str| {
        let plan = scenario(&format!("bootstrap-{name}")).sound_plan();
        let of = |pointer: &str| at(&plan, CONFIG, pointer).cloned().unwrap_or_default();
        let storage = of("/spec/storage").as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(",");
        let [state, replicas, strategy] =
            ["managementState", "replicas", "rolloutStrategy"].map(|f| of(&format!("/spec/{f}")));
        format!("{storage} {} {replicas} {}", state.as_str().unwrap(), strategy.as_str().unwrap())
    };
    for (platforms, start) in [
        ("aws", "s3 Managed 2 RollingUpdate"),
        ("azure", "azure Managed 2 RollingUpdate"),
        ("gcp", "gcs Managed 2 RollingUpdate"),
        ("ibmcloud powervs", "ibmcos Managed 2 RollingUpdate"),
        ("ovirt", "pvc Managed 1 Recreate"),
        ("baremetal vsphere none nutanix kubevirt equinixmetal alibabacloud external", " Removed 1 RollingUpdate"),
        ("libvirt unknown", "emptyDir Managed 1 RollingUpdate"),
        ("aws-single-replica", "s3 Managed 1 RollingUpdate"),
    ] {
        for platform in platforms.split(' ') {
            assert_eq!(started(platform), start, "{platform}");
        }
    }
}

#[test]
fn openstack_starts_with_swift_only_if_it_can_be_used() {
    use cluster_image_registry_operator::inputs::Observed;
    let world = scenario("bootstrap-openstack");
    assert_eq!(world.plan().problems[0].reason, "SwiftUnknown");
    for (usable, storage, strategy) in [(true, "swift", "RollingUpdate"), (false, "pvc", "Recreate")] {
        let mut inputs = world.inputs();
        inputs.observed.storage.swift_usable = Observed::Present(usable);
        let plan = cluster_image_registry_operator::render::render(&inputs);
        assert!(at(&plan, CONFIG, &format!("/spec/storage/{storage}")).is_some());
        assert_eq!(at(&plan, CONFIG, "/spec/rolloutStrategy").unwrap(), strategy);
        let claim = action_json(&plan);
        assert_eq!(claim.is_null(), usable);
        if !usable {
            assert_eq!(claim["medium"]["create"]["spec"]["storageClassName"], "standard-csi");
            assert_eq!(claim["medium"]["create"]["spec"]["accessModes"], json!(["ReadWriteOnce"]));
        }
    }
}

/// What the cluster starts with is a Config that renders.
#[test]
fn the_first_config_of_a_platform_is_a_good_one() {
    for (name, filled) in [("bootstrap-aws", "s3-derived-bucket"), ("bootstrap-gcp", "gcs-derived-bucket")] {
        let config = manifest(&scenario(name).sound_plan(), CONFIG).cloned().unwrap();
        let mut world = scenario(filled).without(CONFIG);
        world.objects.push(config);
        let mut inputs = world.inputs();
        inputs.minted.http_secret = Some("0".repeat(128).into());
        let plan = cluster_image_registry_operator::render::render(&inputs);
        assert_eq!(plan.problems, [], "{name}");
        assert!(manifest(&plan, "Deployment/image-registry").is_some());
    }
}
