//! Google Cloud Storage.

use super::action::{Credentials, GcsBucket, Medium, Tag};
use super::trust::incomplete_secret;
use super::{Prepared, PrivateConfiguration, Workload};
use crate::api::storage::{GcsStorage, Storage};
use crate::inputs::SecretBytes;
use crate::problem::Problem;
use crate::render::context::{Context, config_problem, missing_object, set};
use crate::render::names::{CLOUD_CREDENTIALS, NAMESPACE, PRIVATE_CONFIGURATION, USER_CONFIGURATION, storage_name};
use crate::render::pods::variable;
use crate::render::yaml_value;
use k8s_openapi::api::core::v1::{KeyToPath, SecretVolumeSource, Volume, VolumeMount};

/// The key of the key file in the user's Secret and in ours.
const KEY_FILE: &str = "REGISTRY_STORAGE_GCS_KEYFILE";

/// Fills in region, project and name, and finds the key file.
///
/// # Errors
/// No key file, or no way to know region, project or name.
pub fn prepare(context: &Context<'_>, given: &GcsStorage) -> Result<Prepared, Vec<Problem>> {
    let mut problems = Vec::new();
    let effective = effective(context, given, &mut problems);
    let key_file = key_file(context).map_err(|problem| problems.push(problem)).ok();
    let Some((credentials, key_file)) = key_file.filter(|_| problems.is_empty()) else {
        return Err(problems);
    };
    let medium = GcsBucket {
        bucket: effective.bucket.clone().unwrap_or_default(),
        project_id: effective.project_id.clone().unwrap_or_default(),
        region: effective.region.clone().unwrap_or_default(),
        credentials,
        labels: labels(context),
        tags: tags(context),
        kms_key: set(&effective.key_id).map(str::to_owned),
    };
    let workload = workload(&effective, key_file);
    Ok(Prepared {
        effective: Storage { gcs: Some(effective), ..Storage::default() },
        medium: Medium::Gcs(medium),
        workload: Ok(workload),
    })
}

/// Each field on its own: the reference takes the project from the platform only together with the region.
fn effective(context: &Context<'_>, given: &GcsStorage, problems: &mut Vec<Problem>) -> GcsStorage {
    let mut effective = given.clone();
    let platform = context.platform().and_then(|platform| platform.gcp.as_ref());
    let or_platform = |given: &Option<String>, platform: Option<&String>| {
        set(given).or(platform.map(String::as_str)).filter(|value| !value.is_empty()).map(str::to_owned)
    };
    effective.region = or_platform(&given.region, platform.map(|gcp| &gcp.region));
    effective.project_id = or_platform(&given.project_id, platform.map(|gcp| &gcp.project_id));
    if set(&effective.bucket).is_some() {
        return effective;
    }
    // A bucket that exists needs neither; one that is created needs both.
    let needed = [
        ("spec.storage.gcs.region", &effective.region, "RegionUnknown"),
        ("spec.storage.gcs.projectID", &effective.project_id, "ProjectUnknown"),
    ];
    for (path, value, reason) in needed {
        if value.is_none() {
            let message = "is not set, and the platform does not tell".to_owned();
            problems.push(config_problem(path, reason, message, "set it, or set spec.storage.gcs.bucket"));
        }
    }
    let before = context.status.and_then(|status| status.storage.gcs.as_ref()).and_then(|gcs| set(&gcs.bucket));
    match (before, context.infrastructure_name("derive the bucket's name", "spec.storage.gcs.bucket")) {
        (Some(before), _) => effective.bucket = Some(before.to_owned()),
        (None, Ok(infrastructure)) => {
            effective.bucket = Some(storage_name(infrastructure, set(&effective.region).unwrap_or_default()));
        }
        (None, Err(problem)) => problems.push(problem),
    }
    effective
}

fn key_file(context: &Context<'_>) -> Result<(Credentials, SecretBytes), Problem> {
    let found = |name: &str, key: &str, from: Credentials| {
        context.secret(name).map(|secret| {
            let file = secret.data.get(key).filter(|file| !file.expose().is_empty());
            file.cloned().map(|file| (from, file)).ok_or_else(|| incomplete_secret(name, &[key]))
        })
    };
    found(USER_CONFIGURATION, KEY_FILE, Credentials::User)
        .or_else(|| found(CLOUD_CREDENTIALS, "service_account.json", Credentials::Cloud))
        .unwrap_or_else(|| {
            let looked_at = context.inputs.objects.secret_was_looked_at(NAMESPACE, CLOUD_CREDENTIALS);
            Err(missing_object("Secret", NAMESPACE, CLOUD_CREDENTIALS, looked_at, "spec.storage.gcs"))
        })
}

fn labels(context: &Context<'_>) -> Vec<Tag> {
    let infrastructure = context.infrastructure().map_or("", |status| status.infrastructure_name.as_str());
    let platform = context.platform().and_then(|platform| platform.gcp.as_ref());
    let own = Tag::new(format!("kubernetes-io-cluster-{infrastructure}"), "owned");
    let users = platform.into_iter().flat_map(|gcp| &gcp.resource_labels);
    std::iter::once(own).chain(users.map(|label| Tag::new(&label.key, &label.value))).collect()
}

fn tags(context: &Context<'_>) -> Vec<String> {
    let platform = context.platform().and_then(|platform| platform.gcp.as_ref());
    let tags = platform.into_iter().flat_map(|gcp| &gcp.resource_tags);
    tags.map(|tag| format!("{}/{}/{}", tag.parent_id, tag.key, tag.value)).collect()
}

fn workload(effective: &GcsStorage, key_file: SecretBytes) -> Workload {
    const VOLUME: &str = "registry-storage-keyfile";
    let bucket = yaml_value::string(effective.bucket.as_deref().unwrap_or_default());
    Workload {
        env: vec![
            variable("REGISTRY_STORAGE", "gcs"),
            variable("REGISTRY_STORAGE_GCS_BUCKET", bucket),
            variable(KEY_FILE, "/gcs/keyfile"),
        ],
        volumes: vec![Volume {
            name: VOLUME.to_owned(),
            secret: Some(SecretVolumeSource {
                secret_name: Some(PRIVATE_CONFIGURATION.to_owned()),
                items: Some(vec![KeyToPath {
                    key: KEY_FILE.to_owned(),
                    path: "keyfile".to_owned(),
                    ..KeyToPath::default()
                }]),
                optional: Some(false),
                ..SecretVolumeSource::default()
            }),
            ..Volume::default()
        }],
        mounts: vec![VolumeMount { name: VOLUME.to_owned(), mount_path: "/gcs".to_owned(), ..VolumeMount::default() }],
        secret: PrivateConfiguration::Rendered([(KEY_FILE.to_owned(), key_file)].into()),
        further_secrets: Vec::new(),
    }
}
