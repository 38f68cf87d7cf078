//! Reaching the cluster.

use crate::execute::{Api, kubeconfig};

/// What tests call themselves to the API server.
const USER_AGENT: &str = concat!("cluster-image-registry-operator-tests-ext/", env!("CARGO_PKG_VERSION"));

/// The cluster of $KUBECONFIG, ~/.kube/config or the pod's own account.
///
/// # Errors
/// There is none.
pub(super) async fn connect() -> Result<Api, String> {
    let config = kubeconfig::config(None).await.map_err(|why| format!("{why}; name a kubeconfig in $KUBECONFIG"))?;
    let client = kubeconfig::client(config, USER_AGENT)?;
    Ok(Api::new(client))
}
