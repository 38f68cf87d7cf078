//! What is written for readers says what the program does: manual page, links, commands, reasons, examples, pictures.
//!
//! What is generated is compared with the committed file. `just man` and `just pictures` write it anew, by `UPDATE_DOCS=1`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

mod commands;
mod completion;
mod examples;
mod manual;
mod pages;
mod pictures;
mod reasons;

use std::fs;
use std::path::{Path, PathBuf};

/// A path of this repository.
fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Compares a committed file with what it should be, or writes it.
#[track_caller]
fn assert_generated(name: &str, wanted: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path(name), wanted).unwrap();
    }
    let found = read(name);
    let differs = found.lines().zip(wanted.lines()).find(|(found, wanted)| found != wanted);
    assert!(found == wanted, "{name} is not current: {differs:?}; `UPDATE_DOCS=1 cargo test --test docs` writes it");
}
