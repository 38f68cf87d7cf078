//! Amazon S3 and what speaks its protocol.

use super::action::{Medium, S3Bucket};
use super::dual_stack::has_dual_stack_s3;
use super::s3_tags::tags;
use super::{Prepared, PrivateConfiguration, Workload, ownership, s3_credentials, trust};
use crate::api::openshift::PlatformType;
use crate::api::storage::{CloudFront, S3Storage, Storage};
use crate::inputs::SecretBytes;
use crate::problem::Problem;
use crate::render::context::{Context, config_problem, missing_object, platform_type, set};
use crate::render::names::{NAMESPACE, PRIVATE_CONFIGURATION, storage_name};
use crate::render::pods::variable;
use crate::render::yaml_value;
use k8s_openapi::api::core::v1::{EnvVar, KeyToPath, SecretVolumeSource, Volume, VolumeMount};

/// Where the registry finds its credentials file.
pub(super) const CREDENTIALS_DIRECTORY: &str = "/var/run/secrets/cloud";
/// The file in it, and its key in the Secret.
pub(super) const CREDENTIALS_KEY: &str = "credentials";
/// Where the key that signs CloudFront URLs is mounted.
const CLOUDFRONT_DIRECTORY: &str = "/etc/docker/cloudfront";
/// How long a signed CloudFront URL is valid, if the user does not say.
const CLOUDFRONT_DURATION: &str = "1200s";
const MIB: i64 = 1 << 20;

/// Fills in region, endpoint and name, and finds the credentials.
///
/// # Errors
/// Incomplete credentials, a missing CA, or no way to know region or name.
pub fn prepare(context: &Context<'_>, given: &S3Storage) -> Result<Prepared, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut effective = effective(context, given, &mut problems);
    let credentials = s3_credentials::find(context.inputs).map_err(|problem| problems.push(problem)).ok();
    if let Err(problem) = trust::s3(context.inputs, &effective) {
        problems.push(problem);
    }
    check_cloudfront_key(context, given, &mut problems);
    let Some(credentials) = credentials.filter(|_| problems.is_empty()) else {
        return Err(problems);
    };
    let storage = Storage { s3: Some(effective.clone()), ..Storage::default() };
    effective.encrypt |= ownership::observation(context, &storage).is_some_and(|observed| observed.told.encrypted);
    let medium = S3Bucket {
        bucket: set(&effective.bucket).unwrap_or_default().to_owned(),
        region: set(&effective.region).unwrap_or_default().to_owned(),
        endpoint: set(&effective.region_endpoint).map(str::to_owned),
        // AWS wants the bucket in the host name; most compatible stores have no such host names.
        path_style: set(&effective.region_endpoint).is_some() && !effective.virtual_hosted_style,
        sts_endpoint: sts_endpoint(context),
        credentials: credentials.from,
        trusted_ca: effective.trusted_ca.as_ref().map(|ca| ca.name.clone()).filter(|name| !name.is_empty()),
        tags: tags(context),
        kms_key: set(&effective.key_id).map(str::to_owned),
    };
    let workload = workload(&effective, credentials.ini);
    Ok(Prepared {
        effective: Storage { s3: Some(effective), ..Storage::default() },
        medium: Medium::S3(medium),
        workload: Ok(workload),
    })
}

/// Region and endpoint come from the platform only if the user gave neither of them.
fn effective(context: &Context<'_>, given: &S3Storage, problems: &mut Vec<Problem>) -> S3Storage {
    let mut effective = given.clone();
    let on_aws = context.infrastructure().is_some_and(|status| *platform_type(status) == PlatformType::Aws);
    let undecided = set(&given.region).is_none() && set(&given.region_endpoint).is_none();
    let platform = context.platform().and_then(|platform| platform.aws.as_ref());
    if let Some(aws) = platform.filter(|_| undecided && on_aws) {
        effective.region = Some(aws.region.clone()).filter(|region| !region.is_empty());
        let endpoint = aws.service_endpoints.iter().find(|endpoint| endpoint.name == "s3");
        if let Some(endpoint) = endpoint.filter(|endpoint| !endpoint.url.is_empty()) {
            effective.region_endpoint = Some(endpoint.url.clone());
            effective.virtual_hosted_style = true;
        }
    }
    if set(&effective.region).is_none() {
        let message = "is not set, and the platform does not tell".to_owned();
        let remedy = "set the bucket's region; stores that know no regions take any word, as us-east-1";
        problems.push(config_problem("spec.storage.s3.region", "RegionUnknown", message, remedy));
    }
    if set(&effective.bucket).is_none() {
        let before = context.status.and_then(|status| status.storage.s3.as_ref()).and_then(|s3| set(&s3.bucket));
        match (before, context.infrastructure_name("derive the bucket's name", "spec.storage.s3.bucket")) {
            (Some(before), _) => effective.bucket = Some(before.to_owned()),
            (None, Ok(infrastructure)) => {
                effective.bucket = Some(storage_name(infrastructure, set(&effective.region).unwrap_or_default()));
            }
            (None, Err(problem)) => problems.push(problem),
        }
    }
    effective
}

