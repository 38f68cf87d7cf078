//! Looking at a bucket, and creating it.

use super::answers::Refusal;
use super::service::{Call, Service};
use super::tags;
use crate::execute::storage::driver::{Mark, Seen};
use crate::execute::storage::trouble::Trouble;
use http::Method;

const LOOK: &str = "it cannot be looked at";
/// The permission to list objects, which HeadBucket takes as well.
pub(super) const LIST: &str = "s3:ListBucket";
/// Requests to it need no constraint, and it refuses one of its own name.
const FIRST_REGION: &str = "us-east-1";

/// HeadBucket; and if that is refused, ListObjectsV2 for no object, since only that tells why.
pub(super) async fn look(service: &Service) -> Result<Seen, Trouble> {
    let head = Call::new(Method::HEAD, &[], LOOK, LIST);
    let refusal = match service.send(&head).await? {
        Ok(_) => return Ok(Seen::Found),
        Err(refusal) => refusal,
    };
    match refusal.status {
        404 => return Ok(Seen::Missing),
        _ if is_elsewhere(service, &refusal) => return Err(service.words.wrong_region(&refusal.region)),
        400 | 401 | 403 => {}
        _ => return Err(service.trouble(&head, &refusal)),
    }
    let list = Call::new(Method::GET, &[("list-type", "2"), ("max-keys", "0")], LOOK, LIST);
    match service.send(&list).await? {
        Ok(_) => Ok(Seen::Found),
        Err(refusal) if refusal.is(&["NoSuchBucket"]) => Ok(Seen::Missing),
        Err(refusal) => Err(service.trouble(&list, &refusal)),
    }
}

/// Stores other than AWS may name regions as they like.
fn is_elsewhere(service: &Service, refusal: &Refusal) -> bool {
    !service.is_custom && !refusal.region.is_empty() && refusal.region != service.region
}

/// CreateBucket. One that is this account's already is taken over, unless it is another cluster's.
pub(super) async fn create(service: &Service, cluster_tag: &str) -> Result<(), Trouble> {
    let plain = Call::new(Method::PUT, &[], "it cannot be created", "s3:CreateBucket");
    let region = &service.region;
    let constraint = if region == FIRST_REGION { String::new() } else { constraint(region) };
    let call = plain.clone().with(constraint);
    let mut created = service.send(&call).await?;
    if let Err(refusal) = &created
        && service.is_custom
        && !call.body.is_empty()
        && refusal.is(&["InvalidLocationConstraint", "MalformedXML"])
    {
        created = service.send(&plain).await?;
    }
    let Err(refusal) = created else { return Ok(()) };
    if !refusal.is(&["BucketAlreadyOwnedByYou"]) {
        return Err(service.trouble(&plain, &refusal));
    }
    match tags::mark(service, cluster_tag).await? {
        Mark::Others(_) => {
            let taken = Refusal { code: "BucketAlreadyExists".to_owned(), ..refusal };
            Err(service.trouble(&plain, &taken))
        }
        Mark::Ours | Mark::None | Mark::Unsupported => Ok(()),
    }
}

fn constraint(region: &str) -> String {
    let region = super::answers::escape(region);
    format!(
        "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
    )
}
