//! Passwords, application credentials, tokens, and what Keystone has against them.

use super::{Cloud, KEYSTONE, exists, pair};
use crate::support::internet::{Fault, Internet};
use crate::support::servers::swift::IDENTITY;
use crate::world::World;
use cluster_image_registry_operator::net::Network;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const USER: &str = "image-registry-private-configuration-user";

/// A world in which the user's Secret counts, with these keys of it, and these settings of a container `images`.
fn with_users(cloud: &Cloud, secret: &[(&str, &str)], settings: Value) -> World {
    let mut swift = json!({ "container": "images", "authURL": KEYSTONE });
    swift.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let mut world = cloud.world_with(swift, json!({ "clouds.yaml": "clouds: {}" }));
    let keys = secret.iter().map(|(key, value)| (format!("REGISTRY_STORAGE_SWIFT_{key}"), json!(value)));
    world.secret(USER, Value::Object(keys.collect()));
    world
}

async fn creates(cloud: &Cloud, mut world: World) {
    world.settle_well().await;
    assert_eq!(exists(&world), pair("True", "CreationSuccessful"));
    assert_eq!(cloud.containers(), ["images"]);
}

#[tokio::test]
async fn an_application_credential_is_for_its_project() {
    let cloud = Cloud::new();
    let (id, secret) = cloud.swift.application_credential(&cloud.project, "operator");
    let minted = cloud.minted_with(json!({ "application_credential_id": id, "application_credential_secret": secret }));
    creates(&cloud, cloud.world_with(json!({ "container": "images" }), minted)).await;
}

#[tokio::test]
async fn an_application_credential_may_be_named() {
    let cloud = Cloud::new();
    let (_, secret) = cloud.swift.application_credential(&cloud.project, "operator");
    let minted = cloud.minted_with(json!({ "application_credential_name": "operator",
        "application_credential_secret": secret, "username": cloud.project.user.name }));
    creates(&cloud, cloud.world_with(json!({ "container": "images" }), minted)).await;
}

#[tokio::test]
async fn a_users_password_goes_with_the_project_and_the_domain_of_spec() {
    let cloud = Cloud::new();
    let user = &cloud.project.user;
    let secret = [("USERNAME", user.name.as_str()), ("PASSWORD", user.password.as_str())];
    let settings = json!({ "tenantID": cloud.project.id, "domainID": "default" });
    creates(&cloud, with_users(&cloud, &secret, settings)).await;
}

#[tokio::test]
async fn a_token_is_used_as_it_is_or_for_the_project_that_is_named() {
    for named in [false, true] {
        let cloud = Cloud::new();
        let token = cloud.swift.token_of(&cloud.project.id, &cloud.project.user);
        let settings = if named { json!({ "tenant": cloud.project.name }) } else { json!({}) };
        creates(&cloud, with_users(&cloud, &[("TOKENID", &token)], settings)).await;
        let methods: Vec<_> = cloud.internet.calls().into_iter().map(|call| call.method.clone()).collect();
        assert_eq!(methods[0], if named { "POST" } else { "GET" });
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_with_its_secret_and_without_itself() {
    let cloud = Cloud::new();
    let minted = cloud.minted_with(json!({ "username": cloud.project.user.name, "password": "hunter2-hunter2",
        "project_name": cloud.project.name }));
    let mut world = cloud.world_with(json!({}), minted);
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("Secret openshift-image-registry/installer-cloud-credentials, whether"), "{trouble}");
    assert!(!trouble.contains("hunter2"), "{trouble}");
    assert_eq!(exists(&world), pair("Unknown", "CredentialsNotAccepted"));
}

#[tokio::test]
async fn who_may_not_use_swift_is_told_what_is_missing() {
    let cloud = Cloud::new();
    let reader = cloud.swift.reader(&cloud.project);
    let minted = cloud.minted_with(json!({ "username": reader.name, "password": reader.password,
        "project_name": cloud.project.name }));
    let mut world = cloud.world_with(json!({}), minted);
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("installer-cloud-credentials a role in the project"), "{trouble}");
    assert_eq!(exists(&world), pair("Unknown", "Forbidden"));
}

