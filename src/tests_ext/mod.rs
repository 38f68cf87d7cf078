//! `cluster-image-registry-operator-tests-ext`: tests of a live cluster, run by `openshift-tests` or by hand.
//!
//! It speaks the OpenShift Tests Extension protocol: `openshift-tests` asks for `info` and `list`, then calls `run-test`
//! with names. That reads standard output and standard error as one text, and results from its end up to the first line
//! that is none. Hence nothing but results is printed while tests run; what they do and see goes into the results.

mod cases;
mod cluster;
mod extension;
mod images;
mod info;
mod list;
pub(crate) mod names;
mod output;
mod protocol;
mod run_suite;
mod run_test;
mod runner;
mod stop;
mod update;

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

const EXIT_CODES: &str = "\
Exit codes:
  0  done, and no test failed (skipped ones are none)
  1  a test failed (run-suite, run-test)
  2  bad usage, or a file that cannot be used";

/// Tests the image registry operator of a live cluster.
///
/// The cluster is that of $KUBECONFIG, ~/.kube/config or the pod's own account.
#[derive(Debug, Parser)]
#[command(name = "cluster-image-registry-operator-tests-ext", version, max_term_width = 100, after_help = EXIT_CODES)]
#[command(subcommand_required = true, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,

    /// Component whose tests are meant; there is only this one
    #[arg(long, global = true, value_name = "NAME", default_value = extension::DEFAULT, hide_default_value = true)]
    component: String,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Info(info::Args),
    List(Box<list::Args>),
    RunSuite(Box<run_suite::Args>),
    RunTest(run_test::Args),
    Images(images::Args),
    Update(update::Args),
}

/// Why a verb did nothing; one sentence for people.
type Refused = String;

/// Carries out what the arguments ask for; the first one is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come as an error that is none. There is nobody to tell that a pipe is closed.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let result = extension::is_ours(&cli.component).and_then(|()| match cli.verb {
        Verb::Info(args) => info::run(&args),
        Verb::List(args) => list::run(&args),
        Verb::RunSuite(args) => run_suite::run(&args),
        Verb::RunTest(args) => run_test::run(args),
        Verb::Images(args) => images::run(&args),
        Verb::Update(args) => update::run(&args),
    });
    match result {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            output::error(&format!("{failed} tests failed"));
            ExitCode::from(1)
        }
        Err(why) => {
            output::error(&why);
            ExitCode::from(2)
        }
    }
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
