//! What is in a bucket: objects with their versions, and uploads that were never completed.

use super::answers::parse;
use crate::net::{Answer, decode};
use serde::Deserialize;

/// An object, or one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) key: String,
    /// None where the listing tells of no versions.
    pub(super) version: Option<String>,
}

/// An upload that was never completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Upload {
    pub(super) key: String,
    pub(super) id: String,
}

/// What could not be deleted.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Left {
    pub(super) key: String,
    pub(super) code: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Entry {
    key: String,
    version_id: Option<String>,
    upload_id: String,
}

/// The elements of a listing, whose kinds may alternate.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Listing {
    #[serde(rename = "$value")]
    elements: Vec<Element>,
}

#[derive(Deserialize)]
enum Element {
    EncodingType(String),
    Version(Entry),
    DeleteMarker(Entry),
    Contents(Entry),
    Upload(Entry),
    #[serde(other)]
    Other,
}

impl Listing {
    /// Some services do not encode although they are asked to.
    fn decoded(&self, key: &str) -> String {
        let is_url = |element: &Element| matches!(element, Element::EncodingType(kind) if kind == "url");
        if self.elements.iter().any(is_url) { decode(key) } else { key.to_owned() }
    }
}

/// Reads a page of ListObjectVersions or ListObjectsV2.
///
/// # Errors
/// What is wrong with it.
pub(super) fn items(answer: &Answer) -> Result<Vec<Item>, String> {
    let listing: Listing = parse(answer)?;
    let entries = listing.elements.iter().filter_map(|element| match element {
        Element::Version(entry) | Element::DeleteMarker(entry) | Element::Contents(entry) => Some(entry),
        Element::EncodingType(_) | Element::Upload(_) | Element::Other => None,
    });
    let item = |entry: &Entry| Item { key: listing.decoded(&entry.key), version: entry.version_id.clone() };
    Ok(entries.map(item).collect())
}

/// Reads a page of ListMultipartUploads.
///
/// # Errors
/// What is wrong with it.
pub(super) fn uploads(answer: &Answer) -> Result<Vec<Upload>, String> {
    let listing: Listing = parse(answer)?;
    let uploads = listing.elements.iter().filter_map(|element| match element {
        Element::Upload(entry) => Some(entry),
        _ => None,
    });
    let upload = |entry: &Entry| Upload { key: listing.decoded(&entry.key), id: entry.upload_id.clone() };
    Ok(uploads.map(upload).collect())
}

/// Reads what DeleteObjects could not delete. What is gone already is no failure.
///
/// # Errors
/// What is wrong with it.
pub(super) fn left(answer: &Answer) -> Result<Vec<Left>, String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Outcome {
        #[serde(rename = "Error")]
        errors: Vec<Left>,
    }
    let outcome: Outcome = if answer.body.is_empty() { Outcome::default() } else { parse(answer)? };
    let is_left = |left: &Left| !matches!(left.code.as_str(), "NoSuchKey" | "NoSuchVersion");
    Ok(outcome.errors.into_iter().filter(is_left).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Item, Left, Upload, items, left, uploads};
    use crate::net::Answer;
    use http::{HeaderMap, StatusCode};

    fn answer(body: &'static str) -> Answer {
        Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: body.into() }
    }

    #[test]
    fn versions_and_markers_may_come_in_any_order() {
        let listing = answer(
            "<?xml version=\"1.0\"?><ListVersionsResult><EncodingType>url</EncodingType>\
             <DeleteMarker><Key>a+%2B%2Fb</Key><VersionId>1</VersionId></DeleteMarker>\
             <Version><Key>c</Key><VersionId>null</VersionId></Version>\
             <CommonPrefixes><Prefix>x</Prefix><Prefix/></CommonPrefixes><Prefix/>\
             <DeleteMarker><Owner><ID>o</ID></Owner><Key>d%0A</Key><VersionId>2</VersionId></DeleteMarker><IsTruncated>true</IsTruncated>\
             </ListVersionsResult>",
        );
        let mut found: Vec<(String, Option<String>)> =
            items(&listing).unwrap().into_iter().map(|Item { key, version }| (key, version)).collect();
        found.sort();
        let some = |version: &str| Some(version.to_owned());
        assert_eq!(
            found,
            [("a +/b".to_owned(), some("1")), ("c".to_owned(), some("null")), ("d\n".to_owned(), some("2"))]
        );
    }

    #[test]
    fn keys_are_taken_as_they_are_where_they_are_not_encoded() {
        let listing = answer("<ListBucketResult><Contents><Key>a+%2B &amp;</Key></Contents></ListBucketResult>");
        assert_eq!(items(&listing).unwrap(), [Item { key: "a+%2B &".to_owned(), version: None }]);
        assert!(items(&answer("<ListBucketResult/>")).unwrap().is_empty());
        let pending = answer(
            "<ListMultipartUploadsResult><Upload><Key>k</Key><UploadId>u</UploadId></Upload>\
             </ListMultipartUploadsResult>",
        );
        assert_eq!(uploads(&pending).unwrap(), [Upload { key: "k".to_owned(), id: "u".to_owned() }]);
    }

    #[test]
    fn what_is_gone_already_is_deleted() {
        let outcome = answer(
            "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code></Error>\
             <Error><Key>b</Key><Code>NoSuchVersion</Code></Error></DeleteResult>",
        );
        assert_eq!(left(&outcome).unwrap(), [Left { key: "a".to_owned(), code: "AccessDenied".to_owned() }]);
        assert!(left(&answer("<DeleteResult/>")).unwrap().is_empty() && left(&answer("")).unwrap().is_empty());
    }
}
