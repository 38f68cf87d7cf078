//! `spec.unsupportedConfigOverrides`: two settings of the Deployment that have no field of their own.

use crate::problem::Problem;
use crate::render::context::{Context, config_problem};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is overridden. Other keys are ignored, as in the reference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Annotations of the Deployment and its pods.
    pub annotations: BTreeMap<String, String>,
    /// The pods' runtime class.
    pub runtime_class_name: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Raw {
    deployment: Option<RawDeployment>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct RawDeployment {
    annotations: Option<BTreeMap<String, String>>,
    runtime_class_name: Option<String>,
}

pub(super) fn check(context: &Context<'_>, problems: &mut Vec<Problem>) -> Overrides {
    let Some(raw) = context.spec.unsupported_config_overrides.as_ref().filter(|raw| !raw.is_null()) else {
        return Overrides::default();
    };
    match Raw::deserialize(raw) {
        Ok(Raw { deployment }) => {
            let RawDeployment { annotations, runtime_class_name } = deployment.unwrap_or_default();
            Overrides {
                annotations: annotations.unwrap_or_default(),
                runtime_class_name: runtime_class_name.filter(|name| !name.is_empty()),
            }
        }
        Err(error) => {
            problems.push(config_problem(
                "spec.unsupportedConfigOverrides",
                "OverridesInvalid",
                format!("cannot be read: {error}"),
                "use deployment.annotations, a map of strings, and deployment.runtimeClassName, a string",
            ));
            Overrides::default()
        }
    }
}
