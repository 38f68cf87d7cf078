//! Where words go: results to standard output, notes and errors to standard error.

use crate::problem::Problem;
use anstyle::{AnsiColor, Style};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// How a verb ended that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Done, and nothing differs.
    Done,
    /// Something differs from what it should be.
    Differs,
    /// The cluster or the storage failed, and that has been said.
    Failed,
}

/// Why a verb did nothing: one line for each thing that is wrong.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) lines: Vec<String>,
    /// The exit code.
    pub(super) code: u8,
}

impl Failure {
    /// A failure with a single line.
    pub(super) fn new(line: impl Into<String>) -> Self {
        Failure { lines: vec![line.into()], code: 2 }
    }

    /// The cluster failed.
    pub(super) fn cluster(line: impl Into<String>) -> Self {
        Failure { lines: vec![line.into()], code: 3 }
    }

    /// A file or directory that cannot be used.
    pub(super) fn io(what: &str, path: &Path, error: &io::Error) -> Self {
        // Without the number that the system gives the error.
        let error = error.to_string();
        let reason = error.split(" (os error").next().unwrap_or_default();
        Failure::new(format!("{}: cannot be {what}: {reason}", path.display()))
    }
}

impl From<Vec<String>> for Failure {
    fn from(lines: Vec<String>) -> Self {
        Failure { lines, code: 2 }
    }
}

impl From<Vec<Problem>> for Failure {
    fn from(problems: Vec<Problem>) -> Self {
        Failure { lines: problems.iter().map(Problem::to_string).collect(), code: 2 }
    }
}

/// Writes the result. A reader that has seen enough (`… | head`) is no error.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    finish(write_all(io::stdout().lock(), text))
}

/// Writes text with colours, which stay only on a terminal that wants them.
pub(super) fn print_coloured(text: &str) -> Result<(), Failure> {
    finish(write_all(anstream::stdout().lock(), text))
}

/// Writes text with colours to standard error.
pub(super) fn say_coloured(text: &str) {
    // There is nowhere else to say that standard error is closed.
    let _ = write_all(anstream::stderr().lock(), text);
}

/// Writes one line for each error to standard error.
pub(super) fn errors(lines: &[String]) {
    say("error", AnsiColor::Red.on_default().bold(), lines);
}

/// Writes one line for each note to standard error.
pub(super) fn notes(lines: &[String]) {
    say("note", AnsiColor::Cyan.on_default().bold(), lines);
}

/// A line without anything that would end it early or make a terminal do things.
pub(super) fn visible(line: &str) -> String {
    let is_harmless =
        |c: char| (!c.is_control() || c == '\t') && !matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if is_harmless(c) { out.push(c) } else { out.extend(c.escape_default()) }
    }
    out
}

/// Writes a file so that nobody ever sees a half of it.
pub(super) fn replace_file(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = fs::File::create(&temporary)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn say(label: &str, style: Style, lines: &[String]) {
    let text = lines.iter().map(|line| format!("{style}{label}:{style:#} {}\n", visible(line)));
    say_coloured(&text.collect::<String>());
}

fn write_all(mut stream: impl Write, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

fn finish(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn a_line_stays_one_line_and_moves_no_cursor() {
        assert_eq!(visible("é\ta\nb\u{1b}[31m\u{202e}\r"), "é\ta\\nb\\u{1b}[31m\\u{202e}\\r");
    }
}
