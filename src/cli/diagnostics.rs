//! `diagnostics`: what a running operator says of itself.

use super::cluster;
use super::output::{self, Failure, Outcome};
use super::yaml;
use crate::operator::diagnostics::{SOCKET, ask};
use serde_json::Value;
use std::path::PathBuf;

/// Prints what the operator that runs on this host knows and does
///
/// The lease, the pass that is under way and the last one, what became of every object, what fails and when it is
/// tried again, the storage, and when news of which objects last came. Nothing is asked of the cluster. No secret is
/// among it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  oc exec -n openshift-image-registry deploy/cluster-image-registry-operator -- \\
    /usr/bin/cluster-image-registry-operator diagnostics

Exit code 3 means that no operator listens there.")]
pub(super) struct Args {
    /// The socket that the operator was started with (run --diagnostics-socket)
    #[arg(long, value_name = "PATH", default_value = SOCKET)]
    socket: PathBuf,

    /// What to print
    #[arg(short, long, value_enum, default_value_t = Format::Json)]
    output: Format,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// One document in JSON
    Json,
    /// The same as YAML
    Yaml,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let told = cluster::runtime()?.block_on(ask(&args.socket)).map_err(Failure::cluster)?;
    let document: Value = serde_json::from_str(&told).map_err(|error| {
        Failure::cluster(format!("{}: what was told there is no whole document: {error}", args.socket.display()))
    })?;
    output::print(&match args.output {
        // In its own order, the most important first.
        Format::Json => told,
        Format::Yaml => yaml::document(&document),
    })?;
    Ok(Outcome::Done)
}
