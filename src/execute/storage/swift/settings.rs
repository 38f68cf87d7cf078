//! Metadata of a container: whose it is, and what it should say.

use super::super::driver::{Mark, Setting};
use super::super::trouble::Trouble;
use crate::inputs::Fact;
use crate::render::storage::action::Tag;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// The condition that tells of it; a container without the mark is not removed.
const TAGGED: &str = "StorageTagged";
/// The metadata by which the reference marks its containers.
const OWNER: &str = "Openshiftclusterid";

/// The header of a metadata item (Object Storage API, `X-Container-Meta-name`).
fn name(key: &str) -> String {
    format!("x-container-meta-{}", key.to_ascii_lowercase())
}

/// Swift has metadata in UTF-8, as they are.
fn value<'a>(seen: &'a HeaderMap, key: &str) -> Option<&'a str> {
    let value = seen.get(name(key).as_str())?;
    std::str::from_utf8(value.as_bytes()).ok().filter(|value| !value.is_empty())
}

/// Whose mark it bears.
pub(super) fn mark(seen: &HeaderMap, wanted: &[Tag]) -> Mark {
    let ours = wanted.iter().find(|tag| tag.key == OWNER).map(|tag| tag.value.as_str());
    match value(seen, OWNER) {
        None => Mark::None,
        owner if owner == ours => Mark::Ours,
        Some(owner) => Mark::Others(super::super::trouble::quoted(owner)),
    }
}

/// What it does not say. Another value stays: somebody has written it.
pub(super) fn missing(seen: &HeaderMap, wanted: &[Tag]) -> Vec<Tag> {
    wanted.iter().filter(|tag| value(seen, &tag.key).is_none()).cloned().collect()
}

/// The headers that write these.
///
/// # Errors
/// Metadata that no header can hold.
pub(super) fn headers(metadata: &[Tag]) -> Result<Vec<(HeaderName, HeaderValue)>, Trouble> {
    let header = |tag: &Tag| {
        Some((HeaderName::try_from(name(&tag.key)).ok()?, HeaderValue::from_bytes(tag.value.as_bytes()).ok()?))
    };
    metadata.iter().map(|tag| header(tag).ok_or_else(|| unusable(tag))).collect()
}

fn unusable(Tag { key, value }: &Tag) -> Trouble {
    let message =
        format!("Swift cannot keep the metadata {key}={value:?}; use other characters in the container's name");
    Trouble::new("InvalidMetadata", message)
}

/// Nothing had to be written.
pub(super) fn right() -> Setting {
    let fact = Fact::new(TAGGED, true, "TaggingSuccessful", "The Swift container has its metadata");
    Setting { fact, changed: None, again: false }
}

/// The metadata were written now.
pub(super) fn written() -> Setting {
    Setting { changed: Some("metadata"), ..right() }
}

/// They could not be written.
pub(super) fn failed(trouble: &Trouble, status: StatusCode) -> Setting {
    let fact = Fact::new(TAGGED, false, &trouble.reason, &trouble.message);
    Setting { fact, changed: None, again: !status.is_client_error() || status == StatusCode::TOO_MANY_REQUESTS }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::super::driver::Mark;
    use super::{headers, mark, missing};
    use crate::render::storage::action::Tag;
    use http::{HeaderMap, HeaderValue};

    fn wanted() -> Vec<Tag> {
        vec![Tag::new("Openshiftclusterid", "demo"), Tag::new("Name", "büro")]
    }

    #[test]
    fn what_is_written_is_read_as_ours() {
        let seen: HeaderMap = headers(&wanted()).unwrap().into_iter().collect();
        assert_eq!(seen.get("x-container-meta-name").unwrap().as_bytes(), "büro".as_bytes());
        assert_eq!(mark(&seen, &wanted()), Mark::Ours);
        assert_eq!(missing(&seen, &wanted()), []);
    }

    #[test]
    fn anothers_mark_and_none_are_told_apart_and_stay() {
        let mut seen = HeaderMap::new();
        assert_eq!(mark(&seen, &wanted()), Mark::None);
        assert_eq!(missing(&seen, &wanted()), wanted());
        seen.insert("x-container-meta-openshiftclusterid", HeaderValue::from_static("other"));
        assert_eq!(mark(&seen, &wanted()), Mark::Others("other".to_owned()));
        assert_eq!(missing(&seen, &wanted()), wanted()[1..]);
    }

    #[test]
    fn a_line_break_is_no_metadata() {
        let trouble = headers(&[Tag::new("Name", "a\nb")]).unwrap_err();
        assert!(trouble.message.contains("\"a\\nb\""), "{trouble}");
    }
}
