//! Conditions of the concerns beside the registry, under the names and in the order of the reference's controllers.

use super::Condition;
use super::failing::{self, Failing};
use crate::api::openshift::PlatformType;
use crate::inputs::Inputs;
use crate::problem::{Concern, Problem};
use crate::render::storage::trust::runs_on;

/// The type of the certificates' condition.
pub const CERTIFICATES: &str = "ImageRegistryCertificatesControllerDegraded";

/// What stands in the way of each concern, given what was found out while planning.
pub fn conditions(inputs: &Inputs, problems: &[Problem]) -> Vec<Condition> {
    let degraded = |concern, type_| degraded(inputs, problems, concern, type_);
    vec![
        degraded(Concern::NodeCa, "NodeCADaemonControllerDegraded"),
        degraded(Concern::ImageConfig, "ImageConfigControllerDegraded"),
        degraded(Concern::Certificates, CERTIFICATES),
        azure_stack(inputs),
        degraded(Concern::ConfigObservation, "ConfigObservationDegraded"),
    ]
}

/// What fails is Degraded once it lasts; wrong configuration at once, since it does not pass by itself.
fn degraded(inputs: &Inputs, problems: &[Problem], concern: Concern, type_: &'static str) -> Condition {
    let of_concern = problems.iter().filter(|problem| problem.concern == concern);
    let mut lines: Vec<String> = of_concern.map(Problem::to_string).collect();
    let failing = failing::of(inputs, concern).filter(Failing::is_lasting);
    lines.extend(failing.map(|failing| failing.message));
    let reason = if lines.is_empty() { "AsExpected" } else { "Error" };
    Condition::new(type_, !lines.is_empty(), reason, lines.join("\n"))
}

/// Only an Azure cluster can be an Azure Stack Hub; anywhere else the missing variable harms nobody, and a condition
/// about it would only cry wolf.
fn azure_stack(inputs: &Inputs) -> Condition {
    const TYPE: &str = "AzureStackCloudControllerDegraded";
    if runs_on(inputs, &PlatformType::Azure) && inputs.environment.azure_environment_filepath.is_none() {
        return Condition::new(TYPE, true, "Error", "AZURE_ENVIRONMENT_FILEPATH is not set");
    }
    Condition::new(TYPE, false, "AsExpected", "")
}
