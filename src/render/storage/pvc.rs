//! A PersistentVolumeClaim: the user's, or one that the operator creates.

use super::action::{Claim, Medium};
use super::empty_dir::{VOLUME, filesystem};
use super::{Prepared, ownership};
use crate::api::config::RolloutStrategy;
use crate::api::storage::{PvcStorage, Storage, StorageManagementState};
use crate::inputs::Observed;
use crate::problem::Problem;
use crate::render::context::{Context, config_problem, missing_object, set};
use crate::render::manifest::{Manifest, metadata, strings};
use crate::render::names::{DEFAULT_CLAIM, NAMESPACE, OWNED_ANNOTATION};
use crate::render::pods::quantities;
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimVolumeSource, Volume,
    VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// Mounts the claim. One that nobody named is `image-registry-storage`, and is created if it is missing.
///
/// # Errors
/// A claim that belongs to somebody else, or that so many replicas cannot share.
pub fn prepare(context: &Context<'_>, given: &PvcStorage) -> Result<Prepared, Vec<Problem>> {
    let named = set(&given.claim);
    let claim = named.unwrap_or(DEFAULT_CLAIM).to_owned();
    // A name that the operator wrote into spec looks like one of the user's; that it is Managed tells them apart.
    let managed = named.is_none().then_some(StorageManagementState::Managed);
    let effective = Storage {
        // Whoever names no claim gets one of the operator's, or none at all; a claim that is named was there.
        management_state: managed.or(Some(StorageManagementState::Unmanaged)),
        pvc: Some(PvcStorage { claim: Some(claim.clone()) }),
        ..Storage::default()
    };
    let state = managed.or_else(|| ownership::state(context, &effective));
    let ours = state == Some(StorageManagementState::Managed) && claim == DEFAULT_CLAIM;
    let problems = match context.inputs.observed.claims.get(&claim) {
        Some(Observed::Present(live)) => check_live(context, &claim, live, named.is_none()),
        Some(Observed::Absent) if !ours => {
            vec![missing_object("PersistentVolumeClaim", NAMESPACE, &claim, true, "spec.storage.pvc of Config/cluster")]
        }
        Some(Observed::Absent | Observed::NotObserved) | None => Vec::new(),
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let volume = Volume {
        name: VOLUME.to_owned(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource { claim_name: claim.clone(), read_only: None }),
        ..Volume::default()
    };
    let create = ours.then(|| claim_manifest(&claim, "ReadWriteMany", None));
    Ok(Prepared { effective, medium: Medium::Pvc(Claim { claim, create }), workload: Ok(filesystem(volume)) })
}

/// A claim of 100Gi that carries the operator's mark.
pub fn claim_manifest(name: &str, access_mode: &str, storage_class: Option<&str>) -> Manifest {
    let claim = PersistentVolumeClaim {
        metadata: ObjectMeta { annotations: Some(strings([(OWNED_ANNOTATION, "true")])), ..metadata(NAMESPACE, name) },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec![access_mode.to_owned()]),
            resources: Some(VolumeResourceRequirements {
                requests: Some(quantities([("storage", "100Gi")])),
                limits: None,
            }),
            storage_class_name: storage_class.map(str::to_owned),
            ..PersistentVolumeClaimSpec::default()
        }),
        status: None,
    };
    Manifest::new(NAMESPACE, name, &claim)
}

fn check_live(context: &Context<'_>, name: &str, live: &PersistentVolumeClaim, unnamed: bool) -> Vec<Problem> {
    let marked = live.metadata.annotations.as_ref().is_some_and(|all| all.contains_key(OWNED_ANNOTATION));
    if unnamed && !marked {
        let message = format!("PersistentVolumeClaim {name} already exists and is not owned by the operator");
        let remedy = format!("to use that claim, set spec.storage.pvc.claim to {name}; otherwise delete or rename it");
        return vec![config_problem("spec.storage.pvc.claim", "ClaimNotOwned", message, &remedy)];
    }
    let modes = live.spec.as_ref().and_then(|spec| spec.access_modes.as_deref()).unwrap_or_default();
    let has = |wanted: &str| modes.iter().any(|mode| mode == wanted);
    if has("ReadWriteMany") {
        return Vec::new();
    }
    if !has("ReadWriteOnce") && !has("ReadWriteOncePod") {
        let message = format!("PVC {name} does not contain the necessary access modes: ReadWriteMany or ReadWriteOnce");
        return vec![config_problem("spec.storage.pvc.claim", "WrongAccessMode", message, "name another claim")];
    }
    let mut problems = Vec::new();
    if context.spec.replicas > 1 {
        let message = format!(
            "cannot use ReadWriteOnce access mode of claim {name} with more than one replica of the image registry"
        );
        problems.push(config_problem(
            "spec.replicas",
            "WrongAccessMode",
            message,
            "set spec.replicas to 1, or name a claim with access mode ReadWriteMany",
        ));
    }
    if context.spec.rollout_strategy != Some(RolloutStrategy::Recreate) {
        let message =
            format!("cannot use ReadWriteOnce access mode of claim {name} with RollingUpdate rollout strategy");
        problems.push(config_problem(
            "spec.rolloutStrategy",
            "WrongAccessMode",
            message,
            "set spec.rolloutStrategy to Recreate",
        ));
    }
    problems
}
