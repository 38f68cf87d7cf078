//! Inputs from a live cluster: what `plan` and `apply` do the same way.

use super::cluster::{self, ClusterArgs};
use super::output::{self, Failure};
use crate::execute::request::Api;
use crate::inputs::Environment;
use crate::inputs::files::{self, Objects};
use crate::operator::once::{Once, View};
use std::path::PathBuf;

/// Where the inputs come from.
#[derive(Debug, clap::Args)]
pub(super) struct LiveArgs {
    /// Files or directories with objects that take the place of the cluster's; `-` is standard input
    ///
    /// Everything else comes from the cluster. The objects are inputs and are not written into the cluster
    /// themselves; what the operator derived for a Config stays in effect.
    #[arg(short, long, num_args = 1.., value_name = "PATH")]
    filename: Vec<PathBuf>,

    /// YAML map of the operator's environment variables, instead of the process environment
    ///
    /// IMAGE, IMAGE_PRUNER, OPERATOR_IMAGE, RELEASE_VERSION and so on. If there is none of them in the process
    /// environment either, those of the Deployment cluster-image-registry-operator in the cluster are taken.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,

    #[command(flatten)]
    cluster: ClusterArgs,
}

/// Reads the files and finds the cluster, which is asked nothing yet.
pub(super) async fn open(args: &LiveArgs) -> Result<(Once, Api), Failure> {
    let environment = match &args.env_file {
        Some(path) => Some(files::load_environment(path)?),
        None => Some(cluster::environment()).filter(|environment| *environment != Environment::default()),
    };
    let Objects { objects, notes } = files::load_objects(&args.filename)?;
    output::notes(&notes);
    let api = Api::new(cluster::client(args.cluster.kubeconfig.as_deref()).await?);
    let once = Once::new(api.clone(), environment, objects)
        .map_err(|error| Failure::cluster(format!("the system has no random numbers to give: {error}")))?;
    Ok((once, api))
}

/// What was taken for granted.
pub(super) fn notes(once: &Once, view: &View) -> Vec<String> {
    let mut notes = view.plan.assumptions.clone();
    if once.takes_operators_environment(&view.snapshot.live) {
        let note = "images and versions are those of Deployment/openshift-image-registry/\
                    cluster-image-registry-operator; --env-file replaces them";
        notes.push(note.to_owned());
    }
    notes
}
