//! What is written into Config, and that writing it settles the matter.

use crate::world::{CONFIG, World, action_json, scenario, write_back};
use cluster_image_registry_operator::render::{Manifest, Plan, render};
use serde_json::{Value, json};

fn minted(world: &World) -> Plan {
    let mut inputs = world.inputs();
    inputs.minted.http_secret = Some("5eed".repeat(32).into());
    render(&inputs)
}

fn bodies(plan: &Plan) -> Vec<&Value> {
    plan.manifests().map(Manifest::body).collect()
}

/// The operator may be killed right after the write-back: the next plan has to be the same one.
#[test]
fn written_values_render_as_they_did_while_they_were_derived() {
    let endpoints = json!([{ "name": "s3", "url": "https://s3.example.com" }]);
    let vpc = json!({ "status": { "platformStatus": { "aws": { "serviceEndpoints": endpoints } } } });
    let mut worlds: Vec<(String, World)> = [
        "s3-derived-bucket",
        "s3-user-region-only",
        "storage-unset-aws",
        "gcs-derived-bucket",
        "azure-derived-workload-identity",
        "azure-internal-derived-endpoint",
        "ibmcos-derived-pending",
        "pvc-unnamed",
        "tls-profile-old",
        "none-emptydir",
    ]
    .map(|name| (name.to_owned(), scenario(name)))
    .into();
    worlds.push(("s3 endpoint".to_owned(), scenario("s3-derived-bucket").patch("Infrastructure/cluster", vpc)));
    let swift = scenario("swift-url-without-version").storage(json!({ "swift": {} }), json!({}));
    worlds.push(("swift".to_owned(), swift));
    for (name, world) in worlds {
        let world = world.patch(CONFIG, json!({ "spec": { "httpSecret": null }, "metadata": { "finalizers": null } }));
        let first = minted(&world);
        let fields = write_back(&first).unwrap_or_else(|| panic!("{name}: nothing to write back"));
        let second = minted(&world.patch(CONFIG, fields));
        assert_eq!(write_back(&second), None, "{name}");
        assert_eq!(bodies(&second), bodies(&first), "{name}");
        assert_eq!(action_json(&second), action_json(&first), "{name}");
    }
}

/// The pods' own disks are reported as the operator's, and the storage that follows them is nobody's yet.
#[test]
fn an_empty_dir_is_managed_and_says_nothing_about_what_comes_next() {
    let world = scenario("none-emptydir").storage(json!({ "emptyDir": {} }), json!({}));
    let plan = world.sound_plan();
    let report = plan.status.config.as_ref().unwrap();
    assert_eq!((report.storage_managed, &report.storage["managementState"]), (true, &json!("Managed")));
    assert_eq!(write_back(&plan), None);
    let status = json!({ "emptyDir": {}, "managementState": "Managed" });
    let next = scenario("s3-derived-bucket").storage(json!({ "s3": { "bucket": "mine", "region": "x" } }), status);
    assert_eq!(action_json(&next.plan())["managementState"], Value::Null);
}

#[test]
fn only_what_is_missing_is_written() {
    let secret = "5eed".repeat(32);
    for (name, change, wanted) in [
        ("none-emptydir", json!({}), None),
        (
            "none-emptydir",
            json!({ "metadata": { "finalizers": ["example.com/other"] } }),
            Some(json!({ "metadata": { "finalizers": ["imageregistry.operator.openshift.io/finalizer"] } })),
        ),
        ("none-emptydir", json!({ "spec": { "httpSecret": "" } }), Some(json!({ "spec": { "httpSecret": secret } }))),
        (
            "s3-derived-bucket",
            json!({}),
            Some(
                json!({ "spec": { "storage": { "s3": { "bucket": "demo-x7k2p-image-registry-us-east-1", "region": "us-east-1" } } } }),
            ),
        ),
        (
            "s3-user-region-only",
            json!({ "spec": { "storage": { "s3": { "bucket": "" } } } }),
            Some(json!({ "spec": { "storage": { "s3": { "bucket": "demo-x7k2p-image-registry-eu-west-1" } } } })),
        ),
        // Managed from the start: once the name is in spec, nothing else tells the claim from one of the user's.
        (
            "pvc-unnamed",
            json!({}),
            Some(json!({ "spec": { "storage": {
                "managementState": "Managed",
                "pvc": { "claim": "image-registry-storage" },
            } } })),
        ),
        ("storage-unset-baremetal", json!({ "spec": { "storage": { "emptyDir": {} } } }), None),
    ] {
        assert_eq!(write_back(&minted(&scenario(name).patch(CONFIG, change.clone()))), wanted, "{name} {change}");
    }
}

#[test]
fn the_observed_tls_profile_is_written_once_somebody_has_looked() {
    let fields = write_back(&scenario("tls-profile-custom").sound_plan()).unwrap();
    let suites = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"];
    let serving = json!({ "minTLSVersion": "VersionTLS11", "cipherSuites": suites });
    assert_eq!(fields, json!({ "spec": { "observedConfig": { "servingInfo": serving } } }));
    // Offline without an APIServer object, Config's own stands, whatever it is.
    let own = json!({ "spec": { "observedConfig": { "servingInfo": { "minTLSVersion": "VersionTLS10" } } } });
    assert_eq!(write_back(&scenario("none-emptydir").patch(CONFIG, own).sound_plan()), None);
}

#[test]
fn a_config_that_is_not_managed_is_not_written_to() {
    for name in ["state-unmanaged", "state-force", "state-unset", "state-removed-with-managed-storage", "deleting"] {
        let bare = json!({ "spec": { "httpSecret": null }, "metadata": { "finalizers": null } });
        assert_eq!(write_back(&minted(&scenario(name).patch(CONFIG, bare))), None, "{name}");
    }
}

/// A dump of a running cluster without the secret in Config renders what runs.
#[test]
fn the_running_http_secret_is_kept() {
    let world = scenario("live-deployment-ready").patch(CONFIG, json!({ "spec": { "httpSecret": null } }));
    assert_eq!(write_back(&world.sound_plan()), Some(json!({ "spec": { "httpSecret": "0123456789abcdef" } })));
}
