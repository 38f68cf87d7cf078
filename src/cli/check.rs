//! `check`: every scenario against its golden file.

mod changes;
mod diff;
mod golden;
mod scenario;
mod summary;

use super::output::{self, Failure, Outcome};
use golden::{Finding, Verdict};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Renders every scenario and compares with the golden files
///
/// A scenario is a directory with *.yaml, *.yml or *.json files, among which env.yaml is its environment. Its golden
/// file is DIR/<scenario>.yaml with exactly what `render --mask-secrets` prints, or DIR/<scenario>.error with the
/// errors if it is to be refused.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cluster-image-registry-operator check -f fixtures --golden snapshots
  cluster-image-registry-operator check -f fixtures --golden snapshots --update
  cluster-image-registry-operator check -f clusters --golden rendered --summary summary.md

Exit code 1 means that something differs. Secrets are masked in all that is shown or written.")]
pub(super) struct Args {
    /// Scenarios, or directories to search for them
    ///
    /// Every directory with documents in it is a scenario; a/b below the given directory is the scenario a-b. What
    /// is below a scenario belongs to it. A file is a scenario called like the file.
    #[arg(short, long, required = true, num_args = 1.., value_name = "PATH")]
    filename: Vec<PathBuf>,

    /// Environment of the scenarios that have no env.yaml, instead of the process environment
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,

    /// The directory with the golden files
    #[arg(long, value_name = "DIR")]
    golden: PathBuf,

    /// Write golden files that are new or changed, and delete those that no scenario produces
    #[arg(long)]
    update: bool,

    /// Write a summary in Markdown into this file; `-` is standard output
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
}

/// Reads a golden file, for the fuzzing of parsers.
pub(crate) fn read_golden(text: &str) {
    drop(golden::documents(text));
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let golden = golden::read(&args.golden, args.update)?;
    let scenarios = scenario::find(&args.filename, args.env_file.as_deref(), &args.golden)?;
    let mut rendered = Vec::new();
    for scenario in scenarios {
        let result = scenario.render()?;
        rendered.push((scenario.name, result));
    }
    let findings = golden::compare(golden, rendered);
    let report = if args.update { update(&args.golden, &findings)? } else { report(&args.golden, &findings) };
    let summary = args.summary.as_deref().map(|path| (path, summary::markdown(&findings)));
    match summary {
        // Standard output belongs to the machine then.
        Some((path, text)) if path == Path::new("-") => {
            output::say_coloured(&report);
            output::print(&text)?;
        }
        Some((path, text)) => {
            fs::write(path, text).map_err(|error| Failure::io("written", path, &error))?;
            output::print_coloured(&report)?;
        }
        None => output::print_coloured(&report)?,
    }
    let is_same = findings.iter().all(|finding| finding.verdict == Verdict::Unchanged);
    Ok(if is_same || args.update { Outcome::Done } else { Outcome::Differs })
}

/// What to tell people: a line for each scenario, diffs, and the numbers at the end.
fn report(directory: &Path, findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let name = output::visible(&finding.name);
        let (style, verdict) = (finding.verdict.style(), finding.verdict.word());
        let remark = match finding.verdict {
            Verdict::Unchanged | Verdict::Changed => String::new(),
            Verdict::New => ": has no golden file; --update writes it".to_owned(),
            Verdict::Orphaned => ": no scenario produces it; --update deletes it".to_owned(),
        };
        _ = writeln!(out, "{style}{verdict:9}{style:#}  {name}{remark}");
        if finding.verdict == Verdict::Changed {
            match diff::of(finding, directory) {
                Ok(text) => out.push_str(&diff::coloured(&text)),
                Err(reason) => _ = writeln!(out, "  {reason}"),
            }
        }
    }
    _ = writeln!(out, "{}", golden::count(findings));
    out
}

/// Makes the golden files what the scenarios render, and says so.
fn update(directory: &Path, findings: &[Finding]) -> Result<String, Failure> {
    fs::create_dir_all(directory).map_err(|error| Failure::io("created", directory, &error))?;
    let mut out = String::new();
    for finding in findings.iter().filter(|finding| finding.verdict != Verdict::Unchanged) {
        let written = finding.new.as_ref().map(|rendered| rendered.file(&finding.name));
        if let (Some(rendered), Some(file)) = (&finding.new, &written) {
            let path = directory.join(file);
            output::replace_file(&path, rendered.text()).map_err(|error| Failure::io("written", &path, &error))?;
            let verb = if finding.old.is_some() { "updated" } else { "added" };
            _ = writeln!(out, "{verb:9}  {}", output::visible(file));
        }
        let superseded = finding.old.as_ref().map(|old| &old.file).filter(|file| written.as_ref() != Some(file));
        if let Some(file) = superseded {
            let path = directory.join(file);
            fs::remove_file(&path).map_err(|error| Failure::io("deleted", &path, &error))?;
            _ = writeln!(out, "deleted    {}", output::visible(file));
        }
    }
    let of = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    let (unchanged, changed) = (of(Verdict::Unchanged), of(Verdict::Changed));
    let (new, orphaned) = (of(Verdict::New), of(Verdict::Orphaned));
    _ = writeln!(out, "{unchanged} unchanged, {changed} updated, {new} added, {orphaned} deleted");
    Ok(out)
}
