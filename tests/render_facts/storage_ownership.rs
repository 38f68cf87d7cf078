//! Whose storage it is: decided by what was seen of the medium, once, and for that medium alone.

use crate::world::{World, action, config_condition, reported, scenario, short, write_back};
use cluster_image_registry_operator::api::storage::StorageManagementState::{Managed, Unmanaged};
use cluster_image_registry_operator::inputs::{Fact, Inputs, MediumId, MediumObservation, Observed, Presence, Told};
use cluster_image_registry_operator::render::{Plan, Step, render};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

const NOW: &str = "2026-01-01T12:00:00Z";

/// A Config that names a bucket and says no more of it.
fn undecided(bucket: &str) -> World {
    let spec = json!({ "s3": { "bucket": bucket, "region": "us-east-1" } });
    scenario("s3-minted-static-keys").storage(spec, json!({}))
}

fn seen(world: &World, bucket: &str, presence: Presence) -> Inputs {
    let mut inputs = world.inputs();
    inputs.observed.now = Some(Time(NOW.parse().unwrap()));
    inputs.observed.storage.medium = Some(MediumObservation {
        id: MediumId { backend: "s3", name: bucket.to_owned(), place: String::new() },
        presence,
        facts: vec![Fact::new("StorageTagged", true, "TaggingSuccessful", "")],
        told: Told::default(),
    });
    inputs
}

fn derived_state(plan: &Plan) -> Value {
    write_back(plan).and_then(|fields| fields.pointer("/spec/storage/managementState").cloned()).unwrap_or_default()
}

fn in_status(plan: &Plan) -> Value {
    plan.status.config.as_ref().unwrap().storage.clone()
}

#[test]
fn nothing_is_decided_before_the_first_look() {
    let plan = undecided("pictures").sound_plan();
    assert_eq!((action(&plan).unwrap().management_state, derived_state(&plan)), (None, Value::Null));
}

#[test]
fn what_is_found_without_our_mark_is_the_users_and_what_is_missing_will_be_ours() {
    let world = undecided("pictures");
    for (presence, expected, is_named) in [
        (Presence::Found { ours: false }, Unmanaged, true),
        (Presence::Found { ours: true }, Managed, true),
        (Presence::Missing, Managed, false),
    ] {
        let plan = render(&seen(&world, "pictures", presence));
        let action = action(&plan).unwrap();
        assert_eq!((action.management_state, action.may_create), (Some(expected), true), "{presence:?}");
        assert_eq!(derived_state(&plan), json!(expected), "{presence:?}");
        // A medium is in use, and must not be created a second time, once it was there.
        assert_eq!(in_status(&plan).get("s3").is_some(), is_named, "{presence:?}");
    }
}

#[test]
fn what_was_seen_of_another_medium_decides_nothing() {
    let plan = render(&seen(&undecided("pictures"), "photos", Presence::Missing));
    assert_eq!(action(&plan).unwrap().management_state, None);
}

/// A bucket of the user's must not be deleted because the one before it was the operator's.
#[test]
fn a_state_that_the_operator_wrote_does_not_pass_to_the_next_medium() {
    let status = json!({ "managementState": "Managed", "s3": { "bucket": "ours", "region": "us-east-1" } });
    let spec = json!({ "managementState": "Managed", "s3": { "bucket": "theirs", "region": "us-east-1" } });
    let world = scenario("s3-minted-static-keys").storage(spec, status);
    let mut inputs = seen(&world, "theirs", Presence::Found { ours: false });
    // The user says Managed: so it is.
    assert_eq!(action(&render(&inputs)).unwrap().management_state, Some(Managed));
    inputs.observed.storage.derived_management_state = true;
    let plan = render(&inputs);
    assert_eq!(action(&plan).unwrap().management_state, Some(Unmanaged));
    assert_eq!(derived_state(&plan), json!("Unmanaged"));
    inputs.observed.storage.medium = None;
    assert_eq!(action(&render(&inputs)).unwrap().management_state, None, "it has to be looked at first");
}

