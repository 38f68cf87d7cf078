//! The answer to List Blobs.

use serde::Deserialize;

/// A page of the listing.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) blobs: Vec<Blob>,
    /// Where the next page begins; none after the last one.
    pub(super) next: Option<String>,
}

/// A blob as it was when it was listed.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Blob {
    pub(super) name: String,
    pub(super) properties: Listed,
}

/// What the listing tells of a blob.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(super) struct Listed {
    #[serde(rename = "Content-Length")]
    pub(super) length: u64,
    /// Without quotes, unlike in a header.
    #[serde(rename = "Etag")]
    pub(super) etag: String,
}

/// Reads the XML of a page.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(xml: &str) -> Result<Page, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Results {
        #[serde(default)]
        blobs: Blobs,
        #[serde(default)]
        next_marker: String,
    }
    #[derive(Default, Deserialize)]
    struct Blobs {
        #[serde(rename = "Blob", default)]
        blobs: Vec<Blob>,
    }
    let results: Results = quick_xml::de::from_str(xml.trim_start_matches('\u{feff}')).map_err(|e| e.to_string())?;
    let next = Some(results.next_marker).filter(|marker| !marker.is_empty());
    Ok(Page { blobs: results.blobs.blobs, next })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::parse;

    #[test]
    fn names_and_the_next_marker_are_read() {
        let xml = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"https://a/\" \
            ContainerName=\"c\"><Prefix>docker/</Prefix><Blobs><Blob><Name>docker/a&amp;b</Name><Properties>\
            <Etag>0x1</Etag><Content-Length>3</Content-Length><Content-MD5 /></Properties><Metadata/></Blob><Blob>\
            <Name>docker/c</Name><Properties><Etag>0x2</Etag><Content-Length>0</Content-Length></Properties></Blob>\
            </Blobs><NextMarker>2!8!x=</NextMarker></EnumerationResults>";
        let page = parse(xml).unwrap();
        let seen: Vec<_> = page.blobs.iter().map(|blob| (blob.name.as_str(), blob.properties.length)).collect();
        assert_eq!(seen, [("docker/a&b", 3), ("docker/c", 0)]);
        assert_eq!(page.next.as_deref(), Some("2!8!x="));
    }

    #[test]
    fn an_empty_page_is_the_last() {
        let page = parse("<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>").unwrap();
        assert!(page.blobs.is_empty() && page.next.is_none());
    }
}
