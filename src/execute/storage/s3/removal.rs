//! Emptying a bucket a page at a time, and deleting it.

use super::answers::{Refusal, escape};
use super::objects::{Item, Upload, items, left, uploads};
use super::presence::LIST;
use super::service::{Call, Service};
use super::setting::is_unknown;
use crate::execute::storage::driver::Removal;
use crate::execute::storage::trouble::{Trouble, quoted};
use http::Method;

/// So many uploads are aborted in a step, one by one.
const UPLOADS: &str = "100";
/// So many objects that could not be deleted are named.
const NAMED: usize = 3;

/// What is in the bucket, as far as it can be listed.
struct Found {
    items: Vec<Item>,
    /// Whether there may be versions that were not listed.
    hides_versions: bool,
}

/// Deletes a page of what is in the bucket; the bucket, if nothing is.
pub(super) async fn step(service: &Service) -> Result<Removal, Trouble> {
    let Some(Found { items, hides_versions }) = list(service).await? else { return Ok(Removal::Done) };
    if !items.is_empty() {
        delete(service, &items).await?;
        return Ok(going(service, &format!("{} objects", items.len())));
    }
    let uploads = pending(service).await?;
    if !uploads.is_empty() {
        for upload in &uploads {
            abort(service, upload).await?;
        }
        return Ok(going(service, &format!("{} unfinished uploads", uploads.len())));
    }
    delete_bucket(service, hides_versions).await
}

fn going(service: &Service, removed: &str) -> Removal {
    Removal::Going(format!("{} is removed: {removed} deleted last", service.words.bucket))
}

/// A page of all versions; of the current ones where others cannot be listed; none if there is no such bucket.
async fn list(service: &Service) -> Result<Option<Found>, Trouble> {
    let what = "its objects cannot be listed";
    let query = [("encoding-type", "url"), ("max-keys", "1000"), ("versions", "")];
    let versions = Call::new(Method::GET, &query, what, "s3:ListBucketVersions");
    let refusal = match service.send(&versions).await? {
        Ok(answer) => {
            let items = items(&answer).map_err(|why| unreadable(service, &versions, &why))?;
            return Ok(Some(Found { items, hides_versions: false }));
        }
        Err(refusal) => refusal,
    };
    if refusal.is(&["NoSuchBucket"]) {
        return Ok(None);
    }
    // Minted credentials may list and delete objects, but no versions.
    if !refusal.is(&["AccessDenied"]) && !is_unknown(&refusal, service.is_custom) {
        return Err(service.trouble(&versions, &refusal));
    }
    let query = [("encoding-type", "url"), ("list-type", "2"), ("max-keys", "1000")];
    let current = Call::new(Method::GET, &query, what, LIST);
    match service.send(&current).await? {
        Ok(answer) => {
            let items = items(&answer).map_err(|why| unreadable(service, &current, &why))?;
            Ok(Some(Found { items, hides_versions: true }))
        }
        Err(refusal) if refusal.is(&["NoSuchBucket"]) => Ok(None),
        Err(refusal) => Err(service.trouble(&current, &refusal)),
    }
}

