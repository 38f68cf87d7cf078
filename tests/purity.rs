//! Enforces what ARCHITECTURE.md promises of the pure modules, by reading their source.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

use std::fs;
use std::path::{Path, PathBuf};

/// Whatever could make two renderings of the same inputs differ, or reach outside the process.
const IMPURE: [&str; 26] = [
    "std::fs",
    "std::env",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time",
    "std::sync",
    "std::cell",
    "HashMap",
    "HashSet",
    "RandomState",
    "SystemTime",
    "Instant::",
    "Timestamp::now",
    "thread_local!",
    "static mut",
    "async fn",
    "async move",
    ".await",
    "tokio",
    "kube::Client",
    "kube::client",
    "reqwest",
    "getrandom",
    "println!",
];

fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The code of a file without comments and without its tests.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    let until_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    let without_comment = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    until_tests.lines().map(without_comment).enumerate().map(|(index, line)| (index + 1, line)).collect()
}

fn offences(directories: &[&str], forbidden: &[&str], allowed: impl Fn(&Path, &str) -> bool) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut offences = Vec::new();
    let mut looked_at = 0;
    for directory in directories {
        for path in sources(&root.join(directory)) {
            looked_at += 1;
            for (number, line) in code(&path) {
                let found = forbidden.iter().filter(|word| line.contains(**word) && !allowed(&path, word));
                offences.extend(found.map(|word| format!("{}:{number}: {word}", path.display())));
            }
        }
    }
    assert!(looked_at > 0, "no source file in {directories:?}");
    offences
}

#[test]
fn rendering_sees_only_its_inputs() {
    let offences = offences(&["src/render"], &IMPURE, |_, _| false);
    assert!(offences.is_empty(), "impure code in the renderer:\n{}", offences.join("\n"));
}

#[test]
fn the_api_types_are_as_pure() {
    // The parsed schema is kept: it is a constant, only written as JSON.
    let is_schema = |path: &Path, word: &str| path.ends_with("validate/mod.rs") && word == "std::sync";
    let offences = offences(&["src/api"], &IMPURE, is_schema);
    assert!(offences.is_empty(), "impure code in the API types:\n{}", offences.join("\n"));
}

#[test]
fn the_protocol_of_tests_is_as_pure() {
    let offences = offences(&["src/tests_ext/protocol"], &IMPURE, |_, _| false);
    assert!(offences.is_empty(), "impure code in the protocol:\n{}", offences.join("\n"));
}

#[test]
fn dependencies_flow_one_way() {
    for (directory, above) in [
        (
            "src/api",
            &[
                "crate::inputs",
                "crate::render",
                "crate::execute",
                "crate::operator",
                "crate::cli",
                "crate::problem",
                "crate::tests_ext",
            ][..],
        ),
        ("src/inputs", &["crate::render", "crate::execute", "crate::operator", "crate::cli", "crate::tests_ext"]),
        ("src/render", &["crate::execute", "crate::operator", "crate::cli", "crate::tests_ext", "inputs::files"]),
        ("src/execute", &["crate::operator", "crate::cli", "crate::tests_ext", "inputs::files"]),
        ("src/operator", &["crate::cli", "crate::tests_ext"]),
        ("src/node_ca", &["crate::render", "crate::cli"]),
        ("src/move_blobs", &["crate::render", "crate::cli"]),
        ("src/cli", &["crate::tests_ext"]),
        ("src/tests_ext", &["crate::cli"]),
        ("src/tests_ext/protocol", &["crate::execute", "crate::operator", "crate::render", "tests_ext::cases"]),
    ] {
        let offences = offences(&[directory], above, |_, _| false);
        assert!(offences.is_empty(), "{directory} knows what is above it:\n{}", offences.join("\n"));
    }
}

#[test]
fn no_object_is_ever_written_as_a_whole() {
    // A PUT carries everything that was read, and so takes back what others have changed since. The services of clouds
    // know nothing else for some settings; no object of the cluster is among them.
    let is_of_a_cloud =
        |path: &Path, word: &str| word == "Method::PUT" && path.to_string_lossy().contains("src/execute/storage/");
    let words = ["Method::PUT", ".replace(&", "replace_status"];
    let offences = offences(&["src/execute", "src/operator"], &words, is_of_a_cloud);
    assert!(offences.is_empty(), "read-modify-write:\n{}", offences.join("\n"));
}

#[test]
fn no_source_file_is_longer_than_600_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let long: Vec<String> = sources(&root.join("src"))
        .into_iter()
        .chain(sources(&root.join("tests")))
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > 600)
        .map(|(lines, path)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}
