//! OpenStack Swift: a container in the account of a project, with tokens from Keystone.

mod api;
mod bulk;
mod catalogue;
mod credential;
mod keystone;
mod probe;
mod refusal;
mod removal;
mod settings;

pub use probe::swift_is_usable;

use super::driver::{Driver, Mark, Removal, Seen, Setting};
use super::trouble::Trouble;
use crate::inputs::{Inputs, Told};
use crate::net::{Network, encode};
use crate::render::storage::action::{SwiftContainer, Tag};
use api::{Api, Request};
use http::{HeaderMap, Method, StatusCode};

/// The medium.
pub(super) struct Container {
    api: Api,
    /// Its path below the account.
    path: String,
    /// The metadata that it should have.
    metadata: Vec<Tag>,
    /// What the last look at it has shown.
    seen: Option<HeaderMap>,
    removal: removal::Progress,
}

impl Container {
    /// Opens it.
    pub(super) fn open(medium: &SwiftContainer, inputs: &Inputs, network: &Network) -> Result<Self, Trouble> {
        let subject = format!("Swift container {}", medium.container);
        let credential = credential::of(medium.credentials, inputs, &subject)?;
        Ok(Container {
            api: Api::new(subject, medium.account.clone(), credential, inputs, network)?,
            path: format!("/{}", encode(&medium.container)),
            metadata: medium.metadata.clone(),
            seen: None,
            removal: removal::Progress::default(),
        })
    }
}

impl Driver for Container {
    /// Show container metadata (HEAD).
    async fn look(&mut self) -> Result<Seen, Trouble> {
        self.seen = None;
        let answer = self.api.send(&Request::new(Method::HEAD, &self.path)).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(Seen::Missing),
            status if status.is_success() => {
                self.seen = Some(answer.headers);
                Ok(Seen::Found)
            }
            _ => Err(self.api.refused("it cannot be looked at", &answer)),
        }
    }

    async fn mark(&mut self) -> Result<Mark, Trouble> {
        self.look_once().await?;
        Ok(self.seen.as_ref().map_or(Mark::None, |seen| settings::mark(seen, &self.metadata)))
    }

    /// Create container (PUT): with its metadata in one request, and no error if it is there.
    async fn create(&mut self) -> Result<(), Trouble> {
        let request = Request { headers: settings::headers(&self.metadata)?, ..Request::new(Method::PUT, &self.path) };
        let answer = self.api.send(&request).await?;
        if answer.status.is_success() {
            return Ok(());
        }
        Err(self.api.refused("it cannot be created", &answer))
    }

    /// Create, update, or delete container metadata (POST): what is not named stays.
    async fn settle(&mut self) -> Result<Vec<Setting>, Trouble> {
        self.look_once().await?;
        let missing = self.seen.as_ref().map(|seen| settings::missing(seen, &self.metadata)).unwrap_or_default();
        if missing.is_empty() {
            return Ok(vec![settings::right()]);
        }
        let request = Request { headers: settings::headers(&missing)?, ..Request::new(Method::POST, &self.path) };
        let answer = self.api.send(&request).await?;
        self.seen = None;
        if answer.status.is_success() {
            return Ok(vec![settings::written()]);
        }
        Ok(vec![settings::failed(&self.api.refused("its metadata cannot be written", &answer), answer.status)])
    }

    async fn tell(&mut self) -> Result<Told, Trouble> {
        Ok(Told::default())
    }

    async fn remove(&mut self) -> Result<Removal, Trouble> {
        self.remove_some().await
    }
}

impl Container {
    /// Looks, unless the last look still holds.
    async fn look_once(&mut self) -> Result<(), Trouble> {
        if self.seen.is_none() {
            self.look().await?;
        }
        Ok(())
    }
}

/// Reads an answer in every way there is, for the fuzzing of parsers.
pub(super) fn read_answer(answer: &crate::net::Answer) {
    drop(refusal::of("", "", answer, ""));
    bulk::read_answer(answer);
    catalogue::read_answer(answer);
    keystone::read_answer(answer);
}
