//! What every backend can do. The order and the conditions of these steps are in `work.rs`, the same for all.

use super::trouble::Trouble;
use super::{azure, gcs, ibmcos, s3, swift};
use crate::inputs::{Fact, Inputs, Told};
use crate::net::Network;
use crate::render::storage::action::Medium;

/// A medium at its service. Every step can be stopped at any call and started anew; whoever does so ends up with one
/// medium.
pub(super) trait Driver: Send {
    /// Whether the medium is there. One call as long as nothing has changed and no token has to be renewed.
    fn look(&mut self) -> impl Future<Output = Result<Seen, Trouble>> + Send;

    /// Whose mark a medium bears that was found.
    fn mark(&mut self) -> impl Future<Output = Result<Mark, Trouble>> + Send;

    /// Creates what is missing and takes over what is there already and is ours. A name that somebody else has taken
    /// is a trouble.
    fn create(&mut self) -> impl Future<Output = Result<(), Trouble>> + Send;

    /// Makes the settings of a medium of ours what they should be: what is right is not written, what others set stays.
    /// A setting that fails is among what is returned; a trouble is what the registry cannot do without.
    fn settle(&mut self) -> impl Future<Output = Result<Vec<Setting>, Trouble>> + Send;

    /// What only the service can tell and the registry needs, of a medium that was found, whosever it is.
    fn tell(&mut self) -> impl Future<Output = Result<Told, Trouble>> + Send;

    /// Whether the service tells something else than it did when it was last asked by [`Driver::tell`], as far as a look
    /// has shown.
    fn tells_anew(&self) -> bool {
        false
    }

    /// Removes a part of the content at a time, then the medium. One that is gone is removed.
    fn remove(&mut self) -> impl Future<Output = Result<Removal, Trouble>> + Send;
}

/// Whether a medium is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It is.
    Found,
    /// The service says that it is not.
    Missing,
}

/// Whose a medium is, by tags, labels or metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// This cluster's.
    Ours,
    /// Another cluster's, of this name.
    Others(String),
    /// It bears none.
    None,
    /// The service keeps no marks, so that only the name and the account tell.
    Unsupported,
}

/// What became of one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// What there is to say of it.
    pub fact: Fact,
    /// What was written, for people, as `tags`.
    pub changed: Option<&'static str>,
    /// Whether it failed for a reason that may pass.
    pub again: bool,
}

/// How far a removal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Removal {
    /// Nothing is left.
    Done,
    /// The medium is gone, but something stays that came with it; what and why, for people.
    DoneExcept(String),
    /// There is more to remove; so much was removed by this step, for people.
    Going(String),
}

/// The driver of one medium.
pub(super) enum AnyDriver {
    S3(s3::Bucket),
    Gcs(gcs::Bucket),
    Azure(Box<azure::Container>),
    Ibmcos(Box<ibmcos::Bucket>),
    Swift(Box<swift::Container>),
}

/// Opens the medium, without asking its service yet; none for what is no cloud's.
///
/// # Errors
/// Credentials or CAs that cannot be used.
pub(super) fn open(medium: &Medium, inputs: &Inputs, network: &Network) -> Result<Option<AnyDriver>, Trouble> {
    Ok(match medium {
        Medium::EmptyDir | Medium::Pvc(_) => None,
        Medium::S3(bucket) => Some(AnyDriver::S3(s3::Bucket::open(bucket, inputs, network)?)),
        Medium::Gcs(bucket) => Some(AnyDriver::Gcs(gcs::Bucket::open(bucket, inputs, network)?)),
        Medium::Azure(container) => {
            Some(AnyDriver::Azure(Box::new(azure::Container::open(container, inputs, network)?)))
        }
        Medium::Ibmcos(bucket) => Some(AnyDriver::Ibmcos(Box::new(ibmcos::Bucket::open(bucket, inputs, network)?))),
        Medium::Swift(container) => {
            Some(AnyDriver::Swift(Box::new(swift::Container::open(container, inputs, network)?)))
        }
    })
}

/// The same step of whichever backend it is.
macro_rules! each {
    ($self:ident, $driver:ident => $step:expr) => {
        match $self {
            AnyDriver::S3($driver) => $step,
            AnyDriver::Gcs($driver) => $step,
            AnyDriver::Azure($driver) => $step,
            AnyDriver::Ibmcos($driver) => $step,
            AnyDriver::Swift($driver) => $step,
        }
    };
}

impl Driver for AnyDriver {
    async fn look(&mut self) -> Result<Seen, Trouble> {
        each!(self, driver => driver.look().await)
    }

    async fn mark(&mut self) -> Result<Mark, Trouble> {
        each!(self, driver => driver.mark().await)
    }

    async fn create(&mut self) -> Result<(), Trouble> {
        each!(self, driver => driver.create().await)
    }

    async fn settle(&mut self) -> Result<Vec<Setting>, Trouble> {
        each!(self, driver => driver.settle().await)
    }

    async fn tell(&mut self) -> Result<Told, Trouble> {
        each!(self, driver => driver.tell().await)
    }

    fn tells_anew(&self) -> bool {
        each!(self, driver => driver.tells_anew())
    }

    async fn remove(&mut self) -> Result<Removal, Trouble> {
        each!(self, driver => driver.remove().await)
    }
}
