//! IBM Cloud Object Storage, on IBM Cloud and Power VS. The registry speaks S3 to it.

use super::action::{Credentials, IbmCosBucket, Medium};
use super::s3::{CREDENTIALS_KEY, credentials_path, credentials_volume};
use super::trust::incomplete_secret;
use super::{Prepared, Workload, ownership, told_by_service};
use crate::api::openshift::infrastructure::ServiceEndpoint;
use crate::api::storage::{IbmCosStorage, Storage};
use crate::problem::Problem;
use crate::render::context::{Context, config_problem, missing_object, set};
use crate::render::names::{CLOUD_CREDENTIALS, NAMESPACE, PRIVATE_CONFIGURATION, USER_CONFIGURATION, storage_name};
use crate::render::pods::variable;
use crate::render::yaml_value;

/// What the platform says: location, resource group, and overridden endpoints.
struct Platform<'a> {
    location: &'a str,
    resource_group: &'a str,
    endpoints: &'a [ServiceEndpoint],
}

/// Fills in location, resource group and name, and finds the API key.
///
/// # Errors
/// No API key, or no way to know location or name.
pub fn prepare(context: &Context<'_>, given: &IbmCosStorage) -> Result<Prepared, Vec<Problem>> {
    let mut problems = Vec::new();
    let platform = platform(context, &mut problems);
    let effective = effective(context, given, platform.as_ref(), &mut problems);
    let credentials = credentials(context).map_err(|problem| problems.push(problem)).ok();
    let Some(credentials) = credentials.filter(|_| problems.is_empty()) else {
        return Err(problems);
    };
    let location = set(&effective.location).unwrap_or_default();
    let endpoint = endpoint(platform.as_ref(), location);
    let infrastructure = context.infrastructure().map_or("", |status| status.infrastructure_name.as_str());
    let medium = IbmCosBucket {
        bucket: set(&effective.bucket).unwrap_or_default().to_owned(),
        location: location.to_owned(),
        endpoint: endpoint.clone(),
        resource_group_name: set(&effective.resource_group_name).unwrap_or_default().to_owned(),
        instance_name: format!("{infrastructure}-image-registry"),
        service_instance_crn: set(&effective.service_instance_crn).map(str::to_owned),
        resource_key_crn: set(&effective.resource_key_crn).map(str::to_owned),
        credentials,
        tags: vec![format!("kubernetes.io_cluster_{infrastructure}:owned")],
    };
    let workload = workload(context, &effective, &endpoint);
    Ok(Prepared {
        effective: Storage { ibmcos: Some(effective), ..Storage::default() },
        medium: Medium::Ibmcos(medium),
        workload,
    })
}

fn platform<'a>(context: &Context<'a>, problems: &mut Vec<Problem>) -> Option<Platform<'a>> {
    let platform = context.platform()?;
    if let Some(ibm) = &platform.ibmcloud {
        let (location, resource_group) = (&ibm.location, &ibm.resource_group_name);
        return Some(Platform { location, resource_group, endpoints: &ibm.service_endpoints });
    }
    let power = platform.powervs.as_ref()?;
    let location = cos_region(&power.region).or_else(|| {
        problems.push(Problem {
            object: "Infrastructure/cluster".to_owned(),
            ..config_problem(
                "status.platformStatus.powervs.region",
                "RegionUnknown",
                format!("no Cloud Object Storage region is known for Power VS region {:?}", power.region),
                "set spec.storage to a backend that does not depend on it",
            )
        });
        None
    })?;
    Some(Platform { location, resource_group: &power.resource_group, endpoints: &power.service_endpoints })
}

/// The Cloud Object Storage region nearest to a Power VS region.
fn cos_region(power_vs: &str) -> Option<&'static str> {
    const REGIONS: [(&str, &str); 13] = [
        ("dal", "us-south"),
        ("eu-de", "eu-de"),
        ("lon", "eu-gb"),
        ("mad", "eu-de"),
        ("mon", "ca-tor"),
        ("osa", "jp-osa"),
        ("sao", "br-sao"),
        ("syd", "au-syd"),
        ("tok", "jp-tok"),
        ("tor", "ca-tor"),
        ("us-east", "us-east"),
        ("us-south", "us-south"),
        ("wdc", "us-east"),
    ];
    REGIONS.into_iter().find(|(region, _)| *region == power_vs).map(|(_, cos)| cos)
}

