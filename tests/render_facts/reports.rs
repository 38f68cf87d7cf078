//! What is reported besides the conditions of the registry itself.

use crate::world::{DEPLOYMENT, config_condition, manifest, scenario, short};
use cluster_image_registry_operator::inputs::Observed;
use cluster_image_registry_operator::problem::Concern;
use cluster_image_registry_operator::render::{Step, render};
use serde_json::json;

#[test]
fn conditions_are_listed_as_the_references_controllers_write_them() {
    let plan = scenario("live-deployment-ready").sound_plan();
    let types: Vec<&str> = plan.status.config.unwrap().conditions.iter().map(|condition| condition.type_).collect();
    assert_eq!(
        types,
        [
            "Available",
            "Progressing",
            "Degraded",
            "Removed",
            "NodeCADaemonAvailable",
            "NodeCADaemonProgressing",
            "NodeCADaemonControllerDegraded",
            "ImageConfigControllerDegraded",
            "ImageRegistryCertificatesControllerDegraded",
            "AzureStackCloudControllerDegraded",
            "ConfigObservationDegraded",
        ]
    );
}

#[test]
fn a_missing_path_for_azure_stack_matters_on_azure_only() {
    let condition = |name: &str, path: Option<&str>| {
        let mut world = scenario(name);
        world.environment.azure_environment_filepath = path.map(str::to_owned);
        config_condition(&world.plan(), "AzureStackCloudControllerDegraded")
    };
    assert_eq!(condition("azure-account-key", None), "True Error");
    assert_eq!(condition("azure-account-key", Some("/tmp/azurestackcloud.json")), "False AsExpected");
    assert_eq!(condition("aws-default", None), "False AsExpected");
}

/// The reference rewrites a workload whose generation is not the one in status.
#[test]
fn generations_are_those_of_the_live_workloads() {
    let generation = json!({ "metadata": { "generation": 4 } });
    let world = scenario("live-deployment-ready").patch(DEPLOYMENT, generation);
    let world = world.patch("DaemonSet/node-ca", json!({ "metadata": { "generation": 2 } }));
    let report = serde_json::to_value(world.sound_plan().status.config).unwrap();
    let entry = |resource: &str, name: &str, generation: i64| {
        json!({
            "group": "apps", "resource": resource, "namespace": "openshift-image-registry", "name": name,
            "lastGeneration": generation, "hash": "",
        })
    };
    let wanted = [entry("deployments", "image-registry", 4), entry("daemonsets", "node-ca", 2)];
    assert_eq!(report["generations"], json!(wanted));
    let report = serde_json::to_value(scenario("none-emptydir").sound_plan().status.config).unwrap();
    assert_eq!(report.get("generations"), None);
}

#[test]
fn a_pruner_has_completed_only_once_a_job_has() {
    let failed = |inputs| short(&render(&inputs).status.image_pruner.unwrap().conditions, "Failed");
    let world = scenario("pruner-failed-job").without("Job/image-pruner-1");
    assert_eq!(failed(world.clone().without("Job/image-pruner-2").inputs()), "False NoRunYet");
    let with = |type_: &str, status: &str| {
        let conditions = json!([{ "type": type_, "status": status }]);
        world.clone().patch("Job/image-pruner-2", json!({ "status": { "conditions": conditions } })).inputs()
    };
    assert_eq!(failed(with("Complete", "True")), "False Complete");
    assert_eq!(failed(with("Suspended", "True")), "False NoRunYet");
    assert_eq!(failed(with("Failed", "False")), "False NoRunYet");
    // Finished Jobs may be deleted at once.
    let mut inputs = with("Suspended", "True");
    let remembers = json!({
        "spec": { "schedule": "", "jobTemplate": {} },
        "status": { "lastSuccessfulTime": "2026-01-01T00:00:00Z" },
    });
    inputs.observed.pruner = Observed::Present(serde_json::from_value(remembers).unwrap());
    assert_eq!(failed(inputs), "False Complete");
}

#[test]
fn a_missing_image_is_created_and_the_pruner_waits_for_it() {
    let mut inputs = scenario("pruner-with-registry").inputs();
    inputs.cluster.image = Observed::Absent;
    let plan = render(&inputs);
    let created = plan.steps.iter().find_map(|step| match step {
        Step::Create(manifest) => Some(manifest.id().to_string()),
        _ => None,
    });
    assert_eq!(created.as_deref(), Some("Image/cluster"));
    assert!(manifest(&plan, "CronJob/image-pruner").is_none());
    assert!(plan.problems.iter().all(|problem| problem.concern == Concern::Pruner), "{:?}", plan.problems);
    assert_eq!(short(&plan.status.image_pruner.unwrap().conditions, "Degraded"), "True SyncError");
}

#[test]
fn a_cluster_without_infrastructure_has_to_wait() {
    let mut inputs = scenario("bootstrap-aws").inputs();
    inputs.cluster.infrastructure = Observed::Absent;
    let problem = &render(&inputs).problems[0];
    assert!(problem.to_string().contains("the registry waits for it; add it, or set spec.storage"), "{problem}");
}
