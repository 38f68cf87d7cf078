//! `validate`: whether the operator could work with the input.

use super::output::{self, Failure, Outcome};
use super::planning::{self, InputArgs};
use crate::inputs::files::Loaded;
use crate::problem::Problem;
use crate::render;

/// Says whether the operator could work with the input
///
/// Config and ImagePruner are checked field by field, then everything is rendered and linted. What only a cluster
/// or a complete input can tell is named in a note and is no error, so that a Config can be checked by itself.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cluster-image-registry-operator validate -f config.yaml
  oc get imagepruners cluster -o yaml | cluster-image-registry-operator validate -f -")]
pub(super) struct Args {
    #[command(flatten)]
    input: InputArgs,

    /// Print no notes
    #[arg(short, long)]
    quiet: bool,
}

/// Reasons of problems that are about what was not given, not about what was.
const UNDECIDED: [&str; 7] = [
    "HTTPSecretMissing",
    "ImageUnknown",
    "InfrastructureUnknown",
    "NamespaceNotReady",
    "ObjectMissing",
    "StorageNotReady",
    "SwiftUnknown",
];

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let Loaded { inputs, mut notes } = planning::load(&args.input.filename, args.input.env_file.as_deref())?;
    let given = [
        ("Config/cluster", inputs.config.present().is_some()),
        ("ImagePruner/cluster", inputs.image_pruner.present().is_some()),
    ];
    if given.iter().all(|(_, is_given)| !is_given) {
        return Err(Failure::new("inputs: hold neither Config/cluster nor ImagePruner/cluster; give one with -f"));
    }
    let plan = render::render(&inputs);
    let (undecided, problems): (Vec<Problem>, Vec<Problem>) =
        planning::all_problems(&plan).into_iter().partition(|problem| UNDECIDED.contains(&problem.reason));
    if !problems.is_empty() {
        return Err(problems.into());
    }
    notes.extend(undecided.iter().map(|problem| format!("not decided: {problem}")));
    if !args.quiet {
        output::notes(&notes);
    }
    let mut ok: String =
        given.iter().filter(|(_, is_given)| *is_given).map(|(object, _)| format!("ok: {object}\n")).collect();
    ok.push_str(&format!("ok: {} rendered objects\n", plan.manifests().count()));
    output::print(&ok)?;
    Ok(Outcome::Done)
}
