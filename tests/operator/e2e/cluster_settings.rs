//! What the cluster's own configuration means for the registry: proxy, TLS profile, trusted CAs, release.

use super::support::{
    READY, condition, config, configure, environment, has_environment, now, object, patch, registry, reports, shows,
    start, until, user_map,
};
use crate::cluster::Cluster;
use crate::cluster::operator::Options;
use crate::install::empty_dir;
use serde_json::{Value, json};
use std::time::Duration;

const OWN_HOST: &str = "image-registry.openshift-image-registry.svc";

#[tokio::test]
async fn settings_of_the_cluster() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let mut operator = start(&cluster, Options::default());
    reports(&cluster, &config(), &READY).await;
    operand_proxy(&cluster).await;
    tls_profile(&cluster).await;
    additional_trusted_ca(&cluster).await;
    operator.terminate(Duration::from_secs(10)).await;
    drop(operator);
    version(&cluster).await;
}

/// None, then the cluster's, then Config's own, field by field.
async fn operand_proxy(cluster: &Cluster) {
    let names = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
    has_environment(cluster, &names.map(|name| (name, Value::Null))).await;
    let status = json!({
        "httpProxy": "http://cluster.example.com",
        "httpsProxy": "https://cluster.example.com",
        "noProxy": ".cluster.local",
    });
    cluster.merge_status(&object("Proxy", "cluster"), status.clone()).await.unwrap();
    let of_cluster = [
        ("HTTP_PROXY", status["httpProxy"].clone()),
        ("HTTPS_PROXY", status["httpsProxy"].clone()),
        ("NO_PROXY", status["noProxy"].clone()),
    ];
    has_environment(cluster, &of_cluster).await;
    patch(cluster, json!({"proxy": {"http": "http://own.example.com", "noProxy": "localhost"}})).await;
    let own = [
        ("HTTP_PROXY", json!("http://own.example.com")),
        ("HTTPS_PROXY", status["httpsProxy"].clone()),
        ("NO_PROXY", json!("localhost")),
    ];
    has_environment(cluster, &own).await;
    configure(cluster, json!({"proxy": null})).await;
    has_environment(cluster, &of_cluster).await;
}

/// The API server's profile is observed into Config and reaches the registry.
async fn tls_profile(cluster: &Cluster) {
    let intermediate = now(cluster, &config()).await["spec"]["observedConfig"]["servingInfo"].clone();
    assert_eq!(intermediate["minTLSVersion"], "VersionTLS12");
    let suites = intermediate["cipherSuites"].as_array().unwrap().iter().map(|suite| suite.as_str().unwrap());
    let suites = suites.collect::<Vec<_>>().join(",");
    has_environment(cluster, &[("OPENSHIFT_REGISTRY_HTTP_TLS_CIPHERSUITES", json!(suites))]).await;
    let api_server = object("APIServer", "cluster");
    let modern = json!({"type": "Modern", "modern": {}});
    cluster.merge(&api_server, json!({"spec": {"tlsSecurityProfile": modern}})).await.unwrap();
    let pointer = "/spec/observedConfig/servingInfo/minTLSVersion";
    shows(cluster, &config(), &[(pointer, json!("VersionTLS13"))]).await;
    has_environment(cluster, &[("REGISTRY_HTTP_TLS_MINVERSION", json!("VersionTLS13"))]).await;
    let custom = json!({
        "type": "Custom",
        "custom": {"minTLSVersion": "VersionTLS11", "ciphers": ["ECDHE-RSA-AES128-GCM-SHA256", "UNKNOWN"]},
    });
    cluster.merge(&api_server, json!({"spec": {"tlsSecurityProfile": custom}})).await.unwrap();
    let wanted = [
        ("REGISTRY_HTTP_TLS_MINVERSION", json!("VersionTLS11")),
        ("OPENSHIFT_REGISTRY_HTTP_TLS_CIPHERSUITES", json!("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")),
    ];
    has_environment(cluster, &wanted).await;
    let observed = [
        (pointer, json!("VersionTLS11")),
        ("/spec/observedConfig/servingInfo/cipherSuites", json!(["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"])),
    ];
    shows(cluster, &config(), &observed).await;
    reports(cluster, &config(), &[["ConfigObservationDegraded", "False", "AsExpected"]]).await;
}

