//! AWS's shared-credentials files, as far as they are rendered, minted or written by users: profiles of `key = value`.

use std::collections::BTreeMap;

/// The profile that counts.
const PROFILE: &str = "default";

/// Reads the profile `default`.
///
/// # Errors
/// A line that is none of an ini file, or no such profile. No value is quoted.
pub(super) fn default_profile(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut profile = None;
    let mut found: Option<BTreeMap<String, String>> = None;
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = index + 1;
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = trimmed.strip_prefix('[') {
            let name = rest.split_once(']').ok_or_else(|| format!("line {number}: a ] is missing"))?.0.trim();
            let name = name.strip_prefix("profile ").unwrap_or(name).trim();
            profile = Some(name.to_owned());
            if name == PROFILE {
                found.get_or_insert_default();
            }
            continue;
        }
        // An indented line belongs to the value above it, as settings of a service do; none of them counts here.
        if line.starts_with([' ', '\t']) && profile.is_some() && !trimmed.contains('=') {
            continue;
        }
        let (key, value) = trimmed.split_once('=').ok_or_else(|| format!("line {number} is not `key = value`"))?;
        let profile = profile.as_ref().ok_or_else(|| format!("line {number} comes before any [profile]"))?;
        if profile == PROFILE {
            found.get_or_insert_default().insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    found.ok_or_else(|| format!("there is no profile [{PROFILE}]"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::default_profile;

    #[test]
    fn the_default_profile_counts() {
        let text = "\u{feff}# minted\n[other]\naws_access_key_id = wrong\n\n[default]\r\naws_access_key_id=AKIA\n\
                    ; secret\n aws_secret_access_key = a=b/c+d \n[third]\naws_secret_access_key = wrong\n";
        let profile = default_profile(text).unwrap();
        assert_eq!(profile.len(), 2);
        assert_eq!(profile["aws_access_key_id"], "AKIA");
        assert_eq!(profile["aws_secret_access_key"], "a=b/c+d");
        assert_eq!(default_profile("[profile default]\nregion = r").unwrap()["region"], "r");
    }

    #[test]
    fn what_is_wrong_is_told_without_values() {
        for (text, error) in [
            ("", "there is no profile [default]"),
            ("[work]\na = hunter2", "there is no profile [default]"),
            ("a = hunter2", "line 1 comes before any [profile]"),
            ("[default]\nhunter2", "line 2 is not `key = value`"),
            ("[default", "line 1: a ] is missing"),
        ] {
            assert_eq!(default_profile(text).unwrap_err(), error);
        }
    }
}
