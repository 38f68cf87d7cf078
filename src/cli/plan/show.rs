//! A preview as text with colours.

use super::output::visible;
use crate::execute::diff::Change;
use crate::execute::preview::{Action, Preview};
use anstyle::{AnsiColor, Style};
use serde_json::Value;
use similar::{ChangeTag, TextDiff};
use std::fmt::Write as _;

const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const ASIDE: Style = AnsiColor::Yellow.on_default();

/// A block for each object, and the numbers at the end.
pub(super) fn text(previews: &[Preview], all: bool) -> String {
    let mut out = String::new();
    for preview in previews.iter().filter(|preview| all || preview.action != Action::Unchanged) {
        let Preview { object, action, fields, note, concern: _ } = preview;
        let (style, word) = (style(*action), word(*action));
        _ = write!(out, "{style}{word:9}{style:#}  {}", visible(object));
        _ = writeln!(out, "{}", if note.is_empty() { String::new() } else { format!(": {}", visible(note)) });
        fields.iter().for_each(|change| field(&mut out, change));
    }
    _ = writeln!(out, "{}", count(previews));
    out
}

fn field(out: &mut String, change: &Change) {
    let Change { path, old, new, owners } = change;
    if let (Some(Value::String(old)), Some(Value::String(new))) = (old, new)
        && (old.contains('\n') || new.contains('\n'))
    {
        _ = writeln!(out, "    {}:", visible(path));
        for line in TextDiff::from_lines(old.as_str(), new.as_str()).iter_all_changes() {
            let (style, sign) = match line.tag() {
                ChangeTag::Delete => (OLD, '-'),
                ChangeTag::Insert => (NEW, '+'),
                ChangeTag::Equal => continue,
            };
            _ = writeln!(out, "      {style}{sign} {}{style:#}", visible(line.value().trim_end()));
        }
    } else {
        for (style, sign, value) in [(OLD, '-', old), (NEW, '+', new)] {
            if let Some(value) = value {
                _ = writeln!(out, "    {style}{sign} {}: {}{style:#}", visible(path), plain(value));
            }
        }
    }
    if !owners.is_empty() {
        _ = writeln!(out, "      {ASIDE}owned by {}{ASIDE:#}", visible(&owners.join(", ")));
    }
}

/// Texts without quotes, unless that would hide something; everything else as JSON in one line.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() && text.trim() == text && !text.contains('\n') => visible(text),
        other => visible(&other.to_string()),
    }
}

fn count(previews: &[Preview]) -> String {
    let actions = [
        Action::Created,
        Action::Changed,
        Action::Recreated,
        Action::Deleted,
        Action::Skipped,
        Action::Failed,
        Action::Unchanged,
    ];
    let of = |action| previews.iter().filter(|preview| preview.action == action).count();
    let counted = actions.into_iter().map(|action| (of(action), action));
    // That nothing is unchanged is worth a word, and that nothing is recreated is not.
    let told = counted.filter(|(count, action)| *count > 0 || *action == Action::Unchanged);
    told.map(|(count, action)| format!("{count} {}", word(action))).collect::<Vec<_>>().join(", ")
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Created => "created",
        Action::Changed => "changed",
        Action::Recreated => "recreated",
        Action::Deleted => "deleted",
        Action::Unchanged => "unchanged",
        Action::Skipped => "skipped",
        Action::Failed => "failed",
    }
}

fn style(action: Action) -> Style {
    let colour = match action {
        Action::Created => AnsiColor::Green,
        Action::Changed | Action::Recreated => AnsiColor::Yellow,
        Action::Deleted | Action::Failed => AnsiColor::Red,
        Action::Unchanged | Action::Skipped => AnsiColor::BrightBlack,
    };
    colour.on_default().bold()
}
