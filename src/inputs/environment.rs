//! The variables that the operator's Deployment sets.

use std::collections::BTreeMap;

/// Images, versions and paths from the operator's environment (or from `--env-file`).
///
/// Source: the reference's Deployment manifest. Variables it defines but never reads are accepted and ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `IMAGE`: the registry's image.
    pub image: Option<String>,
    /// `IMAGE_PRUNER`: the image with `oc` for the pruner.
    pub image_pruner: Option<String>,
    /// `OPERATOR_IMAGE`: this operator's image, for node-ca and the path fix.
    pub operator_image: Option<String>,
    /// `RELEASE_VERSION`: the version of the release payload.
    pub release_version: Option<String>,
    /// `OPERATOR_IMAGE_VERSION`: the version that feature gates are looked up for.
    pub operator_image_version: Option<String>,
    /// `WATCH_NAMESPACE`: only openshift-image-registry is meaningful.
    pub watch_namespace: Option<String>,
    /// `POD_NAME`: the operator's own pod.
    pub pod_name: Option<String>,
    /// `AZURE_ENVIRONMENT_FILEPATH`: where the endpoints of an Azure Stack Hub are kept.
    pub azure_environment_filepath: Option<String>,
    /// `MANAGED_AZURE_HCP_CREDENTIALS_FILE_PATH`: managed identity of a hosted control plane.
    pub managed_azure_hcp_credentials_file_path: Option<String>,
}

/// Variables that belong to the Deployment but that rendering does not depend on.
const IGNORED: [&str; 5] = ["OPERATOR_NAME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "KUBECONFIG"];

impl Environment {
    /// Takes the known variables out of a map; an empty value counts as unset.
    ///
    /// # Errors
    /// The names that are not variables of the operator, for a caller that wants to be strict.
    pub fn from_variables(variables: &BTreeMap<String, String>) -> (Self, Vec<String>) {
        let mut environment = Environment::default();
        let mut unknown = Vec::new();
        for (name, value) in variables {
            match environment.slot(name) {
                Some(slot) => *slot = Some(value.clone()).filter(|value| !value.is_empty()),
                None if IGNORED.contains(&name.as_str()) => {}
                None => unknown.push(name.clone()),
            }
        }
        (environment, unknown)
    }

    /// Every variable name that is accepted, in the order of the Deployment.
    pub fn known_names() -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().chain(IGNORED)
    }

    fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        // Bound field by field, so that a new field must find its variable.
        let Environment {
            image,
            image_pruner,
            operator_image,
            release_version,
            operator_image_version,
            watch_namespace,
            pod_name,
            azure_environment_filepath,
            managed_azure_hcp_credentials_file_path,
        } = self;
        let slots = [
            image,
            image_pruner,
            operator_image,
            release_version,
            operator_image_version,
            watch_namespace,
            pod_name,
            azure_environment_filepath,
            managed_azure_hcp_credentials_file_path,
        ];
        slots.into_iter().zip(NAMES).find(|(_, known)| *known == name).map(|(slot, _)| slot)
    }
}

/// The variables in the order of the fields of [`Environment`].
const NAMES: [&str; 9] = [
    "IMAGE",
    "IMAGE_PRUNER",
    "OPERATOR_IMAGE",
    "RELEASE_VERSION",
    "OPERATOR_IMAGE_VERSION",
    "WATCH_NAMESPACE",
    "POD_NAME",
    "AZURE_ENVIRONMENT_FILEPATH",
    "MANAGED_AZURE_HCP_CREDENTIALS_FILE_PATH",
];
