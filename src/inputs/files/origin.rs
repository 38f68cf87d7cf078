//! Where something stands.

use std::fmt;

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
