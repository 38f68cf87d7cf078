//! Concerns fail one by one, and say what they took for granted.

use crate::world::{CONFIG, World, manifest, scenario};
use cluster_image_registry_operator::problem::Concern;
use cluster_image_registry_operator::render::Plan;
use serde_json::json;

fn everything() -> World {
    scenario("pruner-with-registry")
}

/// Whether registry, certificates, node CA and pruner are planned.
fn planned(plan: &Plan) -> [bool; 4] {
    let representatives = [
        "Deployment/image-registry",
        "ConfigMap/image-registry-certificates",
        "DaemonSet/node-ca",
        "CronJob/image-pruner",
    ];
    representatives.map(|object| manifest(plan, object).is_some())
}

fn concerns(plan: &Plan) -> Vec<Concern> {
    let mut concerns: Vec<Concern> = plan.problems.iter().map(|problem| problem.concern).collect();
    concerns.dedup();
    concerns
}

#[test]
fn all_is_planned_when_nothing_is_wrong() {
    let plan = everything().sound_plan();
    assert_eq!(planned(&plan), [true; 4]);
    assert_eq!(plan.assumptions, [""; 0]);
}

#[test]
fn broken_storage_stops_the_registry_alone() {
    let plan = everything().patch(CONFIG, json!({ "spec": { "storage": { "s3": {} } } })).plan();
    assert_eq!(planned(&plan), [false, true, true, true]);
    assert_eq!(concerns(&plan), [Concern::Registry]);
    // What is broken does not come half: no role without the pods that need it.
    assert_eq!(plan.manifests().filter(|manifest| manifest.id().name.contains("registry-role")).count(), 0);
}

#[test]
fn a_missing_ca_stops_the_certificates_alone() {
    let trusted = json!({ "spec": { "additionalTrustedCA": { "name": "missing" } } });
    let plan = everything().patch("Image/cluster", trusted).plan();
    assert_eq!(planned(&plan), [true, false, true, true]);
    assert_eq!(concerns(&plan), [Concern::Certificates]);
}

#[test]
fn a_wrong_pruner_stops_the_pruner_alone() {
    let plan = everything().patch("ImagePruner/cluster", json!({ "spec": { "keepTagRevisions": -1 } })).plan();
    assert_eq!(planned(&plan), [true, true, true, false]);
    assert_eq!(concerns(&plan), [Concern::Pruner]);
}

#[test]
fn a_missing_image_stops_its_user_alone() {
    let mut world = everything();
    world.environment.image = None;
    assert_eq!(planned(&world.plan()), [false, true, true, true]);
    let mut world = everything();
    world.environment.operator_image = None;
    assert_eq!(planned(&world.plan()), [true, true, false, true]);
    let mut world = everything();
    world.environment.image_pruner = None;
    assert_eq!(planned(&world.plan()), [true, true, true, false]);
}

#[test]
fn every_problem_of_the_registry_is_reported_at_once() {
    let wrong = json!({ "spec": {
        "replicas": -1,
        "httpSecret": "",
        "requests": { "read": { "maxRunning": -1 } },
        "routes": [{ "name": "default-route" }],
        "storage": { "s3": {} },
    } });
    let plan = everything().without("Namespace/openshift-image-registry").patch(CONFIG, wrong).plan();
    let paths: Vec<&str> = plan.problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "spec.httpSecret",
            "spec.replicas",
            "spec.requests.read.maxRunning",
            "spec.routes[0].name",
            "spec.storage",
            "metadata.annotations[openshift.io/sa.scc.supplemental-groups]",
        ]
    );
}

/// A missing object that two concerns need is named once.
#[test]
fn one_cause_is_one_problem() {
    let plan = scenario("error-missing-trusted-ca").plan();
    assert_eq!(plan.problems.len(), 1);
    assert_eq!(plan.problems[0].object, "ConfigMap/openshift-config/s3-ca");
}

#[test]
fn what_was_taken_for_granted_is_said() {
    for (object, note) in [
        ("Service/image-registry", "Service image-registry was not given: it is taken to listen on 5000"),
        (
            "ConfigMap/serviceca",
            "ConfigMap serviceca was not given: the CAs lack the one of the registry's own host names",
        ),
        ("ImagePruner/cluster", "ImagePruner/cluster was not given: nothing is planned for the pruner"),
        ("Image/cluster", "Image/cluster was not given: the pruner leaves the registry's blobs alone"),
        ("Node/w1", "no Node was given: the registry is not spread over zones (topology.kubernetes.io/zone)"),
    ] {
        assert_eq!(everything().without(object).plan().assumptions, [note]);
    }
    let shared = json!({ "spec": { "replicas": 2 } });
    let note = "spec.storage.emptyDir with 2 replicas: every pod has images of its own";
    assert_eq!(everything().patch(CONFIG, shared).plan().assumptions, [note]);
}

/// Without Config and Infrastructure the pruner can be rendered all the same.
#[test]
fn a_pruner_alone_is_planned() {
    let plan = scenario("pruner-only").sound_plan();
    assert_eq!(planned(&plan), [false, true, true, true]);
    assert_eq!(plan.status.config, None);
}
