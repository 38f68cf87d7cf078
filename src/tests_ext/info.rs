//! `info`: who we are.

use super::{Refused, extension, output};

/// Says who we are and which suites there are
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_: &Args) -> Result<usize, Refused> {
    output::print(&output::pretty(&extension::extension())?)?;
    Ok(0)
}
