//! `render`: manifests on standard output, or in files.

mod directory;

use super::output::{self, Failure, Outcome};
use super::planning::{self, InputArgs};
use super::yaml;
use crate::render::mask::masked_plan;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Prints the manifests that the operator would apply
///
/// Nothing is asked of a cluster: what was not given is "not observed", and notes on standard error say what was
/// assumed. If anything is wrong with the input, every problem is named and nothing is printed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cluster-image-registry-operator render -f registry.yaml --env-file env.yaml
  cluster-image-registry-operator render -f dump/ | oc apply --server-side -f -
  oc get configs.imageregistry.operator.openshift.io cluster -o yaml | \\
    cluster-image-registry-operator render -f - -f cluster/ -o plan
  cluster-image-registry-operator render -f dump/ --out-dir manifests --mask-secrets")]
pub(super) struct Args {
    #[command(flatten)]
    input: InputArgs,

    /// What to print
    #[arg(short, long, value_enum, default_value_t = Format::Yaml)]
    output: Format,

    /// Write a YAML file for every object into this directory instead
    ///
    /// Files that are equal already are left alone, and no other file is deleted.
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    out_dir: Option<PathBuf>,

    /// Print <masked> in place of every secret; such manifests are for reading, not for applying
    #[arg(long)]
    mask_secrets: bool,

    /// Print no notes
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// The manifests as documents of YAML, in the order in which they are to be applied
    Yaml,
    /// The manifests as one List in JSON
    Json,
    /// The whole plan as YAML: steps, storage actions, status and assumptions; secrets are always masked
    Plan,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let planned = planning::plan(&args.input.filename, args.input.env_file.as_deref())?;
    let mut notes = planning::notes(&planned);
    let plan = &planned.plan;
    let text = match (&args.out_dir, args.output) {
        (Some(directory), _) => {
            notes.extend(directory::write(directory, plan, args.mask_secrets)?);
            String::new()
        }
        (None, Format::Yaml) => planning::manifests(plan, args.mask_secrets),
        (None, Format::Json) => {
            let items: Vec<Value> = planning::objects(plan, args.mask_secrets).collect();
            format!("{:#}\n", json!({ "apiVersion": "v1", "kind": "List", "items": items }))
        }
        (None, Format::Plan) => yaml::document(&masked_plan(plan)),
    };
    if !args.quiet {
        output::notes(&notes);
    }
    output::print(&text)?;
    Ok(Outcome::Done)
}
