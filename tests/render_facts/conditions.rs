//! Conditions, as far as they follow from what was observed.

use crate::world::{CONFIG, DEPLOYMENT, World, config_condition, reported, scenario, short};
use cluster_image_registry_operator::inputs::Observed;
use cluster_image_registry_operator::render::{Plan, render};
use serde_json::{Value, json};

/// Available, Progressing, Degraded and Removed of Config.
fn four(plan: &Plan) -> [String; 4] {
    ["Available", "Progressing", "Degraded", "Removed"].map(|type_| config_condition(plan, type_))
}

/// The same, of a world in which somebody looked for the Deployment.
fn looked(world: &World) -> Plan {
    let mut inputs = world.inputs();
    if inputs.observed.deployment == Observed::NotObserved {
        inputs.observed.deployment = Observed::Absent;
    }
    render(&inputs)
}

#[test]
fn conditions_follow_the_deployment() {
    for (name, four_conditions) in [
        ("live-deployment-ready", "True Ready|False Ready|False AsExpected|False AsExpected"),
        (
            "live-deployment-rolling",
            "True MinimumAvailability|True DeploymentNotCompleted|False AsExpected|False AsExpected",
        ),
        (
            "live-deployment-timed-out",
            "True MinimumAvailability|True DeploymentNotCompleted|True ProgressDeadlineExceeded|False AsExpected",
        ),
        (
            "live-deployment-unavailable",
            "False NoReplicasAvailable|True DeploymentNotCompleted|False AsExpected|False AsExpected",
        ),
        ("live-refused-route", "True Ready|False Ready|True RouteDegraded|False AsExpected"),
        ("state-unmanaged", "True Unmanaged|False Unmanaged|False Unmanaged|False AsExpected"),
        (
            "state-removed-with-managed-storage",
            "True MinimumAvailability|True DeletingDeployment|False Removed|True Removed",
        ),
        // Its own storage is left behind, since nobody can tell which of the two it is.
        ("removed-two-storages", "True Removed|False Removed|True TooManyStorages|True Removed"),
        ("deleting", "True Removed|False Removed|False Removed|True Removed"),
        ("none-emptydir", "False DeploymentNotFound|True WaitingForDeployment|False AsExpected|False AsExpected"),
        (
            "storage-unset-baremetal",
            "False StorageNotConfigured|False Error|True StorageNotConfigured|False AsExpected",
        ),
        ("error-replicas-negative", "False VerificationFailed|False Error|True VerificationFailed|False AsExpected"),
    ] {
        assert_eq!(four(&looked(&scenario(name))).join("|"), four_conditions, "{name}");
    }
    assert_eq!(config_condition(&scenario("none-emptydir").plan(), "Available"), "Unknown NotObserved");
}

#[test]
fn a_deployment_without_pods_or_on_its_way_out_is_not_available() {
    let world = scenario("live-deployment-ready");
    let going = json!({ "metadata": { "deletionTimestamp": "2026-01-01T00:00:00Z" } });
    let plan = world.clone().patch(DEPLOYMENT, going).sound_plan();
    assert_eq!(four(&plan)[..2], ["False DeploymentDeleted", "True FinalizingDeployment"]);
    let none = json!({ "spec": { "replicas": 0 }, "status": { "replicas": 0, "availableReplicas": 0 } });
    assert_eq!(four(&world.patch(DEPLOYMENT, none).sound_plan())[0], "False NoReplicasAvailable");
}

#[test]
fn unavailability_is_degraded_after_five_minutes_and_only_by_the_clock() {
    let degraded = |now: Option<&str>, before: Value| {
        let status = json!({ "status": { "conditions": [before] } });
        let mut inputs = scenario("live-deployment-unavailable").patch(CONFIG, status).inputs();
        inputs.observed.now = now.map(|now| serde_json::from_value(json!(now)).unwrap());
        config_condition(&render(&inputs), "Degraded")
    };
    let since = "2026-01-01T00:00:00Z";
    assert_eq!(degraded(Some("2026-01-01T00:05:00Z"), reported("Available", "False", since)), "False AsExpected");
    assert_eq!(degraded(Some("2026-01-01T00:05:01Z"), reported("Available", "False", since)), "True Unavailable");
    assert_eq!(degraded(Some("2026-01-01T00:05:01Z"), reported("Available", "True", since)), "False AsExpected");
    assert_eq!(degraded(None, reported("Available", "False", since)), "False AsExpected");
}

#[test]
fn a_refused_route_is_named_with_host_and_router() {
    let plan = scenario("live-refused-route").sound_plan();
    let conditions = &plan.status.config.as_ref().unwrap().conditions;
    let degraded = conditions.iter().find(|condition| condition.type_ == "Degraded").unwrap();
    let message =
        "route public (host registry.example.com, router router-0) not admitted: host is claimed by another route";
    assert_eq!(degraded.message, message);
}