/// What the user set wins; the reference overwrites location and resource group with the platform's.
fn effective(
    context: &Context<'_>,
    given: &IbmCosStorage,
    platform: Option<&Platform<'_>>,
    problems: &mut Vec<Problem>,
) -> IbmCosStorage {
    let mut effective = given.clone();
    let before = context.status.and_then(|status| status.storage.ibmcos.as_ref());
    let first = |candidates: [Option<&str>; 2]| {
        candidates.into_iter().flatten().find(|value| !value.is_empty()).map(str::to_owned)
    };
    effective.location = first([given.location.as_deref(), platform.map(|platform| platform.location)]);
    effective.resource_group_name =
        first([given.resource_group_name.as_deref(), platform.map(|platform| platform.resource_group)]);
    let known = |value: Option<&Option<String>>| value.and_then(|value| set(value)).map(str::to_owned);
    effective.service_instance_crn =
        known(Some(&given.service_instance_crn)).or_else(|| known(before.map(|ibmcos| &ibmcos.service_instance_crn)));
    effective.resource_key_crn =
        known(Some(&given.resource_key_crn)).or_else(|| known(before.map(|ibmcos| &ibmcos.resource_key_crn)));
    if effective.location.is_none() {
        let message = "is not set, and the platform does not tell".to_owned();
        problems.push(config_problem("spec.storage.ibmcos.location", "RegionUnknown", message, "set it"));
    }
    if set(&given.bucket).is_none() {
        let derive = context.infrastructure_name("derive the bucket's name", "spec.storage.ibmcos.bucket");
        match (known(before.map(|ibmcos| &ibmcos.bucket)), derive) {
            (Some(before), _) => effective.bucket = Some(before),
            (None, Ok(infrastructure)) => {
                let location = effective.location.as_deref().unwrap_or_default();
                effective.bucket = Some(storage_name(infrastructure, location));
            }
            (None, Err(problem)) => problems.push(problem),
        }
    }
    effective
}

fn credentials(context: &Context<'_>) -> Result<Credentials, Problem> {
    let found = |name: &str, key: &str, from: Credentials| {
        context.secret(name).map(|secret| {
            let filled = secret.data.get(key).is_some_and(|value| !value.expose().is_empty());
            if filled { Ok(from) } else { Err(incomplete_secret(name, &[key])) }
        })
    };
    found(USER_CONFIGURATION, "REGISTRY_STORAGE_IBMCOS_IAMAPIKEY", Credentials::User)
        .or_else(|| found(CLOUD_CREDENTIALS, "ibmcloud_api_key", Credentials::Cloud))
        .unwrap_or_else(|| {
            let looked_at = context.inputs.objects.secret_was_looked_at(NAMESPACE, CLOUD_CREDENTIALS);
            Err(missing_object("Secret", NAMESPACE, CLOUD_CREDENTIALS, looked_at, "spec.storage.ibmcos"))
        })
}

fn endpoint(platform: Option<&Platform<'_>>, location: &str) -> String {
    let overridden = platform
        .into_iter()
        .flat_map(|platform| platform.endpoints)
        .find(|endpoint| endpoint.name == "COS" && !endpoint.url.is_empty());
    match overridden {
        Some(endpoint) => endpoint.url.clone(),
        None => format!("s3.{location}.cloud-object-storage.appdomain.cloud"),
    }
}

fn workload(context: &Context<'_>, effective: &IbmCosStorage, endpoint: &str) -> Result<Workload, Problem> {
    // Only the resource key holds the HMAC pair: the storage action fetches it.
    let effective_storage = Storage { ibmcos: Some(effective.clone()), ..Storage::default() };
    let told = ownership::observation(context, &effective_storage);
    let told = told.and_then(|observed| observed.told.ibmcos_credentials.as_ref());
    let Some(secret) = told_by_service(context, told, CREDENTIALS_KEY, str::to_owned) else {
        return Err(Problem {
            object: format!("Secret/{NAMESPACE}/{PRIVATE_CONFIGURATION}"),
            ..config_problem(
                &format!("data.{CREDENTIALS_KEY}"),
                "StorageNotReady",
                "the HMAC credentials of the resource key are not known; IBM Cloud tells them once the key exists"
                    .to_owned(),
                "offline, add this Secret as the cluster has it to the inputs",
            )
        });
    };
    let text = |value: &Option<String>| yaml_value::string(value.as_deref().unwrap_or_default());
    let (volume, mount) = credentials_volume();
    Ok(Workload {
        env: vec![
            variable("REGISTRY_STORAGE", "s3"),
            variable("REGISTRY_STORAGE_S3_BUCKET", text(&effective.bucket)),
            variable("REGISTRY_STORAGE_S3_REGION", text(&effective.location)),
            variable("REGISTRY_STORAGE_S3_REGIONENDPOINT", yaml_value::string(endpoint)),
            variable("REGISTRY_STORAGE_S3_ENCRYPT", yaml_value::boolean(false)),
            variable("REGISTRY_STORAGE_S3_FORCEPATHSTYLE", yaml_value::boolean(true)),
            variable("REGISTRY_STORAGE_S3_USEDUALSTACK", yaml_value::boolean(false)),
            variable("REGISTRY_STORAGE_S3_CREDENTIALSCONFIGPATH", credentials_path()),
        ],
        volumes: vec![volume],
        mounts: vec![mount],
        secret,
        further_secrets: Vec::new(),
    })
}
