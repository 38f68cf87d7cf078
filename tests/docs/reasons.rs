//! Every word that can stand as a reason of a condition, and every alert, is explained in docs/troubleshooting.md.

use crate::{path, read};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = "docs/troubleshooting.md";
/// Words of the sources that look like reasons and are none.
const OTHERS: &str = "tests/docs/no_reasons.txt";
/// What conditions are made of.
const SOURCES: [&str; 4] = ["src/inputs", "src/render", "src/execute", "src/operator"];

fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Whole literals of letters and digits that begin with a capital one. `code` has no comments.
fn literals(code: &str) -> BTreeSet<String> {
    let is_word = |text: &&str| {
        text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(|c| c.is_ascii_alphanumeric())
    };
    // Without the quotes that neither begin nor end a literal.
    let code = code.replace("\\\"", "").replace("'\"'", "");
    code.split('"').skip(1).step_by(2).filter(is_word).map(str::to_owned).collect()
}

/// CamelCase: where only statuses are made, a single word is enough; elsewhere such words are names of other things.
fn is_candidate(word: &str, file: &Path) -> bool {
    let capitals = word.chars().filter(char::is_ascii_uppercase).count();
    let is_loud = capitals == word.chars().filter(char::is_ascii_alphabetic).count();
    !is_loud && (capitals > 1 || file.starts_with(path("src/render/status")))
}

/// The candidates of the sources, tests left out, with where they are.
fn candidates() -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for file in SOURCES.iter().flat_map(|directory| files(&path(directory), "rs")) {
        if file.file_name().is_some_and(|name| name == "tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let lines: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let words = literals(&lines.join("\n")).into_iter().filter(|word| is_candidate(word, &file));
        found.extend(words.map(|word| (word, file.clone())));
    }
    found
}

/// Words in code spans.
fn explained(page: &str) -> BTreeSet<&str> {
    page.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_reason_is_explained() {
    let page = read(PAGE);
    let (explained, others) = (explained(&page), read(OTHERS));
    let others: BTreeSet<&str> = others.lines().collect();
    let candidates = candidates();
    assert!(candidates.len() > 200, "{}", candidates.len());
    for (word, file) in &candidates {
        assert!(
            explained.contains(word.as_str()) || others.contains(word.as_str()),
            "{word} in {} is neither explained in {PAGE} nor, if it is no reason, in {OTHERS}",
            file.display()
        );
    }
    let known: BTreeSet<&str> = candidates.iter().map(|(word, _)| word.as_str()).collect();
    let stale: Vec<_> = others.iter().filter(|word| !known.contains(*word) || explained.contains(*word)).collect();
    assert!(stale.is_empty(), "{OTHERS} has what is not in the sources, or is a reason: {stale:?}");
}

/// Those that are put together: `S3Bucket` and `Exists`.
#[test]
fn reasons_of_media_are_explained() {
    let code = files(&path("src/execute/storage"), "rs")
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect::<String>();
    let endings: BTreeSet<&str> =
        code.split("\"{reason}").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let (_, media) = code.split_once("let (reason, text) = match backend {").unwrap();
    let media: Vec<&str> =
        media.split("};").next().unwrap().split("(\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(endings.len() == 3 && media.len() == 6, "{endings:?} {media:?}");
    let page = read(PAGE);
    let explained = explained(&page);
    for reason in media.iter().flat_map(|medium| endings.iter().map(move |ending| format!("{medium}{ending}"))) {
        assert!(explained.contains(reason.as_str()), "{reason} is not explained in {PAGE}");
    }
}

#[test]
fn every_alert_has_its_line() {
    let page = read(PAGE);
    for file in files(&path("manifests"), "yaml") {
        let text = fs::read_to_string(&file).unwrap();
        for alert in text.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
            let line = format!("| [{alert}](runbooks/{alert}.md) |");
            assert!(page.contains(&line), "{PAGE} does not begin a line with {line}");
        }
    }
}