#[test]
fn a_medium_that_the_status_names_is_not_created_again() {
    let storage = json!({ "managementState": "Managed", "s3": { "bucket": "ours", "region": "us-east-1" } });
    let world = scenario("s3-minted-static-keys").storage(storage.clone(), storage);
    let plan = render(&seen(&world, "ours", Presence::Missing));
    assert!(!action(&plan).unwrap().may_create);
    assert_eq!(in_status(&plan)["s3"]["bucket"], "ours");
}

#[test]
fn what_was_removed_is_not_removed_again_and_leaves_the_status() {
    let storage = json!({ "managementState": "Managed", "s3": { "bucket": "ours", "region": "us-east-1" } });
    let world = scenario("s3-minted-static-keys").storage(storage.clone(), storage);
    let world = world.patch("Config/cluster", json!({ "spec": { "managementState": "Removed" } }));
    let plan = render(&seen(&world, "ours", Presence::Found { ours: true }));
    assert!(action(&plan).is_some());
    assert_eq!(config_condition(&plan, "Progressing"), "True RemovingStorage");
    let plan = render(&seen(&world, "ours", Presence::Removed));
    assert_eq!(config_condition(&plan, "Progressing"), "False Removed");
    assert_eq!((action(&plan), in_status(&plan)), (None, json!({})));
    assert!(!plan.status.config.unwrap().storage_managed);
}

#[test]
fn conditions_are_what_was_seen_else_what_was_reported_of_the_same_medium() {
    let status = json!({ "managementState": "Managed", "s3": { "bucket": "ours", "region": "us-east-1" } });
    let mut world = scenario("s3-minted-static-keys").storage(status.clone(), status);
    let before = ["StorageTagged", "StorageExists"].map(|type_| reported(type_, "False", NOW));
    world = world.patch("Config/cluster", json!({ "status": { "conditions": before } }));
    let conditions = |inputs: &Inputs| render(inputs).status.config.unwrap().conditions;
    let untouched = conditions(&world.inputs());
    assert_eq!(short(&untouched, "StorageTagged"), "False AsExpected");
    assert_eq!(short(&untouched, "StorageExists"), "False AsExpected");
    let seen = conditions(&seen(&world, "ours", Presence::Found { ours: true }));
    assert_eq!(short(&seen, "StorageTagged"), "True TaggingSuccessful");
    let other = world.patch("Config/cluster", json!({ "spec": { "storage": { "s3": { "bucket": "new" } } } }));
    let other = conditions(&other.inputs());
    assert!(!other.iter().any(|condition| condition.type_.starts_with("Storage")), "{other:?}");
}

#[test]
fn storage_in_the_cluster_itself_has_a_condition_too() {
    let empty_dir = scenario("s3-minted-static-keys").storage(json!({ "emptyDir": {} }), json!({}));
    assert_eq!(config_condition(&empty_dir.sound_plan(), "StorageExists"), "True CreationSuccessful");
}

/// The registry is gone, and with it the claim or the pods' own disks; that a bucket was removed stays told.
#[test]
fn nothing_is_said_of_storage_that_went_with_the_registry() {
    let removed = |status: &str, reason: &str| {
        let world = scenario("s3-minted-static-keys").storage(json!({ "emptyDir": {} }), json!({}));
        let mut exists = reported("StorageExists", status, NOW);
        exists["reason"] = reason.into();
        let patch = json!({ "spec": { "managementState": "Removed" }, "status": { "conditions": [exists] } });
        let conditions = render(&world.patch("Config/cluster", patch).inputs()).status.config.unwrap().conditions;
        conditions.into_iter().any(|condition| condition.type_ == "StorageExists")
    };
    assert!(!removed("True", "CreationSuccessful") && !removed("True", "PVCExists") && !removed("False", "PVCMissing"));
    assert!(removed("False", "S3BucketNotFound"));
}

