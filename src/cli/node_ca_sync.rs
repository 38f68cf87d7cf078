//! `node-ca-sync`: what the DaemonSet `node-ca` runs on every node.

use super::output::{self, Failure, Outcome};
use crate::node_ca;
use std::path::PathBuf;

/// Keeps the CAs of registries on this node equal to a mounted ConfigMap
///
/// Runs until SIGTERM or SIGINT. Every file of the source becomes <host>/ca.crt in the destination, where container
/// runtimes look for it; a ".." in a file's name stands for the colon before a port. Directories of hosts that are
/// gone from the source are removed. What cannot be copied is logged and tried again a minute later.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the ConfigMap is mounted
    #[arg(long, value_name = "DIR", default_value = "/tmp/serviceca")]
    source: PathBuf,

    /// Where container runtimes look for CAs
    #[arg(long, value_name = "DIR", default_value = "/etc/docker/certs.d")]
    destination: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let log = |line: &str| output::say_coloured(&format!("{}\n", output::visible(line)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime
        .and_then(|runtime| runtime.block_on(node_ca::run(&args.source, &args.destination, log)))
        .map_err(|error| Failure::new(format!("the process cannot listen for signals: {error}")))?;
    Ok(Outcome::Done)
}
