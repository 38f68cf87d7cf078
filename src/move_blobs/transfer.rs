//! One blob: copied, confirmed, deleted.

use super::listing::Blob;
use super::service::{Properties, Service, Started, Target};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Within an account a copy is a matter of moments; after this long it is left to the next run.
const COPY: Duration = Duration::from_secs(600);
const FIRST_POLL: Duration = Duration::from_millis(100);
const LONGEST_POLL: Duration = Duration::from_secs(5);

/// What became of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was copied, and its source deleted.
    Copied,
    /// Its target was there with equal content; its source was deleted.
    AlreadyThere,
    /// Somebody else moved it meanwhile.
    Gone,
}

/// Moves a blob. The source is deleted only after the target is known to have its content.
///
/// # Errors
/// A sentence; the source is still there then.
pub(super) async fn transfer(service: &Service, blob: &Blob) -> Result<Outcome, String> {
    let (from, to) = (blob.name.as_str(), format!("/{}", blob.name));
    let etag = format!("\"{}\"", blob.properties.etag.trim_matches('"'));
    let mut started = service.copy(from, &etag, &to, Target::New).await?;
    let end = Instant::now() + COPY;
    let mut pause = FIRST_POLL;
    let mut copied_again = false;
    loop {
        let own = match &started {
            Started::Copy(id) => Some(id.as_str()),
            Started::TargetExists => None,
            Started::SourceChanged => return source_changed(service, from).await,
        };
        let Some(there) = service.properties(&to).await? else {
            return Err(format!("blob {to:?} is not there although it was copied; the source stays"));
        };
        let copy = there.copy.as_ref();
        match copy.map(|copy| copy.status.as_str()) {
            Some("pending") if Instant::now() < end => {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_POLL);
            }
            Some("pending") => {
                let limit = COPY.as_secs();
                return Err(format!("blob {from:?} is still being copied after {limit} s; start again later"));
            }
            // What a failed copy leaves is no content of anybody's.
            Some("failed" | "aborted") if !copied_again => {
                copied_again = true;
                started = service.copy(from, &etag, &to, Target::This(&there.etag)).await?;
            }
            Some("failed" | "aborted") => {
                return Err(format!("blob {from:?}: the service could not copy it; the source stays"));
            }
            _ => {
                let is_own = own.is_some() && own == copy.map(|copy| copy.id.as_str());
                let is_complete = is_own && there.length == blob.properties.length;
                if !is_complete && !is_equal(service, from, &etag, &to, &there).await? {
                    return Err(format!(
                        "blob {to:?} is there already and differs from {from:?}; both stay: delete the one that is \
                         not needed and start again"
                    ));
                }
                service.delete(from, &etag).await?;
                return Ok(if is_own { Outcome::Copied } else { Outcome::AlreadyThere });
            }
        }
    }
}

async fn source_changed(service: &Service, from: &str) -> Result<Outcome, String> {
    match service.properties(from).await? {
        None => Ok(Outcome::Gone),
        Some(_) => Err(format!("blob {from:?} has changed meanwhile; stop whatever writes it and start again")),
    }
}

/// Whether the target has the content that the source had when it was listed.
async fn is_equal(service: &Service, from: &str, etag: &str, to: &str, there: &Properties) -> Result<bool, String> {
    let Some(here) = service.properties(from).await?.filter(|here| here.etag == etag) else {
        return Err(format!("blob {from:?} has changed meanwhile; stop whatever writes it and start again"));
    };
    if here.length != there.length {
        return Ok(false);
    }
    match (&here.md5, &there.md5) {
        (Some(here), Some(there)) => Ok(here == there),
        _ => Ok(service.sha256(from, &here).await? == service.sha256(to, there).await?),
    }
}
