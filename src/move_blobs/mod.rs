//! Moves the blobs that some registries wrote under `docker/` to where others look for them, `/docker/`.
//!
//! Every blob is copied within its container by the service itself, the copy is confirmed, and only then its source
//! is deleted, on condition that it has not changed meanwhile. Whoever stops half-way can start again at any time.

mod listing;
mod service;
mod settings;
mod transfer;

use futures::StreamExt;
use service::Service;
use std::fmt;

pub use settings::{Overrides, Settings};

/// Reads a page of a listing, for the fuzzing of parsers.
pub(crate) fn read_listing(xml: &str) {
    drop(listing::parse(xml));
}

/// The directory of blobs that move; blobs that only begin with the same letters stay.
const PREFIX: &str = "docker/";

/// How many blobs are on their way at a time.
const AT_A_TIME: usize = 8;

/// After so many blobs that could not be moved, the next ones are not tried: something more general is wrong.
const TOO_MANY: usize = 20;

/// What was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Blobs that were copied and deleted.
    pub copied: usize,
    /// Blobs that were there already, with equal content; only their sources were deleted.
    pub already_there: usize,
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "moved {} blobs from {PREFIX} to /{PREFIX}", self.copied + self.already_there)?;
        match self.already_there {
            0 => Ok(()),
            there => write!(f, "; {there} of them were there already"),
        }
    }
}

/// Moves every blob under `docker/`. `log` gets a line for every page of the listing.
///
/// # Errors
/// A sentence for everything that the service or the token's issuer refused, without any secret.
pub async fn run(settings: &Settings, log: impl Fn(&str)) -> Result<Moved, Vec<String>> {
    let service = Service::new(settings).map_err(|error| vec![error])?;
    let mut moved = Moved::default();
    let mut errors = Vec::new();
    let mut marker = None;
    loop {
        let page = service.list(PREFIX, marker.as_deref()).await.map_err(|error| {
            errors.push(error);
            std::mem::take(&mut errors)
        })?;
        let count = page.blobs.len();
        let mut transfers = futures::stream::iter(&page.blobs)
            .map(|blob| transfer::transfer(&service, blob))
            .buffer_unordered(AT_A_TIME);
        while let Some(result) = transfers.next().await {
            match result {
                Ok(transfer::Outcome::Copied) => moved.copied += 1,
                Ok(transfer::Outcome::AlreadyThere) => moved.already_there += 1,
                Ok(transfer::Outcome::Gone) => {}
                Err(error) => errors.push(error),
            }
            if errors.len() >= TOO_MANY {
                errors.push(format!("{moved}, then gave up after {TOO_MANY} errors; the other blobs were not tried"));
                return Err(errors);
            }
        }
        if count > 0 {
            log(&format!("{moved} so far"));
        }
        marker = page.next;
        if marker.is_none() {
            break;
        }
    }
    if errors.is_empty() { Ok(moved) } else { Err(errors) }
}
