//! Unified diffs of golden files.

use super::golden::Finding;
use crate::cli::output::visible;
use anstyle::{AnsiColor, Style};
use similar::TextDiff;
use std::path::Path;

/// From the golden file to what is rendered now, without secrets.
///
/// # Errors
/// Why there is no diff to show.
pub(super) fn of(finding: &Finding, directory: &Path) -> Result<String, &'static str> {
    let old = match &finding.old {
        Some(old) => (visible(&directory.join(&old.file).display().to_string()), old.shown()?),
        None => ("nothing".to_owned(), String::new()),
    };
    let new = finding.new.as_ref().map(super::scenario::Rendered::text).unwrap_or_default();
    // Whoever wrote the golden file can write what moves a cursor.
    let (before, after) = (visible_lines(&old.1), visible_lines(new));
    let text = TextDiff::from_lines(before.as_str(), after.as_str())
        .unified_diff()
        .context_radius(3)
        .header(&old.0, &format!("{} as it is rendered now", visible(&finding.name)))
        .to_string();
    if text.is_empty() { Err("its golden file holds secrets that are not masked") } else { Ok(text) }
}

/// The diff with the usual colours.
pub(super) fn coloured(diff: &str) -> String {
    let mut out = String::new();
    for (number, line) in diff.lines().enumerate() {
        let style = match line.as_bytes().first() {
            _ if number < 2 => Style::new().bold(),
            Some(b'-') => AnsiColor::Red.on_default(),
            Some(b'+') => AnsiColor::Green.on_default(),
            Some(b'@') => AnsiColor::Cyan.on_default(),
            _ => Style::new(),
        };
        out.push_str(&format!("{style}{line}{style:#}\n"));
    }
    out
}

fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}
