//! The CAs for registry pods, nodes and other components.

use crate::world::{CONFIG, World, at, scenario};
use serde_json::{Value, json};

const OWN: &str = "image-registry.openshift-image-registry.svc..5000";

/// The data of image-registry-certificates and of image-registry-ca.
fn published(world: &World) -> (Value, Value) {
    let plan = world.sound_plan();
    let data = |name: &str| at(&plan, &format!("ConfigMap/{name}"), "/data").cloned().unwrap_or_default();
    (data("image-registry-certificates"), data("image-registry-ca"))
}

#[test]
fn the_storage_ca_follows_the_registrys_own_unless_nobody_is_redirected() {
    let world = scenario("ca-swift-cacert-disable-redirect");
    let (certificates, ca) = published(&world);
    assert_eq!(certificates[OWN], ca[OWN]);
    let own = ca[OWN].as_str().unwrap().to_owned();
    let storage = certificates["storage-ca-bundle.pem"].as_str().unwrap().to_owned();
    assert_eq!(ca.get("storage-ca-bundle.pem"), None);
    let (certificates, ca) = published(&world.patch(CONFIG, json!({ "spec": { "disableRedirect": false } })));
    assert_eq!(certificates[OWN], format!("{own}\n{storage}"));
    assert_eq!(ca[OWN], certificates[OWN]);
}

#[test]
fn an_empty_storage_ca_is_none() {
    let world = scenario("s3-minted-static-keys");
    let before = published(&world);
    let empty = world.config_map("openshift-config-managed", "kube-cloud-config", json!({ "ca-bundle.pem": "" }));
    assert_eq!(published(&empty), before);
}

#[test]
fn additional_cas_win_in_certificates_and_are_not_in_the_other() {
    let (certificates, ca) = published(&scenario("ca-additional-overrides-own-hostname"));
    assert_ne!(certificates[OWN], ca[OWN]);
    assert!(certificates.get("mirror.example.com").is_some() && ca.get("mirror.example.com").is_none());
    let plan = scenario("ca-additional-binary-data").sound_plan();
    let binary = at(&plan, "ConfigMap/image-registry-certificates", "/binaryData").unwrap();
    assert_eq!(binary, &json!({ "mirror.example.com..8443": "bm90IGEgY2VydGlmaWNhdGU=" }));
}

#[test]
fn the_keys_name_the_port_of_the_service() {
    let keys =
        |name: &str| published(&scenario(name)).1.as_object().map(|data| data.keys().cloned().collect::<Vec<_>>());
    let host = "image-registry.openshift-image-registry.svc";
    assert_eq!(keys("none-emptydir").unwrap(), [format!("{host}..5000"), format!("{host}.cluster.local..5000")]);
    assert_eq!(keys("ca-service-port-443").unwrap(), [host.to_owned(), format!("{host}.cluster.local")]);
    assert_eq!(keys("ca-no-serviceca"), None);
}

/// Pods notice neither Secrets nor ConfigMaps that change; the checksum restarts them.
#[test]
fn the_checksum_follows_content_and_nothing_else() {
    let checksum = |world: &World| {
        let path = "/spec/template/metadata/annotations/imageregistry.operator.openshift.io~1dependencies-checksum";
        at(&world.sound_plan(), "Deployment/image-registry", path).cloned().unwrap()
    };
    let world = scenario("aws-default");
    let before = checksum(&world);
    let labelled = json!({ "metadata": { "labels": { "any": "thing" }, "resourceVersion": "7" } });
    assert_eq!(checksum(&world.clone().patch("Secret/image-registry-tls", labelled)), before);
    for (object, change) in [
        ("Secret/image-registry-tls", json!({ "data": { "tls.key": "b3RoZXI=" } })),
        ("Secret/pull-secret", json!({ "data": { ".dockerconfigjson": "e30=" } })),
        ("Secret/installer-cloud-credentials", json!({ "data": { "credentials": "b3RoZXI=" } })),
        ("ConfigMap/serviceca", json!({ "data": { "service-ca.crt": "other" } })),
    ] {
        assert_ne!(checksum(&world.clone().patch(object, change)), before, "{object}");
    }
}
