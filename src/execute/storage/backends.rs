//! The backends that there are: from a medium to its driver.

use super::driver::{Driver, Mark, Removal, Seen, Setting};
use super::trouble::Trouble;
use super::{azure, gcs, ibmcos, s3, swift};
use crate::inputs::{Inputs, Told};
use crate::net::Network;
use crate::render::storage::action::Medium;

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
