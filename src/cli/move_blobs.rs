//! `move-blobs`: what the Job `azure-path-fix` runs.

use super::output::{self, Failure, Outcome};
use crate::move_blobs::{self, Overrides, Settings};
use tokio::signal::unix::{SignalKind, signal};

/// Moves an Azure container's blobs from docker/ to /docker/
///
/// A blob is deleted only after its copy is confirmed, so the command can be stopped and started again at any time.
/// If the target is there already with other content, both stay and the blob is named.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Environment:
  AZURE_STORAGE_ACCOUNT_NAME      the storage account
  AZURE_CONTAINER_NAME            the container in it
  AZURE_ACCOUNTKEY                the account's key; or, of an identity:
  AZURE_CLIENT_ID, AZURE_TENANT_ID
  AZURE_CLIENT_SECRET             the identity's secret, or
  AZURE_FEDERATED_TOKEN_FILE      a file with its federated token
  AZURE_ENVIRONMENT               the cloud; AZUREPUBLICCLOUD if not set
  AZURE_ENVIRONMENT_FILECONTENTS, AZURE_ENVIRONMENT_FILEPATH
                                  the endpoints of an AZURESTACKCLOUD, or a file with them
  AZURE_AUTHORITY_HOST            where tokens come from, instead of the cloud's login service
  HTTPS_PROXY, NO_PROXY           the proxy

Exit codes:
  0  every blob is where it belongs
  2  bad usage, or variables are missing or wrong
  3  the storage or the login service failed, or blobs could not be moved; start again")]
pub(super) struct Args {
    /// The account's blob endpoint, for example of an emulator: http://127.0.0.1:10000/devstoreaccount1
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,

    /// How many blobs to list at a time
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u16).range(1..=5000))]
    page_size: u16,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let overrides = Overrides { endpoint: args.endpoint.clone(), page_size: args.page_size };
    let settings = Settings::read(|name| std::env::var(name).ok(), &overrides).map_err(Failure::from)?;
    let (account, container) = (settings.account.clone(), settings.container.clone());
    let log = |line: &str| output::say_coloured(&format!("{}\n", output::visible(line)));
    let work = async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let stopped = || Err(vec!["stopped by a signal; start again to move the other blobs".to_owned()]);
        Ok(tokio::select! {
            result = move_blobs::run(&settings, log) => result,
            _ = terminate.recv() => stopped(),
            _ = interrupt.recv() => stopped(),
        })
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime.and_then(|runtime| {
        let result = runtime.block_on(work);
        // A host name that is still being looked up must not keep the process.
        runtime.shutdown_background();
        result
    });
    match result
        .map_err(|error: std::io::Error| Failure::new(format!("the process cannot listen for signals: {error}")))?
    {
        Ok(moved) => {
            log(&format!("{moved} in container {container} of storage account {account}"));
            Ok(Outcome::Done)
        }
        Err(errors) => {
            output::errors(&errors);
            Ok(Outcome::Failed)
        }
    }
}
