//! Live objects that cannot be read: what depends on them stands still, and conditions say why.

use crate::world::{config_condition, deletions, manifest, scenario, short};
use cluster_image_registry_operator::inputs::{Inputs, Observed};
use cluster_image_registry_operator::problem::{Concern, Problem};
use cluster_image_registry_operator::render::{Plan, Step, render};
use serde_json::json;

fn refused(mut inputs: Inputs, object: &str, concern: Concern) -> Inputs {
    inputs.refused.push(Problem {
        concern,
        object: object.to_owned(),
        path: "spec.x".to_owned(),
        reason: "InvalidInput",
        message: "is wrong".to_owned(),
        remedy: "mend it".to_owned(),
    });
    inputs
}

fn unreadable_config() -> Inputs {
    let mut inputs = scenario("live-deployment-ready").inputs();
    inputs.config = Observed::NotObserved;
    refused(inputs, "Config/cluster", Concern::Registry)
}

fn is_planned(plan: &Plan, object: &str) -> bool {
    manifest(plan, object).is_some()
}

#[test]
fn an_unreadable_config_leaves_registry_and_certificates_as_they_are() {
    let plan = render(&unreadable_config());
    assert_eq!(deletions(&plan), [""; 0]);
    let applied: Vec<String> = plan.manifests().map(|manifest| manifest.id().to_string()).collect();
    assert_eq!(applied, ["DaemonSet/openshift-image-registry/node-ca"]);
    assert!(plan.problems.iter().all(|problem| problem.object == "Config/cluster"), "{:?}", plan.problems);
    assert_eq!(plan.assumptions, ["ImagePruner/cluster was not given: nothing is planned for the pruner"]);
}

#[test]
fn an_unreadable_config_is_degraded_at_once_and_what_runs_stays_available() {
    let plan = render(&unreadable_config());
    let short = ["Available", "Progressing", "Degraded"].map(|type_| config_condition(&plan, type_));
    assert_eq!(short, ["True Ready", "False Error", "True InvalidInput"]);
    let degraded = &plan.status.config.as_ref().unwrap().conditions[2];
    assert_eq!(degraded.message, "Error: Config/cluster: spec.x: is wrong; mend it");
    let mut inputs = unreadable_config();
    inputs.observed.deployment = Observed::Absent;
    assert_eq!(config_condition(&render(&inputs), "Available"), "False InvalidInput");
    // What runs tells the version, and nothing else does.
    assert_eq!(plan.status.cluster_operator.unwrap().version.as_deref(), Some("4.22.3"));
    assert_eq!(render(&inputs).status.cluster_operator.unwrap().version, None);
}

/// A report replaces the one before, so what is required or still true has to be in it.
#[test]
fn an_unreadable_config_keeps_what_was_reported() {
    let bare = render(&unreadable_config()).status.config.unwrap();
    assert_eq!((bare.storage, bare.storage_managed, bare.observed_generation), (json!({}), false, None));
    let mut inputs = unreadable_config();
    let storage = json!({ "managementState": "Managed", "s3": { "bucket": "images", "later": { "a": 1 } } });
    inputs.previous_status.config = Some(json!({
        "observedGeneration": 7,
        "storageManaged": true,
        "storage": storage,
        "conditions": [{
            "type": "ImageRegistryCertificatesControllerDegraded",
            "status": "True",
            "reason": "Error",
            "message": "a CA is missing",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }],
    }));
    let plan = render(&inputs);
    assert_eq!(config_condition(&plan, "ImageRegistryCertificatesControllerDegraded"), "True Error");
    let report = plan.status.config.unwrap();
    assert_eq!((report.storage, report.storage_managed, report.observed_generation), (storage, true, Some(7)));
}

#[test]
fn an_unreadable_pruner_stops_the_pruner_alone() {
    let mut inputs = refused(scenario("pruner-with-registry").inputs(), "ImagePruner/cluster", Concern::Pruner);
    inputs.image_pruner = Observed::NotObserved;
    inputs.previous_status.image_pruner = Some(json!({ "observedGeneration": 3 }));
    let plan = render(&inputs);
    assert!(is_planned(&plan, "Deployment/image-registry") && !is_planned(&plan, "CronJob/image-pruner"));
    let report = plan.status.image_pruner.as_ref().unwrap();
    assert_eq!(report.observed_generation, Some(3));
    assert_eq!(short(&report.conditions, "Degraded"), "True SyncError");
    assert_eq!(short(&report.conditions, "Scheduled"), "Unknown NotObserved");
    let cron_job = json!({ "spec": { "schedule": "", "suspend": true, "jobTemplate": {} } });
    inputs.observed.pruner = Observed::Present(serde_json::from_value(cron_job).unwrap());
    let conditions = render(&inputs).status.image_pruner.unwrap().conditions;
    assert_eq!(short(&conditions, "Scheduled"), "False Suspended");
}

/// Nobody has to know who depends on what to report an object.
#[test]
fn an_unreadable_object_stops_everything_that_needs_it() {
    let objects = [
        "Deployment/image-registry",
        "ConfigMap/image-registry-certificates",
        "DaemonSet/node-ca",
        "CronJob/image-pruner",
    ];
    for (object, concern, planned) in [
        ("Infrastructure/cluster", Concern::Inputs, [false, false, true, true]),
        ("Image/cluster", Concern::ImageConfig, [true, false, true, false]),
        ("DaemonSet/openshift-image-registry/node-ca", Concern::Inputs, [true, true, false, true]),
        ("ClusterVersion/version", Concern::Inputs, [true, true, true, true]),
        ("APIServer/cluster", Concern::Registry, [true, true, true, true]),
        ("Secret/openshift-image-registry/x", Concern::Registry, [false, true, true, true]),
    ] {
        let plan = render(&refused(scenario("pruner-with-registry").inputs(), object, concern));
        assert_eq!(objects.map(|object| is_planned(&plan, object)), planned, "{object}");
        assert_eq!(plan.problems.len(), 1, "{object}: named once");
    }
}

#[test]
fn what_is_published_of_the_registry_stays_if_it_cannot_be_told() {
    let plan = render(&refused(scenario("live-deployment-ready").inputs(), "FeatureGate/cluster", Concern::Inputs));
    assert_eq!(plan.status.image, None);
    assert_eq!(config_condition(&plan, "ImageConfigControllerDegraded"), "True Error");
    let plan = render(&refused(scenario("live-deployment-ready").inputs(), "APIServer/cluster", Concern::Inputs));
    assert_eq!(config_condition(&plan, "ConfigObservationDegraded"), "True Error");
}

#[test]
fn nothing_is_created_or_given_up_on_the_word_of_an_unreadable_object() {
    let fresh = refused(scenario("bootstrap-aws").inputs(), "Infrastructure/cluster", Concern::Registry);
    let plan = render(&fresh);
    let created = |plan: &Plan, kind: &str| {
        plan.steps.iter().any(|step| matches!(step, Step::Create(manifest) if manifest.id().kind == kind))
    };
    assert!(!created(&plan, "Config") && created(&plan, "ImagePruner"));
    let mut inputs = refused(scenario("deleting").inputs(), "Infrastructure/cluster", Concern::Registry);
    inputs.observed.deployment = Observed::Absent;
    let plan = render(&inputs);
    assert!(!plan.steps.iter().any(|step| matches!(step, Step::ReleaseFinalizer(_) | Step::Storage(_))));
    assert_eq!(config_condition(&plan, "Degraded"), "True InvalidInput");
}
