//! What the last execution could not carry out shows in the conditions, some of it only once it lasts.

use crate::world::{config_condition, scenario, short};
use cluster_image_registry_operator::inputs::{Failure, Inputs};
use cluster_image_registry_operator::problem::Concern;
use cluster_image_registry_operator::render::status::Condition;
use cluster_image_registry_operator::render::{Plan, render};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::json;

const SINCE: &str = "2026-01-01T00:00:00Z";
const SOON: &str = "2026-01-01T00:01:59Z";
const LATE: &str = "2026-01-01T00:02:00Z";

fn time(text: &str) -> Time {
    serde_json::from_value(json!(text)).unwrap()
}

fn failing(mut inputs: Inputs, now: Option<&str>, concern: Concern, messages: &[&str]) -> Plan {
    inputs.observed.now = now.map(time);
    let failure = |message: &&str| Failure { concern, message: (*message).to_owned(), since: time(SINCE) };
    inputs.observed.failures = messages.iter().map(failure).collect();
    render(&inputs)
}

fn of_config<'a>(plan: &'a Plan, type_: &str) -> &'a Condition {
    let conditions = &plan.status.config.as_ref().unwrap().conditions;
    conditions.iter().find(|condition| condition.type_ == type_).unwrap()
}

#[test]
fn a_failing_registry_is_tried_again_and_degraded_once_that_does_not_help() {
    let at = |now: Option<&str>| {
        failing(scenario("live-deployment-ready").inputs(), now, Concern::Registry, &["Service/b: no", "Route/a: no"])
    };
    for (now, degraded) in [(None, "False AsExpected"), (Some(SOON), "False AsExpected"), (Some(LATE), "True Error")] {
        let plan = at(now);
        assert_eq!(config_condition(&plan, "Available"), "True Ready");
        assert_eq!(config_condition(&plan, "Progressing"), "True Error");
        assert_eq!(config_condition(&plan, "Degraded"), degraded, "{now:?}");
    }
    let message = "Unable to apply resources: Route/a: no\nService/b: no";
    assert_eq!(of_config(&at(None), "Progressing").message, message);
    assert_eq!(of_config(&at(Some(LATE)), "Degraded").message, message);
}

/// The plan waits for what the action finds out; why it finds out nothing is the failure.
#[test]
fn a_failing_storage_action_wins_over_waiting_for_it() {
    let inputs = scenario("azure-client-secret-not-ready").inputs();
    assert_eq!(config_condition(&render(&inputs), "Progressing"), "True StorageNotReady");
    let plan = failing(inputs, Some(LATE), Concern::Registry, &["storage account: access denied"]);
    assert_eq!(config_condition(&plan, "Progressing"), "True Error");
    assert_eq!(config_condition(&plan, "Degraded"), "True Error");
    assert!(of_config(&plan, "Degraded").message.ends_with("storage account: access denied"));
}

#[test]
fn wrong_configuration_wins_over_failures_and_names_them_too() {
    let inputs = scenario("error-replicas-negative").inputs();
    let plan = failing(inputs, None, Concern::Registry, &["Route/a: no"]);
    assert_eq!(config_condition(&plan, "Progressing"), "False Error");
    assert_eq!(config_condition(&plan, "Degraded"), "True VerificationFailed");
    assert!(of_config(&plan, "Degraded").message.ends_with("\nRoute/a: no"));
}

#[test]
fn a_removal_that_fails_is_not_reported_as_done() {
    let inputs = || scenario("state-removed-with-managed-storage").without("Deployment/image-registry").inputs();
    let plan = failing(inputs(), Some(SOON), Concern::Registry, &["S3 bucket images: access denied"]);
    assert_eq!(config_condition(&plan, "Progressing"), "True Error");
    assert_eq!(config_condition(&plan, "Degraded"), "False Removed");
    let plan = failing(inputs(), Some(LATE), Concern::Registry, &["S3 bucket images: access denied"]);
    assert_eq!(config_condition(&plan, "Available"), "True Removed");
    assert_eq!(config_condition(&plan, "Degraded"), "True RemoveFailed");
    let message = "Unable to remove registry: S3 bucket images: access denied";
    assert_eq!(of_config(&plan, "Degraded").message, message);
}

#[test]
fn what_fails_is_degraded_once_it_lasts() {
    for (concern, type_) in [
        (Concern::NodeCa, "NodeCADaemonControllerDegraded"),
        (Concern::ImageConfig, "ImageConfigControllerDegraded"),
        (Concern::Certificates, "ImageRegistryCertificatesControllerDegraded"),
        (Concern::ConfigObservation, "ConfigObservationDegraded"),
    ] {
        let at = |now| {
            let plan = failing(scenario("live-deployment-ready").inputs(), now, concern, &["no"]);
            // Whatever fails beside it does not touch the registry.
            assert_eq!(config_condition(&plan, "Progressing"), "False Ready");
            config_condition(&plan, type_)
        };
        let soon = "False AsExpected";
        assert_eq!([at(None), at(Some(SOON)), at(Some(LATE))], [soon, soon, "True Error"], "{type_}");
    }
}

#[test]
fn a_failing_pruner_is_degraded_once_it_lasts() {
    let at = |now| {
        let inputs = scenario("pruner-with-registry").inputs();
        failing(inputs, now, Concern::Pruner, &["CronJob: b", "a"]).status.image_pruner.unwrap().conditions
    };
    assert_eq!(short(&at(None), "Degraded"), "False AsExpected");
    assert_eq!(short(&at(Some(SOON)), "Degraded"), "False AsExpected");
    let conditions = at(Some(LATE));
    assert_eq!(short(&conditions, "Degraded"), "True SyncError");
    assert_eq!(conditions[3].message, "Error: CronJob: b\na");
}

/// A concern has failed for as long as its oldest failure, whatever else went wrong since.
#[test]
fn the_oldest_failure_counts() {
    let mut inputs = scenario("live-deployment-ready").inputs();
    inputs.observed.now = Some(time(LATE));
    let failure = |since| Failure { concern: Concern::Registry, message: "no".to_owned(), since: time(since) };
    inputs.observed.failures = vec![failure(SOON), failure(SINCE)];
    let plan = render(&inputs);
    assert_eq!(config_condition(&plan, "Degraded"), "True Error");
    assert_eq!(of_config(&plan, "Progressing").message, "Unable to apply resources: no");
}

#[test]
fn an_unmanaged_registry_is_left_alone_by_failures_as_well() {
    let inputs = scenario("state-unmanaged").inputs();
    let plan = failing(inputs, Some(LATE), Concern::Registry, &["no"]);
    assert_eq!(config_condition(&plan, "Degraded"), "False Unmanaged");
}
