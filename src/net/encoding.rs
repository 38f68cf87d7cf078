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

/// Decodes a value of a form, or a key that S3 lists with `encoding-type=url`: a plus is a space in both.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let (byte, skipped) = match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => (byte, 2),
            None if first == b'+' => (b' ', 0),
            None => (first, 0),
        };
        bytes.push(byte);
        rest = after.get(skipped..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
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
