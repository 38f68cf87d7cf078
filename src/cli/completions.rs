//! `completions`: what a shell needs to complete the command line.

use super::Cli;
use super::output::{self, Failure, Outcome};
use clap::CommandFactory;
use clap_complete::Shell;

/// Prints the completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  source <(cluster-image-registry-operator completions bash)")]
pub(super) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, &name, &mut script);
    // For bash, clap_complete 4.6 writes a name with hyphens in two ways, so that no verb would be found.
    let (one_way, other_way) = (name.replace('-', "__subcmd__"), name.replace('-', "__"));
    output::print(&String::from_utf8_lossy(&script).replace(&one_way, &other_way))?;
    Ok(Outcome::Done)
}