#[test]
fn a_registry_that_waits_for_its_storage_is_progressing() {
    let plan = render(&seen(&undecided("pictures"), "pictures", Presence::Missing));
    assert_eq!(config_condition(&plan, "Progressing"), "True StorageNotReady");
    assert_eq!(config_condition(&plan, "Degraded"), "False AsExpected");
}

#[test]
fn encryption_that_the_bucket_has_is_written_into_spec() {
    let world = undecided("pictures");
    let mut inputs = seen(&world, "pictures", Presence::Found { ours: true });
    inputs.observed.storage.medium.as_mut().unwrap().told.encrypted = true;
    let plan = render(&inputs);
    assert_eq!(write_back(&plan).unwrap().pointer("/spec/storage/s3/encrypt"), Some(&json!(true)));
    assert_eq!(crate::world::variable(&plan, "REGISTRY_STORAGE_S3_ENCRYPT").unwrap(), "true");
}

fn withdrawn(inputs: &Inputs) -> Vec<String> {
    let plan = render(inputs);
    let of = |step: &Step| match step {
        Step::WriteBack(write_back) => write_back.withdrawn.clone(),
        _ => Vec::new(),
    };
    plan.steps.iter().flat_map(of).collect()
}

/// From a claim of the user's to the pods' own disks: the next bucket would not be created.
#[test]
fn whose_the_storage_was_is_taken_back_with_the_pods_own_disks() {
    for before in [json!({ "managementState": "Unmanaged", "pvc": { "claim": "theirs" } }), json!({ "emptyDir": {} })] {
        let spec = json!({ "managementState": "Unmanaged", "emptyDir": {} });
        let mut inputs = scenario("s3-minted-static-keys").storage(spec, before).inputs();
        assert_eq!(withdrawn(&inputs), [""; 0], "a user has said so");
        assert_eq!(in_status(&render(&inputs))["managementState"], "Unmanaged");
        inputs.observed.storage.derived_management_state = true;
        assert_eq!(withdrawn(&inputs), ["/spec/storage/managementState"]);
        assert_eq!(in_status(&render(&inputs))["managementState"], "Managed");
    }
}

/// What was the operator's word about one medium must not be taken for one about the next.
#[test]
fn whose_the_storage_was_is_taken_back_once_there_is_none() {
    let spec = json!({ "managementState": "Managed", "s3": { "bucket": "ours", "region": "us-east-1" } });
    let world = scenario("s3-minted-static-keys").storage(spec, json!({}));
    let world = world.patch("Config/cluster", json!({ "spec": { "managementState": "Removed" } }));
    let mut inputs = world.inputs();
    assert_eq!(withdrawn(&inputs), [""; 0], "a user has said so");
    inputs.observed.storage.derived_management_state = true;
    assert_eq!(withdrawn(&inputs), ["/spec/storage/managementState"]);
}

