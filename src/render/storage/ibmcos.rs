//! IBM Cloud Object Storage, on IBM Cloud and Power VS. The registry speaks S3 to it.

use super::action::{Credentials, IbmCosBucket, Medium};
use super::s3::{CREDENTIALS_KEY, credentials_path, credentials_volume};
use super::trust::incomplete_secret;
use super::{Prepared, Workload, ownership, told_by_service};
use crate::api::openshift::infrastructure::ServiceEndpoint;
use crate::api::storage::{IbmCosStorage, Storage};
use crate::inputs::Told;
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

impl Platform<'_> {
    /// The URL of a service that is not to be reached at its public one.
    fn overridden(&self, name: &str) -> Option<&str> {
        let mut endpoints = self.endpoints.iter();
        endpoints.find(|endpoint| endpoint.name == name && !endpoint.url.is_empty()).map(|found| found.url.as_str())
    }
}

/// The service instance that the user named.
fn users_instance<'a>(context: &Context<'_>, given: &'a IbmCosStorage) -> Option<&'a str> {
    set(&given.service_instance_crn).filter(|_| !context.inputs.observed.storage.derived_service_instance)
}

/// The resource key that the user named.
fn users_key<'a>(context: &Context<'_>, given: &'a IbmCosStorage) -> Option<&'a str> {
    set(&given.resource_key_crn).filter(|_| !context.inputs.observed.storage.derived_resource_key)
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
    let overridden = |name: &str| platform.as_ref().and_then(|platform| platform.overridden(name));
    let or = |name: &str, default: &str| overridden(name).unwrap_or(default).trim_end_matches('/').to_owned();
    let endpoint = or("COS", &format!("s3.{location}.cloud-object-storage.appdomain.cloud"));
    let infrastructure = context.infrastructure().map_or("", |status| status.infrastructure_name.as_str());
    let medium = IbmCosBucket {
        bucket: set(&effective.bucket).unwrap_or_default().to_owned(),
        location: location.to_owned(),
        endpoint: endpoint.clone(),
        iam_endpoint: or("IAM", "https://iam.cloud.ibm.com"),
        resource_controller_endpoint: or("ResourceController", "https://resource-controller.cloud.ibm.com"),
        resource_manager_endpoint: or("ResourceManager", "https://resource-controller.cloud.ibm.com"),
        resource_group_name: set(&effective.resource_group_name).unwrap_or_default().to_owned(),
        instance_name: format!("{infrastructure}-image-registry"),
        service_instance_crn: set(&effective.service_instance_crn).map(str::to_owned),
        may_replace_instance: users_instance(context, given).is_none(),
        resource_key_crn: set(&effective.resource_key_crn).map(str::to_owned),
        may_replace_key: users_key(context, given).is_none(),
        credentials,
        tags: vec![format!("kubernetes.io_cluster_{infrastructure}:owned")],
    };
    let workload = workload(context, &effective, &endpoint);
    Ok(Prepared {
        effective: Storage { ibmcos: Some(effective), ..Storage::default() },
        medium: Medium::Ibmcos(Box::new(medium)),
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
    let before = context.status.and_then(|status| status.storage.ibmcos.as_ref());
    let mut effective = IbmCosStorage {
        location: first([set(&given.location), platform.map(|platform| platform.location)]),
        ..given.clone()
    };
    if effective.location.is_none() {
        let message = "is not set, and the platform does not tell".to_owned();
        problems.push(config_problem("spec.storage.ibmcos.location", "RegionUnknown", message, "set it"));
    }
    if set(&given.bucket).is_none() {
        let derive = context.infrastructure_name("derive the bucket's name", "spec.storage.ibmcos.bucket");
        match (before.and_then(|before| set(&before.bucket)), derive) {
            (Some(before), _) => effective.bucket = Some(before.to_owned()),
            (None, Ok(infrastructure)) => {
                let location = effective.location.as_deref().unwrap_or_default();
                effective.bucket = Some(storage_name(infrastructure, location));
            }
            (None, Err(problem)) => problems.push(problem),
        }
    }
    let storage = Storage { ibmcos: Some(effective), ..Storage::default() };
    let observed = ownership::observation(context, &storage).map(|observed| &observed.told);
    let told = |field: fn(&Told) -> &Option<String>| observed.and_then(|told| set(field(told)));
    let mut effective = storage.ibmcos.unwrap_or_default();
    let instance = users_instance(context, given);
    effective.service_instance_crn = first([
        instance,
        told(|told| &told.service_instance_crn),
        set(&given.service_instance_crn),
        before.and_then(|before| set(&before.service_instance_crn)),
    ]);
    effective.resource_key_crn = first([
        users_key(context, given),
        told(|told| &told.resource_key_crn),
        set(&given.resource_key_crn),
        before.and_then(|before| set(&before.resource_key_crn)),
    ]);
    // That of an instance that the user named is asked for.
    let group = platform.filter(|_| instance.is_none()).map(|platform| platform.resource_group);
    effective.resource_group_name =
        first([set(&given.resource_group_name), told(|told| &told.resource_group_name), group]);
    effective
}

fn first<const N: usize>(candidates: [Option<&str>; N]) -> Option<String> {
    candidates.into_iter().flatten().find(|value| !value.is_empty()).map(str::to_owned)
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