#[test]
fn node_ca_is_judged_by_its_daemon_set() {
    let conditions = |status: Option<Value>| {
        let mut inputs = match &status {
            Some(status) => {
                let world = scenario("live-deployment-ready");
                world.patch("DaemonSet/node-ca", json!({ "status": status })).inputs()
            }
            None => scenario("live-deployment-ready").without("DaemonSet/node-ca").inputs(),
        };
        if status.is_none() {
            inputs.observed.node_ca = Observed::Absent;
        }
        let plan = render(&inputs);
        ["NodeCADaemonAvailable", "NodeCADaemonProgressing"].map(|type_| config_condition(&plan, type_))
    };
    assert_eq!(conditions(Some(json!({}))), ["True AsExpected", "False AsExpected"]);
    assert_eq!(conditions(Some(json!({ "numberAvailable": 0 }))), ["False NoAvailableReplicas", "False AsExpected"]);
    assert_eq!(conditions(Some(json!({ "desiredNumberScheduled": 3 })))[1], "True Progressing");
    assert_eq!(conditions(Some(json!({ "numberMisscheduled": 1 })))[1], "True Progressing");
    assert_eq!(conditions(None), ["False NotFound", "True NotFound"]);
}

#[test]
fn the_pruner_is_judged_by_its_newest_finished_job() {
    let conditions = |world: &World| {
        let mut inputs = world.inputs();
        inputs.observed.pruner = Observed::Absent;
        let plan = render(&inputs);
        let conditions = plan.status.image_pruner.unwrap().conditions;
        ["Available", "Failed", "Scheduled", "Degraded"].map(|type_| short(&conditions, type_)).join("|")
    };
    let world = scenario("pruner-failed-job");
    let available = "False Error";
    assert_eq!(conditions(&world), format!("{available}|True BackoffLimitExceeded|True Scheduled|True JobFailed"));
    let older = json!({ "metadata": { "creationTimestamp": "2025-12-31T00:00:00Z" } });
    let well = format!("{available}|False Complete|True Scheduled|False AsExpected");
    assert_eq!(conditions(&world.clone().patch("Job/image-pruner-2", older)), well);
    // Other Jobs of the namespace say nothing about pruning.
    let foreign = json!({ "metadata": { "labels": { "created-by": "somebody" } } });
    assert_eq!(conditions(&world.patch("Job/image-pruner-2", foreign)), well);
    let suspended = scenario("pruner-suspended");
    assert_eq!(conditions(&suspended), format!("{available}|False NoRunYet|False Suspended|False AsExpected"));
    let wrong = scenario("error-negative-pruner-limits");
    assert_eq!(conditions(&wrong), format!("{available}|False NoRunYet|True Scheduled|True SyncError"));
}

fn operator(plan: &Plan) -> [String; 3] {
    let conditions = &plan.status.cluster_operator.as_ref().unwrap().conditions;
    ["Available", "Progressing", "Degraded"].map(|type_| short(conditions, type_))
}

#[test]
fn the_cluster_operator_joins_the_reasons_of_all_conditions() {
    let world = scenario("live-deployment-unavailable").without(CONFIG);
    let pruner = scenario("pruner-failed-job");
    let job = |name: &str| pruner.objects.iter().find(|object| object["metadata"]["name"] == name).unwrap().clone();
    let mut world = world;
    let config = scenario("live-deployment-unavailable");
    world.objects.extend(config.objects.into_iter().filter(|object| object["kind"] == "Config"));
    world.objects.extend(pruner.objects.iter().filter(|object| object["kind"] == "ImagePruner").cloned());
    world.objects.push(job("image-pruner-2"));
    let mut inputs = world.inputs();
    inputs.observed.node_ca = Observed::Absent;
    inputs.observed.pruner = Observed::Absent;
    let plan = render(&inputs);
    assert_eq!(
        operator(&plan),
        [
            "False ImagePrunerError::NoReplicasAvailable::NodeCADaemonNotFound",
            "True DeploymentNotCompleted::NodeCADaemonNotFound",
            "True ImagePrunerJobFailed",
        ]
    );
    let conditions = &plan.status.cluster_operator.as_ref().unwrap().conditions;
    let lines = [
        "Available: The deployment does not have available replicas",
        "NodeCADaemonAvailable: The daemon set node-ca does not exist",
        "ImagePrunerAvailable: Pruner CronJob does not exist",
    ];
    assert_eq!(conditions[0].message, lines.join("\n"));
}

#[test]
fn the_cluster_operator_is_as_expected_when_all_is() {
    let plan = scenario("live-deployment-ready").sound_plan();
    assert_eq!(operator(&plan), ["True Ready", "False Ready", "False AsExpected"]);
    assert_eq!(scenario("bootstrap-aws").sound_plan().status.cluster_operator, None);
}

/// The version is that of the pods, not that of the operator.
#[test]
fn the_version_is_reported_once_it_runs() {
    let version = |world: &World| world.plan().status.cluster_operator.unwrap().version;
    let ready = scenario("live-deployment-ready");
    let old = json!({ "metadata": { "annotations": { "release.openshift.io/version": "4.21.0" } } });
    assert_eq!(version(&ready.clone().patch(DEPLOYMENT, old)).as_deref(), Some("4.21.0"));
    assert_eq!(version(&ready.clone().patch(DEPLOYMENT, json!({ "metadata": { "generation": 5 } }))), None);
    assert_eq!(version(&ready.clone().patch(DEPLOYMENT, json!({ "status": { "updatedReplicas": 1 } }))), None);
    assert_eq!(version(&scenario("none-emptydir")), None);
    for name in ["state-unmanaged", "removed-two-storages", "deleting"] {
        assert_eq!(version(&scenario(name)).as_deref(), Some("4.22.3"), "{name}");
    }
}
