//! Live objects that exist and cannot be read, and what stands still because of them.

use super::Inputs;
use crate::problem::{Concern, Problem};
use serde_json::Value;

/// The raw `status` of live objects that were refused as a whole, with the generation that was refused.
///
/// Reports replace every field that an earlier report set, so what cannot be told anew is told again from here.
#[derive(Clone, Debug, Default)]
pub struct PreviousStatus {
    /// Of Config/cluster: `storage`, `storageManaged`, `observedGeneration` and conditions are read.
    pub config: Option<Value>,
    /// Of ImagePruner/cluster: `observedGeneration` is read.
    pub image_pruner: Option<Value>,
}

impl Inputs {
    /// What keeps the concern from being planned, as far as that is an object that cannot be read; sorted.
    pub fn refused_for(&self, concern: Concern) -> Vec<Problem> {
        let of_concern = self.refused.iter().filter(|problem| needed_by(problem).contains(&concern));
        let mut problems: Vec<Problem> = of_concern.map(|problem| Problem { concern, ..problem.clone() }).collect();
        problems.sort();
        problems
    }
}

/// Who depends on the object. Objects that are referred to by name are needed by whoever asked for them.
fn needed_by(problem: &Problem) -> &[Concern] {
    use Concern::{Certificates, ConfigObservation, ImageConfig, Inputs, NodeCa, Pruner, Registry};
    let kind = problem.object.split('/').next().unwrap_or_default();
    match kind {
        "Config" | "Proxy" | "Ingress" | "Namespace" | "Node" | "Deployment" | "PersistentVolumeClaim" => &[Registry],
        "Infrastructure" => &[Registry, Certificates],
        "APIServer" => &[ConfigObservation],
        "Image" => &[Certificates, ImageConfig, Pruner],
        "ClusterVersion" | "FeatureGate" => &[ImageConfig],
        "Service" => &[Certificates, ImageConfig],
        "Route" => &[Registry, ImageConfig],
        "DaemonSet" => &[NodeCa],
        "ImagePruner" | "CronJob" | "Job" => &[Pruner],
        // Everything depends on the inputs as a whole, and the registry's conditions are where people look.
        _ if problem.concern == Inputs => &[Registry],
        _ => std::slice::from_ref(&problem.concern),
    }
}
