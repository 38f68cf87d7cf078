//! URLs that may hold a password.

use super::secret::REDACTED;
use std::borrow::Cow;
use std::fmt;

/// The text with `shown` in the place of the user and password of every URL in it (RFC 3986, 3.2.1).
pub fn without_userinfo<'a>(text: &'a str, shown: &str) -> Cow<'a, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, authority) = rest.split_at(at + 3);
        // A password may hold what should be encoded; the last @ before the path or a space is what counts.
        let end = authority
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | ','))
            .unwrap_or(authority.len());
        let (authority, after) = authority.split_at(end);
        out.push_str(before);
        match authority.rfind('@') {
            Some(at) => {
                out.push_str(shown);
                out.push_str(&authority[at..]);
            }
            None => out.push_str(authority),
        }
        rest = after;
    }
    if out.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(out + rest) }
}

/// A URL as `Debug` shows it, without user and password.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&without_userinfo(self.0, REDACTED), formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::without_userinfo;
    use crate::api::config::ProxyConfig;
    use crate::api::openshift::proxy::ProxyStatus;

    #[test]
    fn proxies_show_no_password_in_debug() {
        let url = || "http://u:s3cret@proxy:3128".to_owned();
        let own = ProxyConfig { http: Some(url()), https: Some(url()), no_proxy: Some("a".to_owned()) };
        let cluster = ProxyStatus { http_proxy: url(), https_proxy: url(), no_proxy: "a".to_owned() };
        for shown in [format!("{own:?}"), format!("{own:#?}"), format!("{cluster:?}")] {
            assert!(!shown.contains("s3cret") && shown.contains("\"http://<redacted>@proxy:3128\""), "{shown}");
        }
    }

    #[test]
    fn user_and_password_are_taken_out_and_nothing_else() {
        for (text, want) in [
            ("http://u:p@proxy:3128", "http://*@proxy:3128"),
            ("http://token@proxy/", "http://*@proxy/"),
            ("http://u:p@ss@proxy/a@b", "http://*@proxy/a@b"),
            ("a http://u:p@x, https://v:q@y/z and ü", "a http://*@x, https://*@y/z and ü"),
            ("http://proxy:3128/?mail=a@b", "http://proxy:3128/?mail=a@b"),
            ("u:p@proxy", "u:p@proxy"),
            ("://", "://"),
            ("", ""),
        ] {
            assert_eq!(without_userinfo(text, "*"), want);
        }
    }
}
