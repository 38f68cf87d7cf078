//! `images`: what has to be mirrored for the tests.

use super::{Refused, extension, output};

/// Lists the images that tests need besides those of the release: none
///
/// The pod that tries to reach the registry runs the pruner's image, so that clusters without a way to the outside are
/// tested as well.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_: &Args) -> Result<usize, Refused> {
    output::print(&output::pretty(&extension::extension().images)?)?;
    Ok(0)
}
