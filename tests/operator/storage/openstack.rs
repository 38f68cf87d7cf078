//! The storage that an OpenStack cluster starts with: Swift, if it can be used.

use crate::cluster::Cluster;
use crate::e2e::support::{NAMESPACE, READY, config, exists, reports, shows};
use crate::support::internet::{Fault, Internet, Response};
use crate::support::servers::swift::{IDENTITY, Swift};
use serde_json::json;
use std::time::Duration;

/// Nothing is decided while Keystone is out of order; then there is a container.
#[tokio::test]
async fn swift_is_taken_once_it_answers() {
    let cluster = Cluster::acquire().await;
    let (swift, internet) = (Swift::shared(), Internet::start());
    swift.connect(&internet);
    let project = swift.project();
    cluster.set_platform(json!({ "type": "OpenStack", "openstack": {} })).await;
    let auth = json!({ "auth_url": "https://identity.example.com/v3", "username": project.user.name,
        "password": project.user.password, "project_name": project.name, "user_domain_name": "Default" });
    let clouds = json!({ "clouds": { "openstack": { "auth": auth } } }).to_string();
    let secret = json!({ "apiVersion": "v1", "kind": "Secret", "stringData": { "clouds.yaml": clouds },
        "metadata": { "name": "installer-cloud-credentials", "namespace": NAMESPACE } });
    cluster.apply(&secret).await.unwrap();
    internet.fault(Fault::answer(Response::new(503)).host(IDENTITY).first(4));

    let operator = super::operator(&cluster, &internet, &[]);
    // The first question comes to nothing, the second, half a minute later, does not.
    crate::cluster::eventually(Duration::from_secs(90), "Config is created", async || {
        let found = cluster.get("imageregistry.operator.openshift.io/v1", "Config", "", "cluster").await;
        found.map(drop).ok_or_else(|| operator.log_tail())
    })
    .await;
    exists(&cluster, &config()).await;
    let found = reports(&cluster, &config(), &READY).await;
    let container = found["status"]["storage"]["swift"]["container"].as_str().unwrap().to_owned();
    shows(&cluster, &config(), &[("/spec/storage/managementState", json!("Managed"))]).await;
    let answer = swift.send(&project, "HEAD", &container, &[], "");
    assert_eq!(answer.status, 204);
}
