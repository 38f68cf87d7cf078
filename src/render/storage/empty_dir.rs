//! emptyDir: images live and die with the pod.

use super::action::Medium;
use super::{Prepared, Workload};
use crate::api::storage::{EmptyDirStorage, Storage};
use crate::render::pods::variable;
use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, EnvVar, Volume, VolumeMount};

/// The volume that holds the images, whether it is an emptyDir or a claim.
pub(super) const VOLUME: &str = "registry-storage";
/// Where the registry keeps its files.
const ROOT: &str = "/registry";

/// Needs nothing and derives nothing.
pub fn prepare() -> Prepared {
    let volume =
        Volume { name: VOLUME.to_owned(), empty_dir: Some(EmptyDirVolumeSource::default()), ..Volume::default() };
    Prepared {
        effective: Storage { empty_dir: Some(EmptyDirStorage::default()), ..Storage::default() },
        medium: Medium::EmptyDir,
        workload: Ok(filesystem(volume)),
    }
}

/// The registry on a mounted file system.
pub(super) fn filesystem(volume: Volume) -> Workload {
    Workload { env: environment(), mounts: vec![mount()], volumes: vec![volume], ..Workload::default() }
}

fn environment() -> Vec<EnvVar> {
    vec![variable("REGISTRY_STORAGE", "filesystem"), variable("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", ROOT)]
}

fn mount() -> VolumeMount {
    VolumeMount { name: VOLUME.to_owned(), mount_path: ROOT.to_owned(), ..VolumeMount::default() }
}
