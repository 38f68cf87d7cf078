//! The summary in Markdown, for the page of a continuous integration run.

use super::changes::{self, Change, FieldChange, ObjectChange};
use super::diff;
use super::golden::{self, Finding, Verdict};
use super::scenario::Rendered;
use crate::cli::output::visible;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// Lines of a diff that are shown, since such pages take a megabyte in all.
const DIFF_LINES: usize = 400;
/// Characters of a value that are shown.
const VALUE: usize = 100;
/// Characters before the first difference between long values.
const LEAD: usize = 20;

/// Everything that was found, without secrets.
pub(super) fn markdown(findings: &[Finding]) -> String {
    let mut out =
        format!("## Rendered manifests\n\n{}\n\n| Scenario | Verdict |\n|---|---|\n", golden::count(findings));
    for finding in findings {
        let name = code(&finding.name).replace('|', "\\|");
        let verdict = finding.verdict.word();
        _ = writeln!(
            out,
            "| {name} | {} |",
            if verdict == "unchanged" { verdict.to_owned() } else { format!("**{verdict}**") }
        );
    }
    let changed: Vec<(&Finding, Result<Vec<ObjectChange>, &str>)> = findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Changed)
        .map(|finding| (finding, changes(finding)))
        .collect();
    write_images(&mut out, &changed);
    for (finding, changes) in &changed {
        _ = writeln!(out, "\n### {}\n", code(&finding.name));
        match changes {
            Ok(changes) => changes.iter().for_each(|change| write_object(&mut out, change)),
            Err(reason) => _ = writeln!(out, "{reason}"),
        }
        if let Some(Rendered::Refused(errors)) = &finding.new {
            _ = writeln!(out, "It is refused now:\n\n{}", fenced("text", errors));
        }
        if let Ok(diff) = diff::of(finding, Path::new("")) {
            _ = writeln!(out, "\n<details><summary>Diff</summary>\n\n{}\n</details>", fenced("diff", &diff));
        }
    }
    out
}

fn changes(finding: &Finding) -> Result<Vec<ObjectChange>, &'static str> {
    let old = finding.old.as_ref().map_or(Ok(Vec::new()), golden::Old::objects)?;
    let new = match &finding.new {
        Some(Rendered::Manifests(text)) => golden::documents(text)?,
        // A refused scenario renders nothing; to list every object as removed would say little.
        Some(Rendered::Refused(_)) | None => return Ok(Vec::new()),
    };
    Ok(changes::between(old, new))
}

/// Images first: most changes of most releases are nothing else.
fn write_images(out: &mut String, changed: &[(&Finding, Result<Vec<ObjectChange>, &str>)]) {
    let mut images: BTreeMap<(String, String), BTreeSet<&str>> = BTreeMap::new();
    for (finding, changes) in changed {
        for change in changes.iter().flatten() {
            let Change::Fields(fields) = &change.change else { continue };
            for FieldChange { path, old, new } in fields {
                if let (true, Some(Value::String(old)), Some(Value::String(new))) = (path.ends_with(".image"), old, new)
                {
                    images.entry((old.clone(), new.clone())).or_default().insert(&finding.name);
                }
            }
        }
    }
    if !images.is_empty() {
        out.push_str("\n### Images\n\n");
    }
    for ((old, new), scenarios) in images {
        let first: Vec<String> = scenarios.iter().take(3).map(|name| code(name)).collect();
        let more = if scenarios.len() > 3 { format!(" and {} more", scenarios.len() - 3) } else { String::new() };
        _ = writeln!(out, "- {} → {} in {}{more}", code(&old), code(&new), first.join(", "));
    }
}

fn write_object(out: &mut String, change: &ObjectChange) {
    let object = code(&change.object);
    match &change.change {
        Change::Added => _ = writeln!(out, "- added {object}"),
        Change::Removed => _ = writeln!(out, "- removed {object}"),
        Change::Fields(fields) => {
            _ = writeln!(out, "- changed {object}");
            for FieldChange { path, old, new } in fields {
                let (old, new) = (old.as_ref().map(plain), new.as_ref().map(plain));
                let start = match (&old, &new) {
                    (Some(old), Some(new)) => first_difference(old, new).saturating_sub(LEAD),
                    _ => 0,
                };
                let show =
                    |value: Option<String>| value.map_or("nothing".to_owned(), |value| code(&shortened(&value, start)));
                _ = writeln!(out, "  - {}: {} → {}", code(path), show(old), show(new));
            }
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        other => other.to_string(),
    }
}

fn first_difference(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count()
}

/// A long value from shortly before the place where it differs.
fn shortened(value: &str, start: usize) -> String {
    let length = value.chars().count();
    if length <= VALUE {
        return value.to_owned();
    }
    let middle: String = value.chars().skip(start).take(VALUE).collect();
    let (before, after) = (if start > 0 { "…" } else { "" }, if start + VALUE < length { "…" } else { "" });
    format!("{before}{middle}{after}")
}

/// Text that Markdown leaves alone, on one line.
fn code(text: &str) -> String {
    let text = visible(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Lines that Markdown leaves alone.
fn fenced(language: &str, text: &str) -> String {
    let count = text.lines().count();
    let mut shown: Vec<&str> = text.lines().take(DIFF_LINES).collect();
    let more = format!("… {} more lines", count.saturating_sub(DIFF_LINES));
    if count > DIFF_LINES {
        shown.push(&more);
    }
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", shown.join("\n"))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_breaks_out_of_its_code() {
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`a\n"), "`` `a\\n ``");
        assert_eq!(fenced("diff", "```\n</details>\n"), "````diff\n```\n</details>\n````\n");
        let cut = fenced("diff", &"x\n".repeat(DIFF_LINES + 2));
        assert!(cut.ends_with("x\n… 2 more lines\n```\n"));
    }

    #[test]
    fn long_values_are_shown_from_where_they_differ() {
        let (one, other) = (format!("{}1{}", "a".repeat(200), "b".repeat(200)), format!("{}2", "a".repeat(200)));
        let start = first_difference(&one, &other) - LEAD;
        assert_eq!(shortened(&one, start), format!("…{}1{}…", "a".repeat(20), "b".repeat(79)));
        assert_eq!(shortened(&other, start), format!("…{}2", "a".repeat(20)));
    }
}