/// The parts that the operator derived of every backend, as they are left when a user applies another storage.
fn derived_parts() -> [(&'static str, Value); 6] {
    [
        ("pvc", json!({ "claim": "image-registry-storage" })),
        ("s3", json!({ "bucket": "ours", "region": "us-east-1", "encrypt": true })),
        ("gcs", json!({ "bucket": "ours", "region": "us-east1", "projectID": "project" })),
        ("swift", json!({ "container": "ours" })),
        ("azure", json!({ "accountName": "ours", "container": "ours", "cloudName": "AzurePublicCloud" })),
        ("ibmcos", json!({ "bucket": "ours", "location": "us-east", "resourceGroupName": "group" })),
    ]
}

fn with_derived(spec: &Value, status: &Value, derived: &[&str]) -> Inputs {
    let mut inputs = scenario("s3-minted-static-keys").storage(spec.clone(), status.clone()).inputs();
    inputs.observed.storage.derived_backends = derived.iter().map(|name| (*name).to_owned()).collect();
    inputs
}

/// The operator's part stays in spec when a user's manager applies another storage, and is no wish of anybody's.
#[test]
fn what_is_left_of_a_backend_that_nobody_asks_for_is_ignored_and_taken_back() {
    let users = [json!({ "emptyDir": {} }), json!({ "s3": { "bucket": "theirs", "region": "us-east-1" } })];
    for user in users {
        let asked = user.as_object().unwrap().keys().next().unwrap().clone();
        for (backend, parts) in derived_parts().into_iter().filter(|(backend, _)| *backend != asked) {
            let status = json!({ "managementState": "Managed", backend: parts });
            let mut spec = user.clone();
            spec[backend] = parts.clone();
            let plan = render(&with_derived(&spec, &status, &[]));
            assert_eq!(config_condition(&plan, "Degraded"), "True TooManyStorages", "{backend} is a user's");
            let inputs = with_derived(&spec, &status, &[backend]);
            let plan = render(&inputs);
            assert_eq!(plan.problems, [], "{backend} before {asked}");
            assert_eq!(withdrawn(&inputs), [format!("/spec/storage/{backend}")], "before {asked}");
            assert_eq!(action(&plan).map(|action| action.id.backend), (asked == "s3").then_some("s3"));
            if let Some(fields) = write_back(&plan) {
                assert_eq!(fields.pointer(&format!("/spec/storage/{backend}")), None, "it is not derived again");
            }
        }
    }
}

#[test]
fn what_is_left_of_several_backends_is_taken_back_at_once() {
    let mut spec = json!({ "emptyDir": {} });
    let mut all = Vec::new();
    for (backend, parts) in derived_parts() {
        spec[backend] = parts;
        all.push(backend);
    }
    let inputs = with_derived(&spec, &json!({}), &all);
    assert_eq!(render(&inputs).problems, []);
    let mut taken_back = withdrawn(&inputs);
    taken_back.sort();
    all.sort_unstable();
    assert_eq!(taken_back, all.iter().map(|backend| format!("/spec/storage/{backend}")).collect::<Vec<_>>());
}

#[test]
fn two_storages_of_users_are_still_too_many_and_a_derived_one_alone_counts() {
    let spec = json!({ "emptyDir": {}, "s3": { "bucket": "theirs" }, "pvc": { "claim": "image-registry-storage" } });
    for derived in [&["pvc"][..], &["pvc", "s3", "emptyDir"]] {
        let inputs = with_derived(&spec, &json!({}), derived);
        assert_eq!(config_condition(&render(&inputs), "Degraded"), "True TooManyStorages", "{derived:?}");
        assert_eq!(withdrawn(&inputs), [""; 0], "{derived:?}");
    }
    let spec = json!({ "s3": { "bucket": "ours", "region": "us-east-1" } });
    let inputs = with_derived(&spec, &json!({}), &["s3"]);
    assert_eq!((withdrawn(&inputs), action(&render(&inputs)).unwrap().id.name.as_str()), (Vec::new(), "ours"));
}

/// The medium before is just not used any more, as after an edit that names another one.
#[test]
fn a_medium_is_not_removed_because_only_what_was_derived_of_it_is_left() {
    let ours = json!({ "bucket": "ours", "region": "us-east-1" });
    let status = json!({ "managementState": "Managed", "s3": ours });
    let spec = json!({ "managementState": "Managed", "s3": ours, "emptyDir": {} });
    for state in ["Managed", "Removed"] {
        let mut inputs = with_derived(&spec, &status, &["s3"]);
        inputs.observed.storage.derived_management_state = true;
        let Observed::Present(config) = &mut inputs.config else { panic!("no Config") };
        config.spec.management_state = serde_json::from_value(json!(state)).unwrap();
        assert_eq!(action(&render(&inputs)), None, "{state}");
    }
}