fn check_cloudfront_key(context: &Context<'_>, given: &S3Storage, problems: &mut Vec<Problem>) {
    let Some(cloudfront) = &given.cloud_front else { return };
    let selector = &cloudfront.private_key;
    let looked_at = context.inputs.objects.secret_was_looked_at(NAMESPACE, &selector.name);
    match context.secret(&selector.name) {
        None => problems.push(missing_object(
            "Secret",
            NAMESPACE,
            &selector.name,
            looked_at,
            "spec.storage.s3.cloudFront.privateKey of Config/cluster",
        )),
        Some(secret) if !secret.data.contains_key(&selector.key) => problems.push(Problem {
            object: format!("Secret/{NAMESPACE}/{}", selector.name),
            ..config_problem(
                &format!("data.{}", selector.key),
                "KeyMissing",
                "is missing, and spec.storage.s3.cloudFront.privateKey of Config/cluster refers to it".to_owned(),
                "add the key to the Secret, or name another one",
            )
        }),
        Some(_) => {}
    }
}

/// Where the platform wants tokens to be exchanged for credentials.
fn sts_endpoint(context: &Context<'_>) -> Option<String> {
    let platform = context.platform()?.aws.as_ref()?;
    let endpoint = platform.service_endpoints.iter().find(|endpoint| endpoint.name == "sts")?;
    Some(endpoint.url.clone()).filter(|url| !url.is_empty())
}

fn workload(effective: &S3Storage, ini: SecretBytes) -> Workload {
    let (credentials_volume, credentials_mount) = credentials_volume();
    let mut workload = Workload {
        env: environment(effective),
        volumes: vec![credentials_volume],
        mounts: vec![credentials_mount],
        secret: PrivateConfiguration::Rendered([(CREDENTIALS_KEY.to_owned(), ini)].into()),
        further_secrets: Vec::new(),
    };
    if let Some(cloudfront) = &effective.cloud_front {
        let (volume, mount) = cloudfront_volume(cloudfront);
        workload.volumes.push(volume);
        workload.mounts.push(mount);
        workload.further_secrets.push(cloudfront.private_key.name.clone());
    }
    workload
}

fn environment(effective: &S3Storage) -> Vec<EnvVar> {
    let S3Storage {
        bucket,
        region,
        region_endpoint,
        key_id,
        encrypt,
        chunk_size_mib,
        virtual_hosted_style,
        trusted_ca: _,
        cloud_front,
    } = effective;
    let text = |value: &Option<String>| yaml_value::string(value.as_deref().unwrap_or_default());
    let mut env = Vec::new();
    if let Some(endpoint) = set(region_endpoint) {
        env.push(variable("REGISTRY_STORAGE_S3_REGIONENDPOINT", yaml_value::string(endpoint)));
    }
    if let Some(key) = set(key_id) {
        env.push(variable("REGISTRY_STORAGE_S3_KEYID", yaml_value::string(key)));
    }
    if let Some(size) = chunk_size_mib.filter(|size| (5..=5120).contains(size)) {
        env.push(variable("REGISTRY_STORAGE_S3_CHUNKSIZE", yaml_value::integer(i64::from(size) * MIB)));
    }
    env.push(variable("REGISTRY_STORAGE", "s3"));
    env.push(variable("REGISTRY_STORAGE_S3_BUCKET", text(bucket)));
    env.push(variable("REGISTRY_STORAGE_S3_REGION", text(region)));
    env.push(variable("REGISTRY_STORAGE_S3_ENCRYPT", yaml_value::boolean(*encrypt)));
    env.push(variable("REGISTRY_STORAGE_S3_FORCEPATHSTYLE", yaml_value::boolean(!virtual_hosted_style)));
    env.push(variable("REGISTRY_STORAGE_S3_CREDENTIALSCONFIGPATH", credentials_path()));
    if set(region_endpoint).is_some() || has_dual_stack_s3(set(region).unwrap_or_default()) {
        env.push(variable("REGISTRY_STORAGE_S3_USEDUALSTACK", yaml_value::boolean(true)));
    }
    if let Some(cloudfront) = cloud_front {
        env.push(variable("REGISTRY_MIDDLEWARE_STORAGE", middleware(cloudfront)));
    }
    env
}

fn middleware(cloudfront: &CloudFront) -> String {
    let CloudFront { base_url, keypair_id, private_key: _, duration } = cloudfront;
    let duration = duration.filter(|duration| duration.as_nanos() != 0).map(|duration| duration.to_string());
    yaml_value::cloudfront(
        base_url,
        &format!("{CLOUDFRONT_DIRECTORY}/private.pem"),
        keypair_id,
        duration.as_deref().unwrap_or(CLOUDFRONT_DURATION),
        "none",
    )
}

/// The path of the credentials file in the registry's container.
pub(super) fn credentials_path() -> String {
    format!("{CREDENTIALS_DIRECTORY}/{CREDENTIALS_KEY}")
}

/// The volume with the credentials file.
pub(super) fn credentials_volume() -> (Volume, VolumeMount) {
    let volume = Volume {
        name: PRIVATE_CONFIGURATION.to_owned(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(PRIVATE_CONFIGURATION.to_owned()),
            optional: Some(false),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    };
    (volume, read_only_mount(PRIVATE_CONFIGURATION, CREDENTIALS_DIRECTORY))
}

fn cloudfront_volume(cloudfront: &CloudFront) -> (Volume, VolumeMount) {
    const NAME: &str = "registry-cloudfront";
    let selector = &cloudfront.private_key;
    let volume = Volume {
        name: NAME.to_owned(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(selector.name.clone()),
            items: Some(vec![KeyToPath {
                key: selector.key.clone(),
                path: "private.pem".to_owned(),
                ..KeyToPath::default()
            }]),
            optional: Some(false),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    };
    (volume, read_only_mount(NAME, CLOUDFRONT_DIRECTORY))
}

fn read_only_mount(volume: &str, path: &str) -> VolumeMount {
    VolumeMount {
        name: volume.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    }
}
