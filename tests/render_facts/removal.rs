//! What goes when the registry is Removed, and what stays.

use crate::world::{CONFIG, action, action_json, deletions, scenario};
use serde_json::{Value, json};

const OBJECTS: [&str; 9] = [
    "Deployment/image-registry",
    "NetworkPolicy/image-registry-networkpolicy",
    "PodDisruptionBudget/image-registry",
    "ClusterRole/system:registry",
    "ClusterRoleBinding/registry-registry-role",
    "Secret/image-registry-private-configuration",
    "Secret/installation-pull-secrets",
    "Service/image-registry",
    "ServiceAccount/registry",
];

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

#[test]
fn every_object_of_the_registry_and_every_route_of_the_operators_goes() {
    let others = json!({ "metadata": { "annotations": { "example.com/made": "by hand" } } });
    let plan = scenario("state-removed-with-managed-storage").patch("Route/by-hand", others).sound_plan();
    let routes = ["Route/default-route", "Route/old-public"];
    let wanted = OBJECTS.into_iter().chain(routes).map(str::to_owned).collect();
    assert_eq!(sorted(deletions(&plan)), sorted(wanted));
}

#[test]
fn node_ca_and_the_cas_stay() {
    let plan = scenario("state-removed-with-managed-storage").sound_plan();
    let applied: Vec<String> = plan.manifests().map(|manifest| manifest.id().to_string()).collect();
    assert_eq!(
        applied,
        [
            "ConfigMap/openshift-config-managed/image-registry-ca",
            "ConfigMap/openshift-image-registry/image-registry-certificates",
            "DaemonSet/openshift-image-registry/node-ca",
        ]
    );
}

#[test]
fn deleting_config_removes_what_removed_removes() {
    for state in ["Managed", "Unmanaged", "Removed"] {
        let plan = scenario("deleting").patch(CONFIG, json!({ "spec": { "managementState": state } })).sound_plan();
        assert_eq!(sorted(deletions(&plan)), sorted(OBJECTS.map(str::to_owned).into()));
        assert_eq!(action_json(&plan)["verb"], "remove");
    }
}

/// Storage is removed on evidence from both sides: spec and status say Managed, and mean the same medium.
#[test]
fn storage_goes_only_if_spec_and_status_agree_that_it_is_the_operators() {
    let s3 = |state: &str, bucket: &str| json!({ "managementState": state, "s3": { "bucket": bucket, "region": "us-east-1" } });
    let verb = |spec: Value, status: Value| {
        let plan = scenario("state-removed-with-managed-storage").storage(spec, status).sound_plan();
        action_json(&plan)["verb"].clone()
    };
    assert_eq!(verb(s3("Managed", "images"), s3("Managed", "images")), "remove");
    assert_eq!(verb(s3("Unmanaged", "images"), s3("Managed", "images")), Value::Null);
    assert_eq!(verb(s3("Managed", "images"), s3("Unmanaged", "images")), Value::Null);
    assert_eq!(verb(s3("Managed", "users"), s3("Managed", "images")), Value::Null);
    assert_eq!(verb(s3("Managed", "images"), json!({})), Value::Null);
    assert_eq!(
        verb(json!({ "managementState": "Managed", "pvc": { "claim": "images" } }), s3("Managed", "images")),
        Value::Null
    );
    let elsewhere = json!({ "managementState": "Managed", "s3": { "bucket": "images", "region": "us-east-1", "regionEndpoint": "https://minio.example.com" } });
    assert_eq!(verb(elsewhere, s3("Managed", "images")), Value::Null);
}

#[test]
fn both_signs_in_the_status_have_to_say_managed() {
    for (state, managed, verb) in
        [("Managed", true, json!("remove")), ("Unmanaged", true, Value::Null), ("Managed", false, Value::Null)]
    {
        let status = json!({ "status": { "storageManaged": managed, "storage": { "managementState": state } } });
        let plan = scenario("state-removed-with-managed-storage").patch(CONFIG, status).sound_plan();
        assert_eq!(action_json(&plan)["verb"], verb, "{state} {managed}");
    }
}

/// A container of the same name in an account that the user named later is not the operator's.
#[test]
fn an_azure_container_belongs_to_its_account() {
    let azure = |account: &str| json!({ "managementState": "Managed", "azure": { "accountName": account, "container": "images" } });
    let verb = |spec: &str, status: &str| {
        let world = scenario("azure-client-secret-not-ready").storage(azure(spec), azure(status));
        let plan = world.patch(CONFIG, json!({ "spec": { "managementState": "Removed" } })).sound_plan();
        action_json(&plan)["verb"].clone()
    };
    assert_eq!(verb("one", "one"), "remove");
    assert_eq!(verb("users", "one"), Value::Null);
}

#[test]
fn a_dispute_about_the_storage_does_not_keep_the_objects() {
    let plan = scenario("removed-two-storages").sound_plan();
    assert_eq!(deletions(&plan).len(), OBJECTS.len());
    assert_eq!(action(&plan), None);
}

#[test]
fn unmanaged_touches_nothing() {
    let plan = scenario("state-unmanaged").sound_plan();
    assert_eq!(deletions(&plan), [""; 0]);
    assert_eq!(plan.manifests().filter(|manifest| manifest.id().kind == "Deployment").count(), 0);
}

#[test]
fn a_managed_registry_loses_only_marked_routes_that_nobody_wants() {
    assert_eq!(deletions(&scenario("live-obsolete-route").sound_plan()), ["Route/old-public"]);
}
