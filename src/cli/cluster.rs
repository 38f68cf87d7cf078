//! Reaching a cluster: what the verbs that need one do the same way.

use super::output::Failure;
use super::planning::process_variables;
use crate::execute::request::{Error, USER_AGENT};
use crate::inputs::Environment;
use http::HeaderValue;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use std::path::{Path, PathBuf};

/// Which cluster.
#[derive(Debug, clap::Args)]
pub(super) struct ClusterArgs {
    /// The kubeconfig file; without it, $KUBECONFIG, ~/.kube/config or the pod's own account
    #[arg(long, value_name = "FILE")]
    pub(super) kubeconfig: Option<PathBuf>,
}

/// A client of the cluster.
pub(super) async fn client(kubeconfig: Option<&Path>) -> Result<Client, Failure> {
    let config = match kubeconfig {
        Some(path) => {
            let fail = |error: &dyn std::fmt::Display| {
                Failure::cluster(format!("{}: is no usable kubeconfig: {error}", path.display()))
            };
            let file = Kubeconfig::read_from(path).map_err(|error| fail(&error))?;
            let options = KubeConfigOptions::default();
            Config::from_custom_kubeconfig(file, &options).await.map_err(|error| fail(&error))?
        }
        None => Config::infer().await.map_err(|error| {
            Failure::cluster(format!("there is no cluster to talk to: {error}; name a kubeconfig with --kubeconfig"))
        })?,
    };
    let mut config = config;
    config.headers.push((http::header::USER_AGENT, HeaderValue::from_static(USER_AGENT)));
    Client::try_from(config).map_err(|error| Failure::cluster(format!("the kubeconfig cannot be used: {error}")))
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
