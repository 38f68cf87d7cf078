//! One scalar: plain where no reader can mistake it, else quoted or, with several lines, as a literal block.

use serde_json::{Number, Value};
use std::fmt::Write as _;

/// Plain words that are something else to some reader, in any case of letters.
const WORDS: [&str; 13] =
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity", "none"];

/// Any value without children on one line.
pub(super) fn one_line(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => number(value),
        Value::String(value) => text(value),
        Value::Array(_) => "[]".to_owned(),
        Value::Object(_) => "{}".to_owned(),
    }
}

/// A string on one line.
pub(super) fn text(value: &str) -> String {
    if is_plain(value) {
        value.to_owned()
    } else if value.contains(['"', '\\']) && value.chars().all(is_printable) {
        format!("'{}'", value.replace('\'', "''"))
    } else {
        double_quoted(value)
    }
}

/// The header and the lines of a literal block, for a string of several lines that such a block can hold.
pub(super) fn literal(value: &str) -> Option<(&'static str, std::str::Split<'_, char>)> {
    let body = value.strip_suffix('\n').unwrap_or(value);
    let fits = |line: &str| {
        line.chars().all(|c| is_printable(c) || c == '\t')
            // A line of blanks only, or a tab where the indentation ends, is read differently by different readers.
            && (line.is_empty() || !line.trim_matches([' ', '\t']).is_empty())
            && !line.starts_with('\t')
    };
    // A block that starts with a blank needs an explicit indentation, which few people can read.
    let starts_well = !value.starts_with([' ', '\n']);
    if !value.contains('\n') || !starts_well || !body.split('\n').all(fits) {
        return None;
    }
    let header = match (body.len() == value.len(), body.ends_with('\n')) {
        (true, _) => "|-",
        (false, false) => "|",
        (false, true) => "|+",
    };
    Some((header, body.split('\n')))
}

/// JSON's spelling, except that YAML 1.1 needs a point and a sign in a number with an exponent.
fn number(value: &Number) -> String {
    let json = value.to_string();
    let Some((mantissa, exponent)) = json.split_once(['e', 'E']) else { return json };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

/// Whether every reader takes the string, without quotes, for this string. In doubt it is not plain.
fn is_plain(value: &str) -> bool {
    let mut chars = value.chars();
    let Some(first) = chars.next() else { return false };
    let second = chars.next().unwrap_or(' ');
    let starts_well = match first {
        'a'..='z' | 'A'..='Z' | '_' | '/' | '$' | '(' => true,
        // An option or a hidden file, but no number, no mark of a document, no .inf.
        '-' => second.is_ascii_alphabetic() || (second == '-' && !value.starts_with("---")),
        '.' => second.is_ascii_alphabetic(),
        // No number or time, in whatever base and notation, holds another character than these.
        '0'..='9' => value.chars().any(|c| !c.is_ascii_hexdigit() && !"xXoOtTzZ_.,:+- ".contains(c)),
        first => !first.is_ascii() && first.is_alphabetic(),
    };
    let is_word = WORDS.iter().any(|word| value.trim_start_matches(['-', '.']).eq_ignore_ascii_case(word));
    starts_well
        && !is_word
        && !value.ends_with([' ', ':'])
        && !value.contains(": ")
        && !value.contains(" #")
        && value.chars().all(|c| is_printable(c) && (c == ' ' || !c.is_whitespace()))
}

/// Whether a character stands for itself in every style; line breaks, tabs and byte order marks do not.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}'
        | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

fn double_quoted(value: &str) -> String {
    let mut out = "\"".to_owned();
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            // Only the basic plane has characters that are not printable.
            c => _ = write!(out, "\\u{:04X}", u32::from(c)),
        }
    }
    out.push('"');
    out
}
