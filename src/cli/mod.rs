//! The command line: a file per verb, and what the verbs share.
//!
//! Machine output goes to standard output, everything said to people to standard error. Exit codes: 0 done and
//! nothing differs, 1 something differs (`check`, `plan`), 2 bad input or usage, 3 the cluster or the storage failed.
//! With 2, standard output is empty, except for the preview of the rest that `plan` gives.

mod apply;
mod check;
mod cluster;
mod completions;
mod core_dump;
mod crds;
mod diagnostics;
mod live;
mod move_blobs;
mod node_ca_sync;
mod output;
mod plan;
mod planning;
mod render;
mod run;
mod schema;
mod validate;
mod yaml;

pub(crate) use check::read_golden;

use clap::{Parser, Subcommand};
use output::{Failure, Outcome};
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

const EXIT_CODES: &str = "\
Exit codes:
  0  done, and nothing differs
  1  something differs (check, plan)
  2  bad input or usage; nothing was written to standard output, but for a preview (plan)
  3  the cluster or the storage failed";

/// Runs OpenShift's internal image registry: installs it, renders its manifests, checks its
/// configuration.
#[derive(Debug, Parser)]
#[command(name = "cluster-image-registry-operator", version, max_term_width = 100, after_help = EXIT_CODES)]
#[command(subcommand_required = true, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Run(run::Args),
    Plan(plan::Args),
    Apply(apply::Args),
    Diagnostics(diagnostics::Args),
    Render(render::Args),
    Check(check::Args),
    Validate(validate::Args),
    Crds(crds::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    NodeCaSync(node_ca_sync::Args),
    MoveBlobs(move_blobs::Args),
}

/// Carries out what the arguments ask for; the first one is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    core_dump::forbid();
    let cli = match Cli::try_parse_from(with_verb(arguments)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come as an error that is none. There is nobody to tell that a pipe is closed.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let result = match cli.verb {
        Verb::Run(args) => run::run(&args),
        Verb::Plan(args) => plan::run(&args),
        Verb::Apply(args) => apply::run(&args),
        Verb::Diagnostics(args) => diagnostics::run(&args),
        Verb::Render(args) => render::run(&args),
        Verb::Check(args) => check::run(&args),
        Verb::Validate(args) => validate::run(&args),
        Verb::Crds(args) => crds::run(&args),
        Verb::Schema(args) => schema::run(&args),
        Verb::Completions(args) => completions::run(&args),
        Verb::NodeCaSync(args) => node_ca_sync::run(&args),
        Verb::MoveBlobs(args) => move_blobs::run(&args),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Differs) => ExitCode::from(1),
        Ok(Outcome::Failed) => ExitCode::from(3),
        Err(Failure { lines, code }) => {
            output::errors(&lines);
            ExitCode::from(code)
        }
    }
}

/// Supplies the verb where it is understood: the program under the name `move-blobs` is that verb, since older Jobs
/// call it so; and without a verb it is the operator, since the reference's Deployment has flags only.
fn with_verb(arguments: impl IntoIterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    const MOVE_BLOBS: &str = "move-blobs";
    const ABOUT: [&str; 4] = ["-h", "--help", "-V", "--version"];
    let mut arguments = arguments.into_iter();
    let program = arguments.next();
    let first = arguments.next();
    let is_move = program.as_ref().is_some_and(|program| Path::new(program).file_name() == Some(MOVE_BLOBS.as_ref()));
    let has_no_verb = first
        .as_ref()
        .is_none_or(|first| first.to_str().is_some_and(|first| first.starts_with('-') && !ABOUT.contains(&first)));
    let verb = if is_move { Some(MOVE_BLOBS) } else { has_no_verb.then_some("run") };
    program.into_iter().chain(verb.map(OsString::from)).chain(first).chain(arguments)
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
