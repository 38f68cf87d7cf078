//! Which backend a Config asks for.

use crate::api::storage::{AzureStorage, GcsStorage, IbmCosStorage, PvcStorage, S3Storage, Storage, SwiftStorage};
use crate::problem::Problem;
use crate::render::bootstrap::default_storage;
use crate::render::context::{Context, config_problem};

/// A backend with the user's configuration of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Backend {
    /// The pod's own disk.
    EmptyDir,
    /// A claim.
    Pvc(PvcStorage),
    /// S3.
    S3(S3Storage),
    /// Google Cloud Storage.
    Gcs(GcsStorage),
    /// Azure Blob.
    Azure(AzureStorage),
    /// IBM Cloud Object Storage.
    IbmCos(IbmCosStorage),
    /// OpenStack Swift.
    Swift(SwiftStorage),
}

impl Backend {
    /// The name that the reference's metrics use.
    pub fn name(&self) -> &'static str {
        match self {
            Backend::EmptyDir => "EmptyDir",
            Backend::Pvc(_) => "PVC",
            Backend::S3(_) => "S3",
            Backend::Gcs(_) => "GCS",
            Backend::Azure(_) => "Azure",
            Backend::IbmCos(_) => "IBMCOS",
            Backend::Swift(_) => "Swift",
        }
    }
}

/// The one backend of a Config; the platform's own if the user named none. What is left over of others does not count.
///
/// # Errors
/// More than one backend, one that no driver serves, or none on a platform without default storage.
pub fn select(context: &Context<'_>) -> Result<Backend, Problem> {
    let none = Storage::default();
    let storage = context.spec.storage.as_ref().unwrap_or(&none);
    let left_over = left_over(context);
    let mut found = configured(storage);
    found.retain(|(field, _)| !left_over.contains(field));
    match (found.pop(), found.is_empty()) {
        (Some((_, backend)), true) => Ok(backend),
        (Some((last, _)), false) => {
            let names: Vec<&str> = found.iter().map(|(field, _)| *field).chain([last]).collect();
            let message = format!(
                "exactly one storage type should be configured at the same time, got {}: {}",
                names.len(),
                names.join(", ")
            );
            let remedy = format!("keep one of {} and remove the others", names.join(", "));
            Err(config_problem("spec.storage", "TooManyStorages", message, &remedy))
        }
        (None, _) if storage.oss.is_some() => Err(config_problem(
            "spec.storage.oss",
            "StorageNotSupported",
            "the registry has no driver for Alibaba Cloud OSS".to_owned(),
            "configure another storage type",
        )),
        (None, _) => platform_default(context),
    }
}

/// The backends of which only what the operator derived is left in spec: a user who applies another storage takes back
/// what is the user's alone. They count for nothing beside the one in which somebody else has a part.
pub fn left_over(context: &Context<'_>) -> Vec<&'static str> {
    let Some(storage) = &context.spec.storage else { return Vec::new() };
    let derived = &context.inputs.observed.storage.derived_backends;
    let fields = configured(storage).into_iter().map(|(field, _)| field);
    let (left_over, others): (Vec<_>, Vec<_>) = fields.partition(|field| derived.contains(*field));
    if others.len() == 1 { left_over } else { Vec::new() }
}

/// Every backend in the Config, in the order in which the reference looks at them.
fn configured(storage: &Storage) -> Vec<(&'static str, Backend)> {
    let Storage { management_state: _, empty_dir, pvc, s3, gcs, swift, azure, ibmcos, oss: _ } = storage;
    [
        empty_dir.as_ref().map(|_| ("emptyDir", Backend::EmptyDir)),
        s3.clone().map(|given| ("s3", Backend::S3(given))),
        swift.clone().map(|given| ("swift", Backend::Swift(given))),
        gcs.clone().map(|given| ("gcs", Backend::Gcs(given))),
        ibmcos.clone().map(|given| ("ibmcos", Backend::IbmCos(given))),
        pvc.clone().map(|given| ("pvc", Backend::Pvc(given))),
        azure.clone().map(|given| ("azure", Backend::Azure(given))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn platform_default(context: &Context<'_>) -> Result<Backend, Problem> {
    let default = default_storage(context.inputs)?;
    configured(&default.storage).pop().map(|(_, backend)| backend).ok_or_else(|| {
        config_problem(
            "spec.storage",
            "StorageNotConfigured",
            "storage backend not configured, and this platform has no default".to_owned(),
            "set one of spec.storage.pvc, s3, swift, gcs, azure, ibmcos or emptyDir, \
             or set spec.managementState to Removed",
        )
    })
}