/// DeleteObjects, which takes up to a thousand.
async fn delete(service: &Service, items: &[Item]) -> Result<(), Trouble> {
    let permission =
        if items.iter().any(|item| item.version.is_some()) { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
    let call = Call::new(Method::POST, &[("delete", "")], "its objects cannot be deleted", permission);
    let call = call.with(document(items));
    let answer = match service.send(&call).await? {
        Ok(answer) => answer,
        Err(refusal) if refusal.is(&["NoSuchBucket"]) => return Ok(()),
        Err(refusal) => return Err(service.trouble(&call, &refusal)),
    };
    let left = left(&answer).map_err(|why| unreadable(service, &call, &why))?;
    let Some(first) = left.first() else { return Ok(()) };
    let named = left.iter().take(NAMED).map(|left| format!("{} ({})", quoted(&left.key), quoted(&left.code)));
    let named = named.collect::<Vec<_>>().join(", ");
    let (bucket, many) = (&service.words.bucket, left.len());
    let message = format!(
        "{bucket}: {many} of its objects cannot be deleted: {named}; grant {permission}, or lift locks and legal holds, \
         or delete them by hand"
    );
    Err(Trouble::new(&first.code, message))
}

fn document(items: &[Item]) -> String {
    let object = |item: &Item| {
        let version = item.version.as_ref().map(|version| format!("<VersionId>{}</VersionId>", escape(version)));
        format!("<Object><Key>{}</Key>{}</Object>", escape(&item.key), version.unwrap_or_default())
    };
    let objects: String = items.iter().map(object).collect();
    format!("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{objects}<Quiet>true</Quiet></Delete>")
}

/// A page of the uploads that were never completed. Where they cannot be listed, none is known.
async fn pending(service: &Service) -> Result<Vec<Upload>, Trouble> {
    let query = [("encoding-type", "url"), ("max-uploads", UPLOADS), ("uploads", "")];
    let what = "its unfinished uploads cannot be listed";
    let call = Call::new(Method::GET, &query, what, "s3:ListBucketMultipartUploads");
    match service.send(&call).await? {
        Ok(answer) => uploads(&answer).map_err(|why| unreadable(service, &call, &why)),
        Err(refusal) if refusal.is(&["AccessDenied", "NoSuchBucket"]) || is_unknown(&refusal, service.is_custom) => {
            Ok(Vec::new())
        }
        Err(refusal) => Err(service.trouble(&call, &refusal)),
    }
}

async fn abort(service: &Service, upload: &Upload) -> Result<(), Trouble> {
    let what = "an unfinished upload cannot be aborted";
    let call = Call::new(Method::DELETE, &[("uploadId", &upload.id)], what, "s3:AbortMultipartUpload");
    let call = Call { key: &upload.key, ..call };
    match service.send(&call).await? {
        Err(refusal) if refusal.is(&["NoSuchUpload", "NoSuchBucket"]) => Ok(()),
        answer => answer.map(drop).map_err(|refusal| service.trouble(&call, &refusal)),
    }
}

/// DeleteBucket. Somebody may have stored something since it was listed.
async fn delete_bucket(service: &Service, hides_versions: bool) -> Result<Removal, Trouble> {
    let call = Call::new(Method::DELETE, &[], "it cannot be deleted", "s3:DeleteBucket");
    let refusal = match service.send(&call).await? {
        Ok(_) => return Ok(Removal::Done),
        Err(refusal) => refusal,
    };
    match refusal {
        Refusal { .. } if refusal.is(&["NoSuchBucket"]) => Ok(Removal::Done),
        Refusal { .. } if refusal.is(&["BucketNotEmpty"]) && hides_versions => {
            let bucket = &service.words.bucket;
            let message = format!(
                "{bucket}: it holds versions of objects that these credentials may not list; grant \
                 s3:ListBucketVersions and s3:DeleteObjectVersion, or delete it by hand"
            );
            Err(Trouble::new("BucketNotEmpty", message))
        }
        Refusal { .. } if refusal.is(&["BucketNotEmpty"]) => Ok(going(service, "no object was left, and more came;")),
        _ => Err(service.trouble(&call, &refusal)),
    }
}

fn unreadable(service: &Service, call: &Call<'_>, why: &str) -> Trouble {
    let (bucket, what) = (&service.words.bucket, call.what);
    Trouble::new("AnswerUnreadable", format!("{bucket}: {what}: the answer is not understood: {why}"))
}

#[cfg(test)]
mod tests {
    use super::{Item, document};

    #[test]
    fn versions_are_named_where_they_are_known() {
        let item = |key: &str, version: Option<&str>| Item { key: key.to_owned(), version: version.map(str::to_owned) };
        let document = document(&[item("a&b", Some("1")), item("c", None)]);
        assert!(document.contains(
            "<Object><Key>a&amp;b</Key><VersionId>1</VersionId></Object><Object><Key>c</Key></Object><Quiet>true"
        ));
    }
}
