//! Volumes of the registry's pod beyond those of the storage backend, and where they are mounted.

use crate::render::names::{CERTIFICATES, PULL_SECRET, TLS_SECRET, TRUSTED_CA};
use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, EmptyDirVolumeSource, KeyToPath, ProjectedVolumeSource, SecretProjection,
    SecretVolumeSource, ServiceAccountTokenProjection, Volume, VolumeMount, VolumeProjection,
};

/// The volumes, each with its mount.
pub fn build() -> (Vec<Volume>, Vec<VolumeMount>) {
    let volumes = vec![
        Volume { projected: Some(tls()), ..volume("registry-tls") },
        Volume { empty_dir: Some(EmptyDirVolumeSource::default()), ..volume("ca-trust-extracted") },
        Volume { config_map: Some(config_map(CERTIFICATES)), ..volume("registry-certificates") },
        trusted_ca(),
        Volume { secret: Some(pull_secret()), ..volume(PULL_SECRET) },
        bound_token(),
    ];
    let mounts = vec![
        mount("registry-tls", "/etc/secrets"),
        mount("ca-trust-extracted", "/etc/pki/ca-trust/extracted"),
        mount("registry-certificates", "/etc/pki/ca-trust/source/anchors"),
        trusted_ca_mount(),
        mount(PULL_SECRET, "/var/lib/kubelet/"),
        bound_token_mount(),
    ];
    (volumes, mounts)
}

fn volume(name: &str) -> Volume {
    Volume { name: name.to_owned(), ..Volume::default() }
}

fn mount(volume: &str, path: &str) -> VolumeMount {
    VolumeMount { name: volume.to_owned(), mount_path: path.to_owned(), ..VolumeMount::default() }
}

fn item(key: &str, path: &str) -> Option<Vec<KeyToPath>> {
    Some(vec![KeyToPath { key: key.to_owned(), path: path.to_owned(), ..KeyToPath::default() }])
}

fn config_map(name: &str) -> ConfigMapVolumeSource {
    ConfigMapVolumeSource { name: name.to_owned(), ..ConfigMapVolumeSource::default() }
}

fn projected(source: VolumeProjection) -> ProjectedVolumeSource {
    ProjectedVolumeSource { sources: Some(vec![source]), ..ProjectedVolumeSource::default() }
}

fn tls() -> ProjectedVolumeSource {
    projected(VolumeProjection {
        secret: Some(SecretProjection { name: TLS_SECRET.to_owned(), ..SecretProjection::default() }),
        ..VolumeProjection::default()
    })
}

/// The cluster's trusted CAs. The pod starts without them where nobody injects any.
pub fn trusted_ca() -> Volume {
    let source = ConfigMapVolumeSource {
        items: item("ca-bundle.crt", "anchors/ca-bundle.crt"),
        optional: Some(true),
        ..config_map(TRUSTED_CA)
    };
    Volume { config_map: Some(source), ..volume("trusted-ca") }
}

/// Where the cluster's trusted CAs are mounted.
pub fn trusted_ca_mount() -> VolumeMount {
    mount("trusted-ca", "/usr/share/pki/ca-trust-source")
}

/// Registries' credentials for pull-through.
fn pull_secret() -> SecretVolumeSource {
    SecretVolumeSource {
        secret_name: Some(PULL_SECRET.to_owned()),
        items: item(".dockerconfigjson", "config.json"),
        optional: Some(true),
        ..SecretVolumeSource::default()
    }
}

/// The token for workload identity with the cloud.
pub fn bound_token() -> Volume {
    let source = projected(VolumeProjection {
        service_account_token: Some(ServiceAccountTokenProjection {
            audience: Some("openshift".to_owned()),
            path: "token".to_owned(),
            ..ServiceAccountTokenProjection::default()
        }),
        ..VolumeProjection::default()
    });
    Volume { projected: Some(source), ..volume("bound-sa-token") }
}

/// Where the token is mounted.
pub fn bound_token_mount() -> VolumeMount {
    VolumeMount { read_only: Some(true), ..mount("bound-sa-token", "/var/run/secrets/openshift/serviceaccount") }
}
