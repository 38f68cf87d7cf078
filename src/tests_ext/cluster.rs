//! Reaching the cluster.

use crate::execute::Api;
use http::HeaderValue;
use kube::{Client, Config};

/// What tests call themselves to the API server.
const USER_AGENT: &str = concat!("cluster-image-registry-operator-tests-ext/", env!("CARGO_PKG_VERSION"));

/// The cluster of $KUBECONFIG, ~/.kube/config or the pod's own account.
///
/// # Errors
/// There is none.
pub(super) async fn connect() -> Result<Api, String> {
    let mut config = Config::infer()
        .await
        .map_err(|error| format!("there is no cluster to test: {error}; name a kubeconfig in $KUBECONFIG"))?;
    config.headers.push((http::header::USER_AGENT, HeaderValue::from_static(USER_AGENT)));
    let client = Client::try_from(config).map_err(|error| format!("the kubeconfig cannot be used: {error}"))?;
    Ok(Api::new(client))
}
