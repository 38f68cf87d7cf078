//! `plan`: what would change in a cluster.

mod show;

use super::cluster;
use super::live::{self, LiveArgs};
use super::output::{self, Failure, Outcome};
use crate::execute::preview::Action;
use serde_json::json;

/// Shows what the operator would change in a cluster, and changes nothing
///
/// The API server is asked by dry-run. Every object that would be created, changed or deleted is listed with the
/// fields that differ and whoever else owns them, then what happens to the storage, the values that would be
/// written into Config, and the conditions that would be reported. Secrets are masked.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cluster-image-registry-operator plan
  cluster-image-registry-operator plan -f new-config.yaml
  cluster-image-registry-operator plan --env-file next-release.yaml -o json

Exit code 0 means that nothing differs, 1 that something does. With 2, the input is wrong; what is shown
then is what the operator would do about the rest.")]
pub(super) struct Args {
    #[command(flatten)]
    live: LiveArgs,

    /// What to print
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,

    /// List the objects that would not change as well
    #[arg(short, long)]
    all: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// A diff for people
    Text,
    /// A list of {object, action, fields: [{path, old, new, owners}], note}
    Json,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    cluster::runtime()?.block_on(async {
        let (once, _) = live::open(&args.live).await?;
        let (view, previews) = once.preview().await.map_err(cluster::failed)?;
        output::notes(&live::notes(&once, &view));
        let is_shown = |action| args.all || action != Action::Unchanged;
        match args.output {
            Format::Text => output::print_coloured(&show::text(&previews, args.all))?,
            Format::Json => {
                let list: Vec<_> = previews.iter().filter(|preview| is_shown(preview.action)).collect();
                output::print(&format!("{:#}\n", json!(list)))?;
            }
        }
        let problems = view.problems();
        if !problems.is_empty() {
            return Err(Failure::from(problems));
        }
        let failed = previews.iter().filter(|preview| preview.action == Action::Failed);
        let lines: Vec<String> = failed.map(|preview| format!("{}: {}", preview.object, preview.note)).collect();
        if !lines.is_empty() {
            return Err(Failure { lines, code: 3 });
        }
        let is_same = |action| matches!(action, Action::Unchanged | Action::Skipped);
        let differs = previews.iter().any(|preview| !is_same(preview.action));
        Ok(if differs { Outcome::Differs } else { Outcome::Done })
    })
}
