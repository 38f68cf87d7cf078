//! `list`: tests, suites, components.

use super::output::ListFormat;
use super::protocol::{Environment, Spec};
use super::{Refused, cases, extension, output};
use clap::Subcommand;

/// Lists tests, suites or components; tests if nothing is named
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,

    #[command(flatten)]
    tests: Tests,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Lists tests
    Tests(Box<Tests>),
    /// Lists suites
    Suites(Format),
    /// Lists components
    Components(Format),
}

#[derive(Debug, clap::Args)]
struct Format {
    /// Format
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    output: ListFormat,
}

#[derive(Debug, clap::Args)]
struct Tests {
    #[command(flatten)]
    format: Format,

    /// Only the tests of this suite
    #[arg(long, value_name = "NAME")]
    suite: Option<String>,

    #[command(flatten)]
    environment: Environment,
}

pub(super) fn run(args: &Args) -> Result<usize, Refused> {
    match &args.what {
        None => tests(&args.tests),
        Some(What::Tests(args)) => tests(args),
        Some(What::Suites(args)) => output::list(args.output, &extension::suites(), |suite| suite.name.to_owned()),
        Some(What::Components(args)) => {
            output::list(args.output, &[extension::COMPONENT], |component| component.identifier())
        }
    }?;
    Ok(0)
}

fn tests(args: &Tests) -> Result<(), Refused> {
    let suite = args.suite.as_deref().map(extension::suite).transpose()?;
    let is_meant = |spec: &Spec| {
        suite.as_ref().is_none_or(|suite| suite.qualifiers.iter().any(|qualifier| qualifier.holds(spec)))
            && args.environment.admits(&spec.environment_selector)
    };
    let specs: Vec<Spec> = cases::all().into_iter().map(|test| test.spec).filter(is_meant).collect();
    output::list(args.format.output, &specs, |spec| spec.name.to_owned())
}
