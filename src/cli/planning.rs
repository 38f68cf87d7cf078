//! From files to a plan, and from a plan to text: what every verb does the same way.

use super::yaml;
use crate::inputs::files::{self, EnvSource, Loaded};
use crate::problem::Problem;
use crate::render::mask::mask;
use crate::render::plan::{Plan, Step, WriteBack};
use crate::render::storage::action::{StorageAction, Verb};
use crate::render::{self, lint};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What to read.
#[derive(Debug, clap::Args)]
pub(super) struct InputArgs {
    /// Files or directories with Kubernetes objects as YAML or JSON; `-` is standard input
    ///
    /// Directories are read recursively. Any order, any number of documents and lists; what `oc get … -o yaml`
    /// prints works as it is. Objects that the registry does not depend on are ignored.
    #[arg(short, long, required = true, num_args = 1.., value_name = "PATH")]
    pub(super) filename: Vec<PathBuf>,

    /// YAML map of the operator's environment variables, instead of the process environment
    ///
    /// IMAGE, IMAGE_PRUNER, OPERATOR_IMAGE, RELEASE_VERSION and so on, as the operator's Deployment sets them.
    #[arg(long, value_name = "FILE")]
    pub(super) env_file: Option<PathBuf>,
}

/// A plan without problems, and what was noticed on the way.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) notes: Vec<String>,
}

/// Reads the files.
pub(super) fn load(paths: &[PathBuf], env_file: Option<&Path>) -> Result<Loaded, Vec<Problem>> {
    let source = match env_file {
        Some(path) => EnvSource::File(path),
        None => EnvSource::Variables(process_variables()),
    };
    files::load(paths, source)
}

/// The process environment. A variable that is not UTF-8 is none of the operator's.
pub(super) fn process_variables() -> BTreeMap<String, String> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// Reads the files and makes a plan that has nothing wrong with it.
pub(super) fn plan(paths: &[PathBuf], env_file: Option<&Path>) -> Result<Planned, Vec<Problem>> {
    let Loaded { inputs, notes } = load(paths, env_file)?;
    let plan = render::render(&inputs);
    let problems = all_problems(&plan);
    if problems.is_empty() { Ok(Planned { plan, notes }) } else { Err(problems) }
}

/// Why parts are missing from the plan, and what the linter says about the rest.
pub(super) fn all_problems(plan: &Plan) -> Vec<Problem> {
    plan.problems.iter().cloned().chain(lint::lint(plan)).collect()
}

/// The objects as they are to be applied, in the order of the plan.
pub(super) fn objects(plan: &Plan, masked: bool) -> impl Iterator<Item = Value> {
    plan.manifests().map(move |manifest| {
        let mut object = manifest.body().clone();
        if masked {
            mask(&mut object);
        }
        object
    })
}

/// [`objects`] as documents of YAML.
pub(super) fn manifests(plan: &Plan, masked: bool) -> String {
    objects(plan, masked).map(|object| yaml::document(&object)).collect()
}

/// What the manifests alone do not show: assumptions, and the steps that apply nothing.
pub(super) fn notes(planned: &Planned) -> Vec<String> {
    let Planned { plan, notes } = planned;
    let steps = plan.steps.iter().filter_map(|step| match step {
        Step::Storage(action) => Some(format!("storage: {}", describe(action))),
        Step::WriteBack(WriteBack { object, fields: _, withdrawn }) if !withdrawn.is_empty() => {
            Some(format!("write-back: the operator takes back {} of {object}", withdrawn.join(", ")))
        }
        Step::WriteBack(WriteBack { object, fields, withdrawn: _ }) => {
            let mut paths = Vec::new();
            leaves("", fields, &mut paths);
            Some(format!("write-back: the operator sets {} in {object} unless somebody else has", paths.join(", ")))
        }
        Step::Delete(deletion) => {
            Some(format!("deletion: the operator deletes {}: {}", deletion.object, deletion.because))
        }
        Step::ReleaseFinalizer(object) => Some(format!("finalizer: the operator lets go of {object}")),
        Step::Create(_) | Step::Apply(_) => None,
    });
    notes.iter().chain(&plan.assumptions).cloned().chain(steps).collect()
}

fn describe(action: &StorageAction) -> String {
    let medium = &action.medium;
    match (action.verb, action.may_create) {
        (Verb::Remove, _) => format!("the operator empties and deletes {medium}"),
        (Verb::Ensure, true) => format!("the operator creates {medium} if it does not exist"),
        (Verb::Ensure, false) => format!("the operator uses {medium}, and never creates it"),
    }
}

/// The paths of everything that has no children; never a value, which could be the HTTP secret.
fn leaves(path: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (name, value) in map {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(&path, value, found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}
