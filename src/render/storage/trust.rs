//! CAs that the storage needs beyond the system's, and what the backends say alike about Secrets.

use super::Backend;
use crate::api::openshift::PlatformType;
use crate::api::storage::S3Storage;
use crate::inputs::Inputs;
use crate::problem::Problem;
use crate::render::context::{config_problem, infrastructure, missing_object, platform_type};
use crate::render::names::{CLOUD_CREDENTIALS, NAMESPACE, OPENSHIFT_CONFIG, OPENSHIFT_CONFIG_MANAGED};

/// The CA bundle of a backend, in PEM. It goes to registry pods and nodes with the other CAs.
///
/// # Errors
/// The user names a ConfigMap that is missing or has no bundle.
pub fn ca_bundle(inputs: &Inputs, backend: &Backend) -> Result<Option<String>, Problem> {
    match backend {
        Backend::S3(given) => s3(inputs, given),
        Backend::Swift(_) => Ok(swift(inputs)),
        Backend::EmptyDir | Backend::Pvc(_) | Backend::Gcs(_) | Backend::Azure(_) | Backend::IbmCos(_) => Ok(None),
    }
}

/// `spec.storage.s3.trustedCA`, else the CA of the cloud.
pub(super) fn s3(inputs: &Inputs, given: &S3Storage) -> Result<Option<String>, Problem> {
    match given.trusted_ca.as_ref().map_or("", |ca| ca.name.as_str()) {
        "" => Ok(cloud(inputs).cloned()),
        name => of_user(inputs, name).map(Some),
    }
}

/// The CA of the cloud, in PEM, if it has one of its own.
pub(crate) fn cloud(inputs: &Inputs) -> Option<&String> {
    let cloud = inputs.objects.config_map(OPENSHIFT_CONFIG_MANAGED, "kube-cloud-config");
    cloud.and_then(|config_map| config_map.data.get("ca-bundle.pem"))
}

/// The bundle in the ConfigMap of that name that `spec.storage.s3.trustedCA` refers to, in PEM.
///
/// # Errors
/// The ConfigMap is missing or has no bundle.
pub(crate) fn of_user(inputs: &Inputs, name: &str) -> Result<String, Problem> {
    const KEY: &str = "ca-bundle.crt";
    let Some(config_map) = inputs.objects.config_map(OPENSHIFT_CONFIG, name) else {
        let looked_at = inputs.objects.config_map_was_looked_at(OPENSHIFT_CONFIG, name);
        let needed_for = "spec.storage.s3.trustedCA of Config/cluster";
        return Err(missing_object("ConfigMap", OPENSHIFT_CONFIG, name, looked_at, needed_for));
    };
    config_map.data.get(KEY).cloned().ok_or_else(|| Problem {
        object: format!("ConfigMap/{OPENSHIFT_CONFIG}/{name}"),
        ..config_problem(
            &format!("data[{KEY}]"),
            "KeyMissing",
            "is missing, and spec.storage.s3.trustedCA of Config/cluster refers to it".to_owned(),
            "put the CA bundle there in PEM form",
        )
    })
}

/// The minted CA, else that of the cloud provider's configuration.
pub fn swift(inputs: &Inputs) -> Option<String> {
    let minted = inputs.objects.secret(NAMESPACE, CLOUD_CREDENTIALS);
    let minted = minted.and_then(|secret| secret.data.get("cacert")).and_then(|bundle| bundle.text());
    if let Some(bundle) = minted.filter(|bundle| !bundle.is_empty()) {
        return Some(bundle.to_owned());
    }
    let provider = inputs.objects.config_map(OPENSHIFT_CONFIG, "cloud-provider-config");
    provider.and_then(|config_map| config_map.data.get("ca-bundle.pem")).cloned()
}

/// A Secret of the registry's namespace that lacks keys.
pub(super) fn incomplete_secret(name: &str, missing: &[&str]) -> Problem {
    let message = format!("does not contain required key {}", missing.join(" or "));
    Problem {
        object: format!("Secret/{NAMESPACE}/{name}"),
        ..config_problem("data", "KeyMissing", message, "add what is missing; it is not taken from another Secret")
    }
}

/// Whether the cluster runs on this platform.
pub fn runs_on(inputs: &Inputs, platform: &PlatformType) -> bool {
    infrastructure(inputs).is_some_and(|status| platform_type(status) == platform)
}
