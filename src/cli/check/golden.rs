//! The directory of golden files, and how scenarios compare with it.

use super::scenario::Rendered;
use crate::cli::output::Failure;
use crate::cli::yaml;
use crate::render::mask::mask;
use anstyle::{AnsiColor, Style};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Golden files by name, with what is in them.
pub(super) type Golden = BTreeMap<String, Vec<u8>>;

/// One golden file that was found.
pub(super) struct Old {
    /// Its name within the directory.
    pub(super) file: String,
    /// What is in it. It may hold secrets: use [`Old::shown`] for what is shown.
    content: Vec<u8>,
}

/// How one scenario, or one golden file without a scenario, compares.
pub(super) struct Finding {
    /// The scenario, or for an orphan the file.
    pub(super) name: String,
    pub(super) verdict: Verdict,
    pub(super) old: Option<Old>,
    pub(super) new: Option<Rendered>,
}

/// What came out of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Unchanged,
    Changed,
    New,
    Orphaned,
}

impl Verdict {
    pub(super) fn word(self) -> &'static str {
        match self {
            Verdict::Unchanged => "unchanged",
            Verdict::Changed => "changed",
            Verdict::New => "new",
            Verdict::Orphaned => "orphaned",
        }
    }

    pub(super) fn style(self) -> Style {
        match self {
            Verdict::Unchanged => Style::new(),
            Verdict::Changed => AnsiColor::Yellow.on_default().bold(),
            Verdict::New => AnsiColor::Green.on_default().bold(),
            Verdict::Orphaned => AnsiColor::Red.on_default().bold(),
        }
    }
}

impl Old {
    /// The text without secrets, which a golden file holds if it was not made by `check`.
    ///
    /// # Errors
    /// It cannot be parsed, so that nobody knows where its secrets are.
    pub(super) fn shown(&self) -> Result<String, &'static str> {
        let text = String::from_utf8_lossy(&self.content);
        if self.file.ends_with(".error") {
            return Ok(text.into_owned());
        }
        let found = documents(&text)?;
        let masked: Vec<Value> = found.iter().cloned().map(without_secrets).collect();
        // Its own spelling is worth seeing, as long as there is nothing to hide.
        Ok(if found == masked { text.into_owned() } else { masked.iter().map(yaml::document).collect() })
    }

    /// The objects without secrets; none for a scenario that was refused.
    pub(super) fn objects(&self) -> Result<Vec<Value>, &'static str> {
        if self.file.ends_with(".error") {
            return Ok(Vec::new());
        }
        let found = documents(&String::from_utf8_lossy(&self.content))?;
        Ok(found.into_iter().map(without_secrets).collect())
    }
}

/// The documents of a text.
pub(super) fn documents(text: &str) -> Result<Vec<Value>, &'static str> {
    // The reader's words could quote a secret.
    serde_saphyr::from_multiple_with_options(text, limits())
        .map_err(|_| "its golden file is not valid YAML and is therefore not shown")
}

/// What `check` writes has no aliases; those of others must not expand without end.
fn limits() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_aliases: 100 },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 10_000 },
        with_snippet: false,
    }
}

fn without_secrets(mut object: Value) -> Value {
    mask(&mut object);
    if let Some(Value::Array(items)) = object.get_mut("items") {
        items.iter_mut().for_each(mask);
    }
    object
}

/// Reads the directory. That it is missing is an error unless it is about to be made.
pub(super) fn read(directory: &Path, may_be_missing: bool) -> Result<Golden, Failure> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound && may_be_missing => return Ok(Golden::new()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let directory = directory.display();
            return Err(Failure::new(format!("{directory}: does not exist; --update makes it")));
        }
        Err(error) => return Err(Failure::io("read", directory, &error)),
    };
    let mut golden = Golden::new();
    for entry in entries {
        let path = entry.map_err(|error| Failure::io("read", directory, &error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_golden = (name.ends_with(".yaml") || name.ends_with(".error")) && !name.starts_with('.');
        if is_golden && path.is_file() {
            golden.insert(name, fs::read(&path).map_err(|error| Failure::io("read", &path, &error))?);
        }
    }
    Ok(golden)
}

/// Compares scenarios with golden files: scenarios in their order, then the files that belong to none.
pub(super) fn compare(mut golden: Golden, rendered: Vec<(String, Rendered)>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut take = |file: String| golden.remove(&file).map(|content| Old { file, content });
    for (name, new) in rendered {
        let other = match &new {
            Rendered::Manifests(_) => format!("{name}.error"),
            Rendered::Refused(_) => format!("{name}.yaml"),
        };
        // A scenario that is refused now and was not before, or the other way round, has changed.
        let old = take(new.file(&name)).or_else(|| take(other));
        let verdict = match &old {
            None => Verdict::New,
            Some(old) if old.file == new.file(&name) && old.content == new.text().as_bytes() => Verdict::Unchanged,
            Some(_) => Verdict::Changed,
        };
        findings.push(Finding { name, verdict, old, new: Some(new) });
    }
    findings.extend(golden.into_iter().map(|(file, content)| Finding {
        name: file.clone(),
        verdict: Verdict::Orphaned,
        old: Some(Old { file, content }),
        new: None,
    }));
    findings
}

/// The numbers, as the last line of every report.
pub(super) fn count(findings: &[Finding]) -> String {
    [Verdict::Unchanged, Verdict::Changed, Verdict::New, Verdict::Orphaned]
        .map(|verdict| {
            let count = findings.iter().filter(|finding| finding.verdict == verdict).count();
            format!("{count} {}", verdict.word())
        })
        .join(", ")
}
