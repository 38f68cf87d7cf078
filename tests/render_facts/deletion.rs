//! The end of a Config: the finalizer goes last, and not before its storage.

use crate::world::{CONFIG, World, action, config_condition, deletions, scenario};
use cluster_image_registry_operator::inputs::Observed;
use cluster_image_registry_operator::render::{Plan, Step, render};
use serde_json::json;

/// The plan of a world in which the Deployment is gone.
fn gone(world: &World) -> Plan {
    let mut inputs = world.inputs();
    inputs.observed.deployment = Observed::Absent;
    render(&inputs)
}

fn releases(plan: &Plan) -> usize {
    plan.steps.iter().filter(|step| matches!(step, Step::ReleaseFinalizer(_))).count()
}

#[test]
fn the_finalizer_goes_after_everything_else() {
    let plan = gone(&scenario("deleting"));
    let [.., storage, last] = plan.steps.as_slice() else { panic!("no steps") };
    assert!(matches!(storage, Step::Storage(_)), "{storage:?}");
    assert!(matches!(last, Step::ReleaseFinalizer(object) if object.to_string() == CONFIG), "{last:?}");
}

#[test]
fn it_stays_until_somebody_has_seen_that_the_deployment_is_gone() {
    assert_eq!(releases(&scenario("deleting").sound_plan()), 0);
    let world = scenario("deleting").add("apps/v1", "Deployment", "image-registry", json!({
        "spec": {
            "selector": { "matchLabels": { "docker-registry": "default" } },
            "template": { "metadata": { "labels": { "docker-registry": "default" } }, "spec": { "containers": [] } },
        },
    }));
    let plan = world.sound_plan();
    assert_eq!(releases(&plan), 0);
    assert_eq!(config_condition(&plan, "Progressing"), "True DeletingDeployment");
}

#[test]
fn storage_that_cannot_be_removed_keeps_it_and_says_why() {
    let s3 = |bucket: &str| json!({ "managementState": "Managed", "s3": { "bucket": bucket, "region": "us-east-1" } });
    let two = json!({ "spec": { "storage": { "emptyDir": {} } } });
    for (world, reason) in [
        (scenario("deleting").patch(CONFIG, two), "TooManyStorages"),
        (scenario("deleting").without("Secret/installer-cloud-credentials"), "ObjectMissing"),
        (scenario("deleting").storage(s3("users"), s3("images")), "StorageChanged"),
    ] {
        let plan = gone(&world);
        assert_eq!((releases(&plan), action(&plan)), (0, None), "{reason}");
        assert_eq!(config_condition(&plan, "Degraded"), format!("True {reason}"));
        let conditions = &plan.status.config.as_ref().unwrap().conditions;
        assert!(conditions[2].message.contains("the deletion waits until the storage is removed"), "{conditions:?}");
        // The evidence of what is left stays, and so does the way out.
        assert_ne!(plan.status.config.as_ref().unwrap().storage, json!({}));
        let let_go = world.patch(CONFIG, json!({ "spec": { "storage": { "managementState": "Unmanaged" } } }));
        let plan = gone(&let_go);
        assert_eq!((releases(&plan), config_condition(&plan, "Degraded").as_str()), (1, "False Removed"), "{reason}");
    }
}

#[test]
fn without_storage_of_its_own_it_goes_at_once() {
    for (spec, status) in [
        (json!({ "emptyDir": {} }), json!({ "managementState": "Managed", "emptyDir": {} })),
        (json!({ "managementState": "Unmanaged", "s3": { "bucket": "users" } }), json!({})),
        (json!({}), json!({})),
    ] {
        let plan = gone(&scenario("deleting").storage(spec.clone(), status));
        assert_eq!((releases(&plan), action(&plan)), (1, None), "{spec}");
    }
}

#[test]
fn a_config_that_was_let_go_gets_nothing() {
    for finalizers in [json!(null), json!(["example.com/other"])] {
        let plan = gone(&scenario("deleting").patch(CONFIG, json!({ "metadata": { "finalizers": finalizers } })));
        assert_eq!((releases(&plan), action(&plan), deletions(&plan).len()), (0, None, 0));
        assert_eq!((plan.problems.len(), plan.status.config), (0, None));
        assert!(plan.assumptions.iter().any(|note| note.contains("without the operator's finalizer")));
    }
    // A Config that stays keeps its finalizer.
    assert_eq!(releases(&gone(&scenario("removed-two-storages"))), 0);
    assert_eq!(releases(&gone(&scenario("none-emptydir"))), 0);
}
