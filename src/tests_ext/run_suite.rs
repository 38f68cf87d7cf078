//! `run-suite`: the tests of a suite.

use super::output::{ResultFormat, Results};
use super::protocol::{Environment, junit};
use super::{Refused, cases, extension, output, runner};
use jiff::Timestamp;
use std::fs;
use std::path::{Path, PathBuf};

/// Runs the tests of a suite
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name of the suite
    #[arg(value_name = "NAME")]
    name: String,

    /// Format of the results
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    output: ResultFormat,

    /// How many tests may run at a time; a suite may have a lower limit of its own
    #[arg(short = 'c', long, alias = "max-parallel-tests", value_name = "COUNT", default_value_t = 10)]
    max_concurrency: usize,

    /// File for the results as JUnit XML; they are written beside it as JSON, too
    #[arg(short, long, value_name = "FILE")]
    junit_path: Option<PathBuf>,

    #[command(flatten)]
    environment: Environment,
}

pub(super) fn run(args: &Args) -> Result<usize, Refused> {
    let suite = extension::suite(&args.name)?;
    let mut tests = cases::all();
    tests.retain(|test| {
        suite.qualifiers.iter().any(|qualifier| qualifier.holds(&test.spec))
            && args.environment.admits(&test.spec.environment_selector)
    });
    // Before the tests, which take their time.
    if let Some(path) = &args.junit_path {
        write(path, "")?;
    }
    let at_a_time = args.max_concurrency.min(suite.parallelism);
    let outcomes = runner::run(&tests, at_a_time, None, Results::new(args.output))?;
    if let Some(path) = &args.junit_path {
        write(path, &junit(suite.name, &outcomes))?;
        write(&beside(path), &output::pretty(&outcomes)?)?;
    }
    Ok(runner::failures(&outcomes))
}

/// The file under which upstream keeps the results themselves.
fn beside(path: &Path) -> PathBuf {
    path.with_file_name(format!("extension_test_result_e2e_{}.json", Timestamp::now().strftime("%Y%m%d-%H%M%S")))
}

fn write(path: &Path, text: &str) -> Result<(), Refused> {
    let directory = path.parent().map_or(Ok(()), fs::create_dir_all);
    directory
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{}: cannot be written: {error}", path.display()))
}
