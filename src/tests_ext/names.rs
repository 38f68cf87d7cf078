//! Names that do not exist.

use crate::api::nearest::LONGEST;

/// What to write instead of a name: the only one that holds it, else the nearest, if one is near, or where they are told.
pub(crate) fn hint(name: &str, known: &[&str]) -> String {
    let distance = |known: &&&str| strsim::damerau_levenshtein(&name.to_lowercase(), &known.to_lowercase());
    let within: Vec<&&str> = known.iter().filter(|known| known.contains(name)).collect();
    if let [only] = within[..] {
        return format!("did you mean {only:?}?");
    }
    match known.iter().filter(|_| name.len() <= LONGEST).min_by_key(distance) {
        Some(nearest) if distance(&nearest) * 3 <= nearest.len().max(name.len()) => {
            format!("did you mean {nearest:?}?")
        }
        _ => "`list suites` and `list tests -o names` tell which there are".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn the_nearest_is_told_if_it_is_near() {
        assert_eq!(hint("Serail", &["parallel", "serial"]), "did you mean \"serial\"?");
        assert_eq!(hint("ser", &["parallel", "serial"]), "did you mean \"serial\"?");
        assert!(hint("something else", &["parallel", "serial"]).starts_with("`list suites`"));
        assert!(hint("a", &[]).starts_with("`list suites`"));
        assert!(hint(&"serial".repeat(1_000_000), &["parallel", "serial"]).starts_with("`list suites`"));
    }
}
