//! Changes of the Deployment that need two passes, and all those that do not.

use crate::world::{CONFIG, DEPLOYMENT, World, at, scenario};
use serde_json::{Value, json};

/// Replicas, the greatest number of missing pods, and whether there is an affinity.
fn planned(world: &World) -> (Value, Value, bool) {
    let plan = world.sound_plan();
    let of = |pointer: &str| at(&plan, DEPLOYMENT, pointer).cloned().unwrap_or_default();
    let unavailable = of("/spec/strategy/rollingUpdate/maxUnavailable");
    (of("/spec/replicas"), unavailable, at(&plan, DEPLOYMENT, "/spec/template/spec/affinity").is_some())
}

/// New pods of the old ReplicaSet would exclude each other. The strategy waits as well: that of three replicas would
/// let both pods go at once.
#[test]
fn the_anti_affinity_goes_before_replicas_are_added() {
    let world = scenario("live-two-to-three-replicas");
    assert_eq!(planned(&world), (json!(2), json!(1), false));
    let without = json!({ "spec": { "template": { "spec": { "affinity": null } } } });
    assert_eq!(planned(&world.patch(DEPLOYMENT, without)), (json!(3), json!(2), false));
}

#[test]
fn every_other_change_is_one_update() {
    let world = scenario("live-two-to-three-replicas");
    let replicas = |count: i32| json!({ "spec": { "replicas": count } });
    assert_eq!(planned(&world.clone().without(DEPLOYMENT)), (json!(3), json!(2), false));
    assert_eq!(planned(&world.clone().patch(CONFIG, replicas(1))), (json!(1), json!(0), false));
    assert_eq!(planned(&world.clone().patch(CONFIG, replicas(2))), (json!(2), json!(1), true));
    // Fewer pods than before: nobody waits for a node.
    assert_eq!(planned(&world.clone().patch(DEPLOYMENT, replicas(5))), (json!(3), json!(2), false));
    // The user's own affinity stays, so nothing has to go first.
    let own = json!({ "nodeAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": [
        { "weight": 1, "preference": { "matchExpressions": [{ "key": "disk", "operator": "Exists" }] } },
    ] } });
    assert_eq!(planned(&world.patch(CONFIG, json!({ "spec": { "affinity": own } }))), (json!(3), json!(2), true));
}

#[test]
fn replicas_decide_on_strategy_and_budget() {
    for (replicas, unavailable, surge, kept) in [
        (0, json!(0), json!("25%"), json!(0)),
        (1, json!(0), json!("25%"), json!(0)),
        (2, json!(1), json!(1), json!(1)),
        (3, json!(2), json!("25%"), json!(1)),
    ] {
        let plan = scenario(&format!("topology-replicas-{replicas}")).sound_plan();
        let rolling = json!({ "maxUnavailable": unavailable, "maxSurge": surge });
        assert_eq!(at(&plan, DEPLOYMENT, "/spec/strategy/rollingUpdate"), Some(&rolling), "{replicas}");
        assert_eq!(at(&plan, "PodDisruptionBudget/image-registry", "/spec/minAvailable"), Some(&kept), "{replicas}");
    }
}

#[test]
fn a_choice_of_the_users_replaces_the_default_scheduling() {
    let scheduled = |name: &str| {
        let plan = scenario(name).sound_plan();
        let spread = at(&plan, DEPLOYMENT, "/spec/template/spec/topologySpreadConstraints");
        let spread = spread.map_or(0, |list| list.as_array().unwrap().len());
        (spread, at(&plan, DEPLOYMENT, "/spec/template/spec/affinity").is_some())
    };
    assert_eq!(scheduled("topology-replicas-2"), (3, true));
    assert_eq!(scheduled("topology-single-node"), (2, false), "no node has a zone");
    assert_eq!(scheduled("topology-node-selector-drops-spread"), (0, false));
    assert_eq!(scheduled("topology-empty-spread-list"), (0, false));
    assert_eq!(scheduled("topology-empty-affinity"), (3, true));
    let plan = scenario("topology-empty-affinity").sound_plan();
    assert_eq!(at(&plan, DEPLOYMENT, "/spec/template/spec/affinity"), Some(&json!({})), "the user's, though empty");
}