/// CAs of other registries join those of the registry's own host names; a missing ConfigMap is told.
async fn additional_trusted_ca(cluster: &Cluster) {
    let certificates = object("ConfigMap", "image-registry-certificates");
    let own = [format!("{OWN_HOST}..5000"), format!("{OWN_HOST}.cluster.local..5000")];
    let has_own = |found: &Value| own.iter().all(|key| found["data"][key].as_str().is_some_and(|ca| !ca.is_empty()));
    until(cluster, &certificates, "own host names", has_own).await;
    let image = object("Image", "cluster");
    let name = json!({"spec": {"additionalTrustedCA": {"name": "user-ca"}}});
    cluster.merge(&image, name).await.unwrap();
    let type_ = "ImageRegistryCertificatesControllerDegraded";
    let found = reports(cluster, &config(), &[[type_, "True", "Error"], READY[0]]).await;
    let message = condition(&found, type_)["message"].to_string();
    assert!(message.contains("ConfigMap/openshift-config/user-ca"), "{message}");

    let map = user_map("user-ca", json!({"registry.example.com": "one", "other.example.com..5000": "two"}));
    cluster.apply(&map).await.unwrap();
    let merged = |found: &Value| {
        has_own(found)
            && found["data"]["registry.example.com"] == "one"
            && found["data"]["other.example.com..5000"] == "two"
    };
    until(cluster, &certificates, "CAs of other registries", merged).await;
    reports(cluster, &config(), &[[type_, "False", "AsExpected"]]).await;

    cluster.apply(&user_map("user-ca", json!({"registry.example.com": "three"}))).await.unwrap();
    let followed = |found: &Value| {
        has_own(found)
            && found["data"]["registry.example.com"] == "three"
            && found["data"]["other.example.com..5000"].is_null()
    };
    until(cluster, &certificates, "the change", followed).await;
    let mut other = object("ConfigMap", "image-registry-ca");
    other["metadata"]["namespace"] = json!("openshift-config-managed");
    let other = until(cluster, &other, "own host names", has_own).await;
    assert_eq!(other["data"].as_object().unwrap().len(), 2, "{other}");
    cluster.merge(&image, json!({"spec": {"additionalTrustedCA": null}})).await.unwrap();
    let only_own = |found: &Value| has_own(found) && found["data"]["registry.example.com"].is_null();
    until(cluster, &certificates, "only own host names", only_own).await;
}

/// Another release is reported once it is rolled out.
async fn version(cluster: &Cluster) {
    let report = object("ClusterOperator", "image-registry");
    let first = json!([{"name": "operator", "version": "4.22.3"}]);
    shows(cluster, &report, &[("/status/versions", first.clone())]).await;
    let before = environment(&now(cluster, &registry()).await);
    cluster.stand_ins().pause(crate::cluster::stand_ins::StandIn::Kubelet);
    let image = "registry.example.com/registry@sha256:dddd";
    let options = Options::default().with("RELEASE_VERSION", "4.22.4").with("IMAGE", image);
    let _operator = start(cluster, options);
    let annotation = "/metadata/annotations/release.openshift.io~1version";
    let wanted = [(annotation, json!("4.22.4")), ("/spec/template/spec/containers/0/image", json!(image))];
    let found = shows(cluster, &registry(), &wanted).await;
    assert_eq!(environment(&found), before);
    let progressing = ["Progressing", "True", "DeploymentNotCompleted"];
    reports(cluster, &report, &[progressing]).await;
    shows(cluster, &report, &[("/status/versions", first)]).await;
    cluster.stand_ins().resume_all();
    let second = json!([{"name": "operator", "version": "4.22.4"}]);
    let related = json!([
        {"group": "imageregistry.operator.openshift.io", "name": "cluster", "resource": "configs"},
        {"group": "imageregistry.operator.openshift.io", "name": "cluster", "resource": "imagepruners"},
        {"group": "rbac.authorization.k8s.io", "name": "system:registry", "resource": "clusterroles"},
        {"group": "rbac.authorization.k8s.io", "name": "registry-registry-role", "resource": "clusterrolebindings"},
        {
            "group": "rbac.authorization.k8s.io",
            "name": "openshift-image-registry-pruner",
            "resource": "clusterrolebindings",
        },
        {"group": "", "name": "openshift-image-registry", "resource": "namespaces"},
    ]);
    shows(cluster, &report, &[("/status/versions", second), ("/status/relatedObjects", related)]).await;
    reports(cluster, &report, &[["Progressing", "False", "Ready"], ["Degraded", "False", "AsExpected"]]).await;
}