#[tokio::test]
async fn a_user_of_another_project_gets_no_token_for_this_one() {
    let cloud = Cloud::new();
    let stranger = cloud.swift.project().user;
    let minted = cloud.minted_with(json!({ "username": stranger.name, "password": stranger.password,
        "project_id": cloud.project.id }));
    let mut world = cloud.world_with(json!({}), minted);
    world.settle().await;
    assert_eq!(exists(&world), pair("Unknown", "CredentialsNotAccepted"));
}

#[tokio::test]
async fn rotated_credentials_take_effect() {
    let mut cloud = Cloud::strict();
    let mut world = cloud.world(json!({}));
    world.settle_well().await;
    cloud.swift.set_password(&cloud.project.user, "another password");
    world.look_again().await;
    assert!(world.trouble.as_ref().is_some_and(|trouble| trouble.contains("gives no token")), "{:?}", world.trouble);
    cloud.project.user.password = "another password".to_owned();
    world.secret("installer-cloud-credentials", cloud.minted());
    // Keystone takes tokens of the second in which a password was changed for older ones, and revokes them.
    let end = Instant::now() + Duration::from_secs(20);
    world.settle().await;
    while world.trouble.is_some() && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(200)).await;
        world.settle().await;
    }
    assert_eq!((world.trouble.as_deref(), exists(&world).0.as_str()), (None, "True"));
}

#[tokio::test]
async fn a_token_that_is_not_accepted_any_more_is_renewed_once() {
    let cloud = Cloud::strict();
    let mut world = cloud.world(json!({ "container": "images" }));
    world.settle_well().await;
    let last = cloud.internet.calls().pop().unwrap();
    cloud.swift.revoke(last.header("x-auth-token"));
    cloud.calls();
    world.look_again().await;
    assert_eq!(world.trouble, None);
    assert_eq!(cloud.calls(), ["HEAD /images", "token", "HEAD /images"]);
}

#[tokio::test]
async fn keystone_of_another_version_is_told() {
    let cloud = Cloud::new();
    let mut world = cloud.world(json!({ "authURL": "https://identity.example.com/v2.0", "authVersion": "2" }));
    world.settle().await;
    let trouble = world.trouble.clone().unwrap();
    assert!(trouble.contains("version 2 of its API, and the operator knows version 3 alone;"), "{trouble}");
    assert_eq!(cloud.calls(), [""; 0]);
}

#[tokio::test]
async fn an_unknown_ca_is_told_and_the_minted_one_is_trusted_besides() {
    let cloud = Cloud::new();
    cloud.internet.fault(Fault::unknown_ca().host(IDENTITY));
    let mut world = cloud.world(json!({}));
    world.settle().await;
    assert_eq!(exists(&world), pair("Unknown", "CertificateNotTrusted"), "{:?}", world.trouble);
    cloud.internet.clear_faults();

    let other = Internet::start();
    world.reach_through(Network::new(Some(&cloud.internet.proxy()), "", other.ca_pem()).unwrap());
    world.settle().await;
    assert_eq!(exists(&world), pair("Unknown", "CertificateNotTrusted"));
    let mut minted = cloud.minted();
    minted["cacert"] = json!(cloud.internet.ca_pem());
    world.secret("installer-cloud-credentials", minted);
    world.settle_well().await;
}

#[tokio::test]
async fn the_ca_of_the_cloud_provider_is_trusted() {
    let cloud = Cloud::new();
    let other = Internet::start();
    let mut world = cloud.world(json!({}));
    world.reach_through(Network::new(Some(&cloud.internet.proxy()), "", other.ca_pem()).unwrap());
    let bundle = json!({ "ca-bundle.pem": cloud.internet.ca_pem() });
    world.config_map("openshift-config", "cloud-provider-config", bundle);
    world.settle_well().await;
    assert_eq!(cloud.containers().len(), 1);
}
