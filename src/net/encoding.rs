//! Percent-encoding for URLs and forms.

use std::fmt::Write;

/// Encodes everything but the unreserved characters of RFC 3986. A slash in the name of a blob is encoded as well,
/// so that nothing on the way takes a leading one for an empty path segment and drops it.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// Encodes a path: everything but unreserved characters and slashes.
pub fn encode_path(path: &str) -> String {
    path.split('/').map(encode).collect::<Vec<_>>().join("/")
}

/// A query or a form of these pairs.
pub fn pairs(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(super::encode("/docker/a b+ü~.-_"), "%2Fdocker%2Fa%20b%2B%C3%BC~.-_");
    }
}
