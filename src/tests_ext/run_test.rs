//! `run-test`: tests by name.

use super::cases::Test;
use super::output::{ResultFormat, Results};
use super::{Refused, cases, names, runner};
use crate::api::duration::GoDuration;
use std::io::{self, BufRead, IsTerminal};
use std::time::Duration;

/// Runs tests by their names
///
/// Without names in arguments, they are read from standard input, one a line.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name of a test
    #[arg(value_name = "NAME")]
    name: Vec<String>,

    /// Name of a test; may be given again
    #[arg(short, long, value_name = "NAME")]
    names: Vec<String>,

    /// Format of the results
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    output: ResultFormat,

    /// How many tests may run at a time; those with [Serial] in their names run alone
    #[arg(short = 'c', long, alias = "max-parallel-tests", value_name = "COUNT", default_value_t = 10)]
    max_concurrency: usize,

    /// How long the tests may take together, as 30m; what they changed is put back after that
    #[arg(long, value_name = "DURATION", value_parser = limit)]
    timeout: Option<Duration>,
}

pub(super) fn run(args: Args) -> Result<usize, Refused> {
    let mut wanted: Vec<String> = args.names.into_iter().chain(args.name).collect();
    if wanted.is_empty() && !io::stdin().is_terminal() {
        let lines = io::stdin().lock().lines().collect::<Result<Vec<_>, _>>();
        wanted = lines.map_err(|error| format!("standard input cannot be read: {error}"))?;
        wanted.retain(|line| !line.trim().is_empty());
    }
    let tests = find(&wanted)?;
    let is_serial = tests.iter().any(|test| test.spec.name.contains("[Serial]"));
    let at_a_time = if is_serial { 1 } else { args.max_concurrency };
    let outcomes = runner::run(&tests, at_a_time, args.timeout, Results::new(args.output))?;
    Ok(runner::failures(&outcomes))
}

/// The tests of these names, each once.
fn find(wanted: &[String]) -> Result<Vec<Test>, Refused> {
    let mut tests = cases::all();
    let known: Vec<&str> = tests.iter().map(|test| test.spec.name).collect();
    if wanted.is_empty() {
        return Err("name at least one test; `list tests -o names` tells which there are".to_owned());
    }
    let unknown = wanted.iter().filter(|name| !known.contains(&name.as_str()));
    let unknown: Vec<String> =
        unknown.map(|name| format!("there is no test {name:?}; {}", names::hint(name, &known))).collect();
    if !unknown.is_empty() {
        return Err(unknown.join("\nerror: "));
    }
    tests.retain(|test| wanted.iter().any(|name| name == test.spec.name));
    Ok(tests)
}

/// A duration as Go writes it.
fn limit(text: &str) -> Result<Duration, String> {
    let nanoseconds = text.parse::<GoDuration>()?.as_nanos();
    u64::try_from(nanoseconds).map(Duration::from_nanos).map_err(|_| "it is negative".to_owned())
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::tests_ext::cases;

    #[test]
    fn a_name_that_is_none_is_answered_with_the_nearest() {
        let name = cases::all()[0].spec.name;
        assert_eq!(find(&[name.to_owned(), name.to_owned()]).map(|tests| tests.len()), Ok(1));
        let error = find(&[name.replace("image-registry", "image registry")]).err().unwrap_or_default();
        assert!(error.contains(&format!("did you mean {name:?}?")), "{error}");
        assert!(find(&[]).is_err());
    }
}
