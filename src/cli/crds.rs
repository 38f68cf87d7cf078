//! `crds`: the CustomResourceDefinitions.

use super::output::{self, Failure, Outcome};
use crate::api::crd;

/// Prints the CustomResourceDefinitions of Config and ImagePruner as YAML
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cluster-image-registry-operator crds | oc apply --server-side -f -")]
pub(super) struct Args {}

pub(super) fn run(_: &Args) -> Result<Outcome, Failure> {
    output::print(&crd::crds_yaml().map_err(Failure::new)?)?;
    Ok(Outcome::Done)
}
