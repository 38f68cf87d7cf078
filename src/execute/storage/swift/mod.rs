//! Not there yet.

use super::driver::{Driver, Mark, Removal, Seen, Setting};
use super::trouble::Trouble;
use crate::inputs::{Inputs, Told};
use crate::net::Network;
use crate::render::storage::action::SwiftContainer;

/// The medium.
pub(super) struct Container;

impl Container {
    /// Opens it.
    pub(super) fn open(medium: &SwiftContainer, _inputs: &Inputs, _network: &Network) -> Result<Self, Trouble> {
        let _ = medium;
        Err(unsupported())
    }
}

fn unsupported() -> Trouble {
    let message = "this version of the operator cannot create or remove storage of this kind; create it by hand and set \
                   spec.storage.managementState of Config/cluster to Unmanaged";
    Trouble::new("NotSupported", message)
}

impl Driver for Container {
    async fn look(&mut self) -> Result<Seen, Trouble> {
        Err(unsupported())
    }
    async fn mark(&mut self) -> Result<Mark, Trouble> {
        Err(unsupported())
    }
    async fn create(&mut self) -> Result<(), Trouble> {
        Err(unsupported())
    }
    async fn settle(&mut self) -> Result<Vec<Setting>, Trouble> {
        Err(unsupported())
    }
    async fn tell(&mut self) -> Result<Told, Trouble> {
        Err(unsupported())
    }
    async fn remove(&mut self) -> Result<Removal, Trouble> {
        Err(unsupported())
    }
}
