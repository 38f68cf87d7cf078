//! Reaching a cluster: what the verbs that need one do the same way.

use super::output::Failure;
use super::planning::process_variables;
use crate::execute::kubeconfig;
use crate::execute::request::{Error, USER_AGENT};
use crate::inputs::Environment;
use kube::Client;
use std::path::{Path, PathBuf};

/// Which cluster.
#[derive(Debug, clap::Args)]
pub(super) struct ClusterArgs {
    /// The kubeconfig file; without it, $KUBECONFIG, ~/.kube/config or the pod's own account
    #[arg(long, value_name = "FILE")]
    pub(super) kubeconfig: Option<PathBuf>,
}

/// A client of the cluster.
pub(super) async fn client(path: Option<&Path>) -> Result<Client, Failure> {
    let config = kubeconfig::config(path).await.map_err(|why| {
        let remedy = if path.is_none() { "; name a kubeconfig with --kubeconfig" } else { "" };
        Failure::cluster(format!("{why}{remedy}"))
    })?;
    kubeconfig::client(config, USER_AGENT).map_err(Failure::cluster)
}

/// What the API server had against it.
pub(super) fn failed(errors: Vec<Error>) -> Failure {
    Failure { lines: errors.iter().map(Error::to_string).collect(), code: 3 }
}

/// The operator's variables in the process environment.
pub(super) fn environment() -> Environment {
    Environment::from_variables(&process_variables()).0
}

/// A runtime for one task and its requests: the operator is never busy with two things.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::cluster(format!("the system has no more resources for a process: {error}")))
}
