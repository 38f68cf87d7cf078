//! `run`: the operator.

use super::cluster::{self, ClusterArgs};
use super::output::{Failure, Outcome};
use crate::operator::run::{Ending, Settings};
use crate::operator::{controller_config, diagnostics, logging};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Runs the operator until it is told to stop
///
/// It waits for its Lease, then keeps the cluster in the state that Config and ImagePruner ask for. Images and
/// versions come from the environment: IMAGE, IMAGE_PRUNER, OPERATOR_IMAGE, RELEASE_VERSION and so on. It ends with
/// exit code 0 on SIGTERM, when it loses the Lease, and when a watched file changes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    cluster: ClusterArgs,

    /// End when this file changes, so that the operator is started anew; may be given again
    #[arg(long, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// File with a GenericControllerConfig: where metrics are served, and with which TLS settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Certificate of the metrics' server
    #[arg(long, value_name = "FILE", default_value = "/etc/secrets/tls.crt", hide_short_help = true)]
    tls_certificate: PathBuf,

    /// Private key of the metrics' server
    #[arg(long, value_name = "FILE", default_value = "/etc/secrets/tls.key", hide_short_help = true)]
    tls_key: PathBuf,

    /// Unix socket on which the verb `diagnostics` is answered; empty for none
    #[arg(long, value_name = "PATH", default_value = diagnostics::SOCKET, hide_short_help = true)]
    diagnostics_socket: OsString,

    /// Seconds until the next of the inputs that hardly ever change (Proxy, APIServer, …) is looked at
    #[arg(long, value_name = "SECONDS", default_value_t = 45, hide_short_help = true,
        value_parser = clap::value_parser!(u64).range(1..))]
    turn: u64,

    /// Seconds that the lease lasts, for tests
    #[arg(long, value_name = "SECONDS", hide = true, value_parser = clap::value_parser!(u64).range(1..))]
    lease_duration: Option<u64>,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    logging::init();
    let config = controller_config::load(args.config.as_deref()).map_err(|problem| vec![problem])?;
    let settings = Settings {
        environment: cluster::environment(),
        files: args.files.clone(),
        config,
        certificate: (args.tls_certificate.clone(), args.tls_key.clone()),
        turn: Duration::from_secs(args.turn),
        lease: args.lease_duration.map(Duration::from_secs),
        diagnostics: Some(PathBuf::from(&args.diagnostics_socket)).filter(|path| !path.as_os_str().is_empty()),
    };
    let runtime = cluster::runtime()?;
    let ending = runtime.block_on(async {
        let client = cluster::client(args.cluster.kubeconfig.as_deref()).await?;
        crate::operator::run::run(client, settings).await.map_err(|problem| Failure::from(vec![problem]))
    });
    match ending? {
        Ending::Signal => tracing::info!("the operator has ended"),
        Ending::FileChanged(path) => {
            tracing::info!("restart triggered because of {}; the operator has ended", path.display());
        }
        Ending::SecondSignal => {
            let line = "a second signal: what was under way is given up; the lease runs out by itself";
            return Err(Failure { lines: vec![line.to_owned()], code: 1 });
        }
        Ending::LeaseLost => tracing::info!("another operator leads; this one has ended"),
    }
    Ok(Outcome::Done)
}
