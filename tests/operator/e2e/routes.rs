//! Routes, their certificates, and the host names that Image publishes.

use super::support::{
    NAMESPACE, READY, condition, config, configure, exists, is_gone, object, patch, reports, shows, start, until,
};
use crate::cluster::Cluster;
use crate::cluster::operator::Options;
use crate::cluster::stand_ins::StandIn;
use crate::install::empty_dir;
use serde_json::{Value, json};

#[tokio::test]
async fn routes() {
    let cluster = Cluster::acquire().await;
    let mut wanted = empty_dir();
    let routes = ["zebra", "ape"].map(|name| json!({"name": name, "hostname": format!("{name}.example.com")}));
    wanted["spec"]["defaultRoute"] = json!(true);
    wanted["spec"]["routes"] = json!(routes);
    cluster.apply(&wanted).await.unwrap();
    let _operator = start(&cluster, Options::default());
    reports(&cluster, &config(), &READY).await;
    default_and_extra_routes(&cluster).await;
    secure_route(&cluster).await;
    refused_route(&cluster).await;
    unwanted_routes(&cluster).await;
}

/// The default route's host comes first, the others are sorted.
async fn default_and_extra_routes(cluster: &Cluster) {
    let default = exists(cluster, &object("Route", "default-route")).await;
    assert_eq!(default["metadata"]["annotations"]["imageregistry.openshift.io"], "true", "{default}");
    assert_eq!(default["spec"]["tls"]["termination"], "reencrypt");
    let to = default["spec"]["to"].clone();
    assert_eq!((&to["kind"], &to["name"]), (&json!("Service"), &json!("image-registry")));
    for name in ["zebra", "ape"] {
        let host = json!(format!("{name}.example.com"));
        shows(cluster, &object("Route", name), &[("/spec/host", host), ("/spec/tls/certificate", Value::Null)]).await;
    }
    let hosts =
        json!(["default-route-openshift-image-registry.apps.example.com", "ape.example.com", "zebra.example.com",]);
    let wanted = [
        ("/status/externalRegistryHostnames", hosts),
        ("/status/internalRegistryHostname", json!("image-registry.openshift-image-registry.svc:5000")),
    ];
    shows(cluster, &object("Image", "cluster"), &wanted).await;
}

/// Certificate and key come from a Secret, and follow it; a missing Secret is told, and heals.
async fn secure_route(cluster: &Cluster) {
    let routes = json!([{"name": "secure", "hostname": "secure.example.com", "secretName": "secure-tls"}]);
    patch(cluster, json!({"defaultRoute": false, "routes": routes})).await;
    let found = reports(cluster, &config(), &[["Degraded", "True", "ObjectMissing"], READY[0]]).await;
    let message = condition(&found, "Degraded")["message"].to_string();
    assert!(message.contains("Secret/openshift-image-registry/secure-tls"), "{message}");
    let secret = |key: &str| {
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "secure-tls", "namespace": NAMESPACE},
            "stringData": {"tls.crt": "certificate", "tls.key": key, "tls.cacrt": "ca"},
        })
    };
    cluster.apply(&secret("key")).await.unwrap();
    let route = object("Route", "secure");
    let wanted = [
        ("/spec/host", json!("secure.example.com")),
        ("/spec/tls/certificate", json!("certificate")),
        ("/spec/tls/key", json!("key")),
        ("/spec/tls/caCertificate", json!("ca")),
    ];
    shows(cluster, &route, &wanted).await;
    reports(cluster, &config(), &READY).await;
    cluster.apply(&secret("another")).await.unwrap();
    shows(cluster, &route, &[("/spec/tls/key", json!("another"))]).await;
    // Those that are not wanted any more are gone.
    for name in ["default-route", "zebra", "ape"] {
        is_gone(cluster, &object("Route", name)).await;
    }
    let hosts = json!(["secure.example.com"]);
    shows(cluster, &object("Image", "cluster"), &[("/status/externalRegistryHostnames", hosts)]).await;
}

/// A route that the router does not admit is Degraded, and named.
async fn refused_route(cluster: &Cluster) {
    cluster.stand_ins().pause(StandIn::Router);
    let admitted = |status: &str| {
        json!({"ingress": [{
            "host": "secure.example.com",
            "routerName": "default",
            "conditions": [{"type": "Admitted", "status": status, "message": "host already claimed"}],
        }]})
    };
    let route = object("Route", "secure");
    cluster.merge_status(&route, admitted("False")).await.unwrap();
    let found = reports(cluster, &config(), &[["Degraded", "True", "RouteDegraded"], READY[0], READY[1]]).await;
    let message = "route secure (host secure.example.com, router default) not admitted: host already claimed";
    assert_eq!(condition(&found, "Degraded")["message"], message);
    let operator = object("ClusterOperator", "image-registry");
    reports(cluster, &operator, &[["Degraded", "True", "RouteDegraded"]]).await;
    cluster.merge_status(&route, admitted("True")).await.unwrap();
    reports(cluster, &config(), &READY).await;
    cluster.stand_ins().resume(StandIn::Router);
}

/// Routes with the mark that nobody asks for go; others stay.
async fn unwanted_routes(cluster: &Cluster) {
    let route = |name: &str, annotations: Value| {
        let mut route = object("Route", name);
        route["metadata"]["annotations"] = annotations;
        route["spec"] = json!({"to": {"kind": "Service", "name": "image-registry", "weight": 100}});
        route
    };
    let foreign = route("foreign", Value::Null);
    let marked = route("marked", json!({"imageregistry.openshift.io": "false"}));
    cluster.apply(&foreign).await.unwrap();
    cluster.apply(&marked).await.unwrap();
    is_gone(cluster, &marked).await;
    configure(cluster, json!({"routes": null})).await;
    is_gone(cluster, &object("Route", "secure")).await;
    exists(cluster, &foreign).await;
    let image = object("Image", "cluster");
    until(cluster, &image, "no host", |found| found["status"]["externalRegistryHostnames"].is_null()).await;
}
