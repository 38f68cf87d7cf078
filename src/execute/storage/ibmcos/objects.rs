//! The bucket at the S3 API of Object Storage
//! (<https://cloud.ibm.com/docs/cloud-object-storage?topic=cloud-object-storage-compatibility-api-bucket-operations>).

use super::Bucket;
use super::cloud::Call;
use super::instance::Instance;
use super::refusal::Refusal;
use super::step::{self, Step};
use super::xml::{self, Buckets, Document, Listed};
use crate::execute::storage::trouble::Trouble;
use crate::net::{Answer, pairs};
use http::Method;

/// The header that says of which service instance buckets are.
const INSTANCE: &str = "ibm-service-instance-id";
/// A service instance holds no more than a few pages of buckets.
const MOST_PAGES: usize = 100;

impl Bucket {
    /// Head Bucket; none if it is there.
    pub(super) async fn head(&self) -> Result<Option<Refusal>, Trouble> {
        let answer = self.cloud.ask(&Call::new(Method::HEAD, self.url(), &step::LOOK)).await?;
        Ok((!answer.status.is_success()).then(|| Refusal::of(&answer)))
    }

    /// Creates the bucket in the service instance. One that is there already in it is as good.
    pub(super) async fn put(&self, instance: &Instance) -> Result<(), Trouble> {
        let call = Call::new(Method::PUT, self.url(), &step::CREATE)
            .header(INSTANCE, &instance.crn)
            .body(xml::create(&self.medium.location));
        let answer = self.cloud.ask(&call).await?;
        if answer.status.as_u16() != 409 {
            return self.cloud.done(&answer, &step::CREATE);
        }
        let Some(found) = self.listed(instance).await? else { return Err(self.cloud.words.taken()) };
        let (location, place) = (&self.medium.location, &found.location_constraint);
        if place.is_empty() || place.starts_with(&format!("{location}-")) {
            return Ok(());
        }
        let matter = format!(
            "it exists in {place:?}; set spec.storage.ibmcos.location of Config/cluster to its location, or choose \
             another spec.storage.ibmcos.bucket"
        );
        Err(self.cloud.words.trouble("WrongLocation", &matter))
    }

    /// The bucket in the list of the service instance's; none if it is not in it.
    pub(super) async fn listed(&self, instance: &Instance) -> Result<Option<Listed>, Trouble> {
        let buckets = self.buckets(instance).await?;
        Ok(buckets.into_iter().find(|bucket| bucket.name == self.medium.bucket))
    }

    /// The buckets of a service instance, wherever they are.
    pub(super) async fn buckets(&self, instance: &Instance) -> Result<Vec<Listed>, Trouble> {
        let step = &step::LIST_BUCKETS;
        let mut found: Vec<Listed> = Vec::new();
        for _ in 0..MOST_PAGES {
            let marker = found.last().map(|last| pairs(&[("marker", &last.name)]));
            let marker = marker.map(|marker| format!("&{marker}")).unwrap_or_default();
            let url = format!("{}/?extended{marker}", self.endpoint());
            let answer = self.cloud.ask(&Call::new(Method::GET, url, step).header(INSTANCE, &instance.crn)).await?;
            self.cloud.done(&answer, step)?;
            let page: Buckets = self.parsed(&answer, step)?;
            let is_last = !page.is_truncated || page.buckets.bucket.is_empty();
            found.extend(page.buckets.bucket);
            if is_last {
                return Ok(found);
            }
        }
        Err(self.cloud.words.unreadable(step.what, "the list does not come to an end"))
    }

    /// The document of an answer.
    pub(super) fn parsed<T: Document>(&self, answer: &Answer, step: &Step) -> Result<T, Trouble> {
        xml::parse(&answer.text())
            .map_err(|_| self.cloud.words.unreadable(step.what, "the answer of Object Storage cannot be read"))
    }

    /// The bucket's URL.
    pub(super) fn url(&self) -> String {
        format!("{}/{}", self.endpoint(), self.medium.bucket)
    }

    fn endpoint(&self) -> String {
        let endpoint = self.medium.endpoint.trim_end_matches('/');
        if endpoint.contains("://") { endpoint.to_owned() } else { format!("https://{endpoint}") }
    }
}
