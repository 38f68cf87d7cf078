//! Finding a canary, however it is encoded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;

/// What every canary begins with.
pub const CANARY: &str = "canary-sings-";

/// A canary of its own.
pub fn canary(number: usize) -> String {
    format!("{CANARY}{number:04}")
}

/// What base64 makes of a text wherever in a longer one it stands, without the characters that its neighbours have a
/// say in.
fn encoded(text: &str) -> impl Iterator<Item = String> + '_ {
    (0..3).map(move |offset| {
        let code = STANDARD.encode([&b"\0\0\0"[..offset], text.as_bytes()].concat());
        let first = (offset * 8).div_ceil(6);
        let last = (offset + text.len()) * 8 / 6;
        code[first..last].to_owned()
    })
}

/// Where the first canary begins in it, with what is around; plain, in base64, in base64 of base64 (a Secret of base64),
/// and in either case the other way.
pub fn find(text: &str) -> Option<String> {
    let once: Vec<String> = encoded(CANARY).collect();
    let twice: Vec<String> = once.iter().flat_map(|code| encoded(code)).collect();
    let plain: BTreeSet<String> = [CANARY.to_owned(), CANARY.to_uppercase()].into();
    let forms = plain.into_iter().chain(once).chain(twice);
    let at = forms.filter_map(|form| text.find(&form)).min()?;
    let begin = (0..=at.saturating_sub(300)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    Some(text[begin..].chars().take(500).collect())
}

/// Fails with the place if there is a canary in it.
pub fn silent(what: &str, text: &str) {
    if let Some(around) = find(text) {
        panic!("{what} tells a secret:\n{around}");
    }
}

#[test]
fn canaries_are_found_however_they_are_encoded() {
    let canary = canary(7);
    assert_eq!(find("nothing, and no canary"), None);
    for before in ["", "a", "ab", "abc"] {
        let once = STANDARD.encode(format!("{before}{canary} and more"));
        let twice = STANDARD.encode(format!("{before}{}", STANDARD.encode(&canary)));
        for text in [format!("ü{before}{canary}"), once, twice, canary.to_uppercase()] {
            assert!(find(&text).is_some(), "{text}");
        }
    }
}
