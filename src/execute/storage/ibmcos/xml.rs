//! The XML of the S3 API.

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// An error's code and message; empty if it is none.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Error {
    pub(super) code: String,
    pub(super) message: String,
}

/// Buckets of a service instance (`GET /?extended`).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Buckets {
    pub(super) is_truncated: bool,
    pub(super) buckets: BucketList,
}

/// The buckets of an answer to ListBuckets.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct BucketList {
    pub(super) bucket: Vec<Listed>,
}

/// A bucket of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Listed {
    pub(super) name: String,
    /// Location and storage class, as `us-south-smart`.
    pub(super) location_constraint: String,
}

/// Objects and their versions (`GET /<bucket>?versions`).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Versions {
    #[serde(rename = "$value")]
    pub(super) entries: Vec<Entry>,
}

/// What is in such a list; versions and markers stand in the order of their keys.
#[derive(Debug, Deserialize)]
pub(super) enum Entry {
    /// A version with content, or a marker that hides older ones.
    #[serde(alias = "DeleteMarker")]
    Version(Version),
    /// What the list says of itself.
    #[serde(other)]
    Other,
}

impl Versions {
    /// All of them.
    pub(super) fn all(self) -> Vec<Version> {
        let entries = self.entries.into_iter();
        entries.filter_map(|entry| if let Entry::Version(version) = entry { Some(version) } else { None }).collect()
    }
}

/// One version of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Version {
    pub(super) key: String,
    /// `null` of an object that was written without versioning.
    pub(super) version_id: String,
}

/// Uploads that have not been completed (`GET /<bucket>?uploads`).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Uploads {
    pub(super) upload: Vec<Upload>,
}

/// One of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Upload {
    pub(super) key: String,
    pub(super) upload_id: String,
}

/// What could not be deleted (`POST /<bucket>?delete`).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Deleted {
    pub(super) error: Vec<Error>,
}

/// A document with the name of its element. Another one would be read as an empty list.
pub(super) trait Document: DeserializeOwned {
    /// The element's name.
    const ELEMENT: &str;
}

impl Document for Error {
    const ELEMENT: &str = "Error";
}

impl Document for Buckets {
    const ELEMENT: &str = "ListAllMyBucketsResult";
}

impl Document for Versions {
    const ELEMENT: &str = "ListVersionsResult";
}

impl Document for Uploads {
    const ELEMENT: &str = "ListMultipartUploadsResult";
}

impl Document for Deleted {
    const ELEMENT: &str = "DeleteResult";
}

/// Reads a document.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse<T: Document>(xml: &str) -> Result<T, String> {
    let xml = xml.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(xml);
    let found = loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(element) | Event::Empty(element) => {
                break element.local_name().as_ref() == T::ELEMENT;
            }
            Event::Eof => break false,
            _ => {}
        }
    };
    if !found {
        return Err(format!("it is no {}", T::ELEMENT));
    }
    quick_xml::de::from_str(xml).map_err(|error| error.to_string())
}

/// The error in a body.
pub(super) fn error(xml: &str) -> Error {
    parse(xml).unwrap_or_default()
}

/// The body that creates a bucket.
pub(super) fn create(location: &str) -> String {
    format!(
        "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>{}-smart\
         </LocationConstraint></CreateBucketConfiguration>",
        escape(location)
    )
}

/// The body that deletes versions. Control characters are written as references, or parsers would change them.
pub(super) fn delete(versions: &[Version]) -> String {
    let mut body = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>".to_owned();
    for Version { key, version_id } in versions {
        body.push_str("<Object><Key>");
        for character in key.chars() {
            if character.is_control() {
                body.push_str(&format!("&#{};", u32::from(character)));
            } else {
                body.push_str(&escape(character.to_string()));
            }
        }
        body.push_str("</Key>");
        if !version_id.is_empty() {
            body.push_str(&format!("<VersionId>{}</VersionId>", escape(version_id)));
        }
        body.push_str("</Object>");
    }
    body.push_str("</Delete>");
    body
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Buckets, Deleted, Listed, Uploads, Version, Versions, delete, error, parse};

    #[test]
    fn lists_are_read() {
        let buckets: Buckets = parse(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListAllMyBucketsResult><Owner><ID>a</ID></Owner>\
             <IsTruncated>true</IsTruncated><MaxKeys>2</MaxKeys><Buckets><Bucket><Name>b</Name>\
             <CreationDate>2020-01-01T00:00:00Z</CreationDate><LocationConstraint>us-south-smart</LocationConstraint>\
             </Bucket><Bucket><Name>c</Name></Bucket></Buckets></ListAllMyBucketsResult>",
        )
        .unwrap();
        assert!(buckets.is_truncated);
        let b = Listed { name: "b".to_owned(), location_constraint: "us-south-smart".to_owned() };
        assert_eq!((buckets.buckets.bucket.len(), &buckets.buckets.bucket[0]), (2, &b));
        let versions: Versions = parse(
            "<ListVersionsResult><Name>b</Name><Version><Key>a</Key><VersionId>null</VersionId><IsLatest>true</IsLatest>\
             </Version><DeleteMarker><Key>a</Key><VersionId>2</VersionId></DeleteMarker><Version><Key> b&amp;c</Key>\
             <VersionId>3</VersionId></Version></ListVersionsResult>",
        )
        .unwrap();
        let versions: Vec<(String, String)> =
            versions.all().into_iter().map(|version| (version.key, version.version_id)).collect();
        let version = |key: &str, id: &str| (key.to_owned(), id.to_owned());
        assert_eq!(versions, [version("a", "null"), version("a", "2"), version(" b&c", "3")]);
        let uploads: Uploads = parse("<ListMultipartUploadsResult><Upload><Key>k</Key><UploadId>u</UploadId></Upload></ListMultipartUploadsResult>").unwrap();
        assert_eq!((uploads.upload[0].key.as_str(), uploads.upload[0].upload_id.as_str()), ("k", "u"));
        let deleted: Deleted = parse("<DeleteResult><Error><Code>AccessDenied</Code></Error></DeleteResult>").unwrap();
        assert_eq!(deleted.error[0].code, "AccessDenied");
        assert_eq!(error("<html>").code, "");
        for other in ["", "ok", "<html></html>", "<!-- --><ListBucketResult/>", "<ListAllMyBucketsResult>"] {
            assert!(parse::<Buckets>(other).is_err(), "{other}");
        }
        assert!(parse::<Deleted>("<?xml version=\"1.0\"?><DeleteResult xmlns=\"x\"/>").is_ok());
    }

    #[test]
    fn keys_survive() {
        let version = |key: &str| Version { key: key.to_owned(), version_id: String::new() };
        let body = delete(&[version("a<&>\u{1}b")]);
        assert!(body.contains("<Key>a&lt;&amp;&gt;&#1;b</Key></Object>"), "{body}");
    }
}
