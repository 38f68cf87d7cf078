//! How many tags the cluster's image streams have, for one metric. Counted once an hour, in pages, and not kept.

use super::metrics::ImageStreamTags;
use crate::execute::request::{Api, Error};
use serde::Deserialize;

/// Image streams in one page.
const PAGE: usize = 50;

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    metadata: PageMetadata,
    #[serde(default)]
    items: Vec<ImageStream>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PageMetadata {
    #[serde(rename = "continue")]
    next: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ImageStream {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    namespace: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    tags: Vec<SpecTag>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SpecTag {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    tags: Vec<StatusTag>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StatusTag {
    tag: String,
}

/// Counts the tags of all image streams.
///
/// # Errors
/// The API server's; that image streams are not served is one.
pub async fn count(api: &Api) -> Result<ImageStreamTags, Error> {
    let mut tags = ImageStreamTags::default();
    let mut next = String::new();
    loop {
        let url = format!("/apis/image.openshift.io/v1/imagestreams?limit={PAGE}&continue={next}");
        let page: Page = api.read(&url).await?;
        page.items.iter().for_each(|stream| add(&mut tags, stream));
        if page.metadata.next.is_empty() {
            return Ok(tags);
        }
        next = page.metadata.next;
    }
}

fn add(tags: &mut ImageStreamTags, stream: &ImageStream) {
    let is_openshifts = stream.metadata.namespace.starts_with("openshift");
    for tag in &stream.status.tags {
        let imported = stream.spec.tags.iter().any(|wanted| wanted.name == tag.tag);
        *match (imported, is_openshifts) {
            (true, true) => &mut tags.imported_openshift,
            (true, false) => &mut tags.imported_other,
            (false, true) => &mut tags.pushed_openshift,
            (false, false) => &mut tags.pushed_other,
        } += 1;
    }
}
