//! From the paths on the command line to the text of files.

use super::limits;
use super::report::Report;
use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What to do about a directory without input.
pub(super) const DIRECTORY_REMEDY: &str = "put *.yaml, *.yml or *.json files with Kubernetes objects into it";
const READ_REMEDY: &str = "check the path given with -f";

/// A place in a file; line 0 is the file as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    pub(super) file: String,
    pub(super) line: u64,
}

impl Origin {
    /// The file as a whole.
    pub(super) fn file(name: impl Into<String>) -> Self {
        Origin { file: name.into(), line: 0 }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => formatter.write_str(&self.file),
            line => write!(formatter, "{}:{line}", self.file),
        }
    }
}

/// A file to read; without a path it is standard input.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) argument: Argument,
    path: Option<PathBuf>,
}

/// The argument that a file was found through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Argument {
    /// The file itself, or standard input.
    Itself,
    /// A directory, by its name on the command line.
    Directory(String),
}
