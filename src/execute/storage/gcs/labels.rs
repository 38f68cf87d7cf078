//! Labels of buckets (<https://cloud.google.com/storage/docs/tags-and-labels#bucket-labels>), and whose mark is among
//! them.

use crate::execute::storage::driver::Mark;
use crate::render::storage::action::Tag;
use std::collections::BTreeMap;

const CLUSTER: &str = "kubernetes-io-cluster-";
const OWNED: &str = "owned";
/// The most that a bucket can have.
const MOST: usize = 64;
/// The longest key or value, in characters and in bytes.
const LONGEST: (usize, usize) = (63, 128);

/// The labels that a bucket can have, and the keys of the others.
pub(super) fn usable(wanted: &[Tag]) -> (BTreeMap<&str, &str>, Vec<&str>) {
    let mut usable = BTreeMap::new();
    let mut others = Vec::new();
    for Tag { key, value } in wanted {
        let starts = key.starts_with(|first: char| first.is_alphabetic());
        if starts && is_usable(key) && is_usable(value) && usable.len() < MOST {
            usable.insert(key.as_str(), value.as_str());
        } else {
            others.push(key.as_str());
        }
    }
    (usable, others)
}

/// Letters of any script but no capitals, digits, underscores and hyphens.
fn is_usable(text: &str) -> bool {
    let (characters, bytes) = LONGEST;
    let is_one = |letter: char| (letter.is_alphanumeric() && !letter.is_uppercase()) || matches!(letter, '_' | '-');
    text.chars().all(is_one) && text.chars().count() <= characters && text.len() <= bytes
}

/// Those that a bucket lacks or has with another value.
pub(super) fn missing<'a>(
    wanted: &BTreeMap<&'a str, &'a str>,
    found: &BTreeMap<String, String>,
) -> BTreeMap<&'a str, &'a str> {
    let is_missing = |key: &str, value: &str| found.get(key).is_none_or(|found| found != value);
    wanted.iter().filter(|(key, value)| is_missing(key, value)).map(|(key, value)| (*key, *value)).collect()
}

/// Whose mark it is that a bucket bears.
pub(super) fn mark(wanted: &[Tag], found: &BTreeMap<String, String>) -> Mark {
    let owners = found.iter().filter(|(_, value)| *value == OWNED).filter_map(|(key, _)| key.strip_prefix(CLUSTER));
    let owners: Vec<&str> = owners.filter(|owner| !owner.is_empty()).collect();
    let ours = wanted.iter().find_map(|label| label.key.strip_prefix(CLUSTER)).unwrap_or_default();
    match owners.first() {
        _ if owners.contains(&ours) => Mark::Ours,
        Some(other) => Mark::Others((*other).to_owned()),
        None => Mark::None,
    }
}

#[cfg(test)]
mod tests {
    use super::{mark, missing, usable};
    use crate::execute::storage::driver::Mark;
    use crate::render::storage::action::Tag;
    use std::collections::BTreeMap;

    fn found(labels: &[(&str, &str)]) -> BTreeMap<String, String> {
        labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn only_what_google_accepts_is_set() {
        let wanted = [
            Tag::new("kubernetes-io-cluster-demo", "owned"),
            Tag::new("größe", "m_1"),
            Tag::new("Team", "a"),
            Tag::new("team", "A"),
            Tag::new("1st", "a"),
            Tag::new("x".repeat(64), "a"),
            Tag::new("team", "a.b"),
        ];
        let (usable, others) = usable(&wanted);
        assert_eq!(usable.into_keys().collect::<Vec<_>>(), ["größe", "kubernetes-io-cluster-demo"]);
        assert_eq!(others.len(), 5);
        let many: Vec<Tag> = (0..70).map(|n| Tag::new(format!("key-{n}"), "")).collect();
        assert_eq!(super::usable(&many).0.len(), 64);
    }

    #[test]
    fn what_others_set_stays() {
        let wanted = BTreeMap::from([("a", "1"), ("b", "2"), ("c", "3")]);
        assert_eq!(missing(&wanted, &found(&[("a", "1"), ("b", "0"), ("z", "9")])), [("b", "2"), ("c", "3")].into());
    }

    #[test]
    fn a_mark_is_an_owned_label_of_a_cluster() {
        let wanted = [Tag::new("kubernetes-io-cluster-demo", "owned"), Tag::new("team", "a")];
        let of = |labels: &[(&str, &str)]| mark(&wanted, &found(labels));
        assert_eq!(of(&[("team", "a")]), Mark::None);
        assert_eq!(of(&[("kubernetes-io-cluster-demo", "owned")]), Mark::Ours);
        assert_eq!(of(&[("kubernetes-io-cluster-a", "owned"), ("kubernetes-io-cluster-demo", "owned")]), Mark::Ours);
        assert_eq!(of(&[("kubernetes-io-cluster-a", "owned")]), Mark::Others("a".to_owned()));
        assert_eq!(of(&[("kubernetes-io-cluster-a", "shared")]), Mark::None);
        let nobodys = [Tag::new("kubernetes-io-cluster-", "owned")];
        assert_eq!(mark(&nobodys, &found(&[("kubernetes-io-cluster-", "owned")])), Mark::None);
    }
}
