//! What the image tells a runtime.

use crate::image::IMAGE;
use serde_json::json;

/// OpenShift gives containers a user of its own; anywhere else it must not be root, which Kubernetes sees by a number.
#[test]
fn it_runs_the_operator_and_not_as_root() {
    assert_eq!(IMAGE.config["User"], "1001");
    assert_eq!(IMAGE.config["Entrypoint"], json!(["/usr/bin/cluster-image-registry-operator"]));
    assert_eq!(IMAGE.config["Cmd"], json!(null));
    assert_eq!(IMAGE.config["Env"], json!(["PATH=/usr/bin"]));
}

#[test]
fn labels_say_what_it_is() {
    let labels = &IMAGE.config["Labels"];
    // By it OpenShift's release takes the manifests out of the image.
    assert_eq!(labels["io.openshift.release.operator"], "true");
    assert_eq!(labels["org.opencontainers.image.title"], env!("CARGO_PKG_NAME"));
    assert_eq!(labels["org.opencontainers.image.version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(labels["org.opencontainers.image.licenses"], "Apache-2.0");
    assert_ne!(labels["org.opencontainers.image.description"], json!(null));
}
