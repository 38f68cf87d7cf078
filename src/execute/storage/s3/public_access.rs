//! Nobody gets at the images past the registry: all of Block Public Access.

use super::answers::parse;
use super::service::{Call, Service};
use super::setting::{Bad, Good, Subject, unreadable, write};
use http::Method;
use serde::Deserialize;

/// The setting as a condition.
pub(super) const SUBJECT: Subject =
    Subject { type_: "StoragePublicAccessBlocked", reason: "PublicAccessBlockSuccessful", name: "public access block" };

const BLOCK: &str = "<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
     <BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
     <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>\
     </PublicAccessBlockConfiguration>";

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Block {
    block_public_acls: bool,
    ignore_public_acls: bool,
    block_public_policy: bool,
    restrict_public_buckets: bool,
}

impl Block {
    fn is_complete(&self) -> bool {
        let Block { block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets } = self;
        *block_public_acls && *ignore_public_acls && *block_public_policy && *restrict_public_buckets
    }
}

/// Blocks public access unless it is blocked.
pub(super) async fn settle(service: &Service) -> Result<Good, Bad> {
    let read = Call::new(
        Method::GET,
        &[("publicAccessBlock", "")],
        "whether public access is blocked cannot be read",
        "s3:GetBucketPublicAccessBlock",
    );
    let block: Block = match service.send(&read).await? {
        Ok(answer) => parse(&answer).map_err(|why| unreadable(service, &read, &why))?,
        // Who may not read may write all the same.
        Err(refusal) if refusal.is(&["NoSuchPublicAccessBlockConfiguration", "AccessDenied"]) => Block::default(),
        Err(refusal) => return Err(Bad::of(service, &read, &refusal)),
    };
    let is_written = !block.is_complete();
    if is_written {
        let (what, permission) = ("public access cannot be blocked", "s3:PutBucketPublicAccessBlock");
        let call = Call::new(Method::PUT, &[("publicAccessBlock", "")], what, permission);
        write(service, &call.with(BLOCK.to_owned())).await?;
    }
    let message = "Public access to the S3 bucket and its contents have been successfully blocked.".to_owned();
    Ok(Good { message, is_written })
}
