//! What is printed, and how.

use super::Refused;
use super::protocol::Outcome;
use serde::Serialize;
use std::io::{self, Write};

/// How lists are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum ListFormat {
    /// One document.
    #[default]
    Json,
    /// One line for each.
    Jsonl,
    /// Only the names, one a line.
    Names,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum ResultFormat {
    /// One document, when all tests have ended.
    #[default]
    Json,
    /// One line for each, as soon as it has ended.
    Jsonl,
}

/// Prints a list.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn list<T: Serialize>(format: ListFormat, items: &[T], name: impl Fn(&T) -> String) -> Result<(), Refused> {
    match format {
        ListFormat::Json => print(&pretty(&items)?),
        ListFormat::Jsonl => items.iter().try_for_each(|item| print(&line(item)?)),
        ListFormat::Names => items.iter().try_for_each(|item| print(&name(item))),
    }
}

/// Prints results.
pub(super) struct Results {
    format: ResultFormat,
    all: Vec<Outcome>,
}

impl Results {
    /// None yet.
    pub(super) fn new(format: ResultFormat) -> Self {
        Results { format, all: Vec::new() }
    }

    /// Adds one.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub(super) fn add(&mut self, outcome: Outcome) -> Result<(), Refused> {
        if self.format == ResultFormat::Jsonl {
            print(&line(&outcome)?)?;
        }
        self.all.push(outcome);
        Ok(())
    }

    /// Prints what was not printed yet; gives all of them.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub(super) fn finish(self) -> Result<Vec<Outcome>, Refused> {
        if self.format == ResultFormat::Json {
            print(&pretty(&self.all)?)?;
        }
        Ok(self.all)
    }
}

/// A value as JSON for people.
///
/// # Errors
/// None that happen in practice.
pub(super) fn pretty<T: Serialize>(value: &T) -> Result<String, Refused> {
    serde_json::to_string_pretty(value).map_err(|error| error.to_string())
}

fn line<T: Serialize>(value: &T) -> Result<String, Refused> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}

/// Prints text and the end of its line. A reader that has seen enough is no error.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn print(text: &str) -> Result<(), Refused> {
    let mut stream = io::stdout().lock();
    match writeln!(stream, "{text}").and_then(|()| stream.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("standard output cannot be written: {error}"))
        }
        _ => Ok(()),
    }
}

/// Says what is wrong.
pub(super) fn error(text: &str) {
    // There is nowhere else to say that standard error is closed.
    let _ = writeln!(io::stderr(), "error: {text}");
}
