//! What is in Secret image-registry-private-configuration. Golden files mask it.

use crate::world::{World, manifest, scenario, secret_data, variable};
use cluster_image_registry_operator::inputs::{MediumId, MediumObservation, Presence, Told};
use serde_json::{Value, json};

const OURS: &str = "image-registry-private-configuration";
const USER: &str = "image-registry-private-configuration-user";
const CLOUD: &str = "installer-cloud-credentials";

fn content(world: &World) -> Value {
    serde_json::to_value(secret_data(&world.sound_plan(), OURS)).unwrap()
}

#[test]
fn s3_gets_an_ini_file_as_it_is() {
    let keys = json!({ "aws_access_key_id": "AKIAFAKE", "aws_secret_access_key": "not/secret" });
    let ini = "[default]\naws_access_key_id = AKIAFAKE\naws_secret_access_key = not/secret\n";
    let world = scenario("s3-minted-static-keys");
    assert_eq!(content(&world.clone().secret(CLOUD, keys)), json!({ "credentials": ini }));
    // A file that was minted, as for web identity, is not touched: not even its missing end of line.
    let minted =
        json!({ "credentials": "[default]\nrole_arn = fake", "aws_access_key_id": "x", "aws_secret_access_key": "y" });
    assert_eq!(content(&world.clone().secret(CLOUD, minted)), json!({ "credentials": "[default]\nrole_arn = fake" }));
    let user = json!({ "REGISTRY_STORAGE_S3_ACCESSKEY": "AKIAFAKE", "REGISTRY_STORAGE_S3_SECRETKEY": "not/secret" });
    assert_eq!(content(&world.secret(USER, user)), json!({ "credentials": ini }));
}

#[test]
fn gcs_gets_the_key_file_as_it_is() {
    let file = "{\n  \"type\": \"service_account\"}\n";
    let world = scenario("gcs-derived-bucket").secret(CLOUD, json!({ "service_account.json": file }));
    assert_eq!(content(&world), json!({ "REGISTRY_STORAGE_GCS_KEYFILE": file }));
}

/// The registry parses its environment as YAML, so a key that looks like a number has to be quoted.
#[test]
fn azure_account_key_is_encoded_as_yaml() {
    for (key, encoded) in [("bm90LWEta2V5PQ==", "bm90LWEta2V5PQ=="), ("0123", "\"0123\""), ("1e10", "\"1e10\"")] {
        let world = scenario("azure-account-key").secret(USER, json!({ "REGISTRY_STORAGE_AZURE_ACCOUNTKEY": key }));
        assert_eq!(content(&world), json!({ "REGISTRY_STORAGE_AZURE_ACCOUNTKEY": encoded }));
    }
}

#[test]
fn azure_account_key_told_by_the_service_is_rendered_and_a_live_one_is_left_alone() {
    let world = scenario("azure-client-secret-live-key");
    assert_eq!(manifest(&world.sound_plan(), &format!("Secret/{OURS}")), None);
    assert_eq!(variable(&world.sound_plan(), "REGISTRY_STORAGE_AZURE_ACCOUNTKEY").unwrap(), "<secret>");
    let mut inputs = world.inputs();
    let azure = inputs.config.present().and_then(|config| config.spec.storage.as_ref()?.azure.clone()).unwrap();
    inputs.observed.storage.medium = Some(MediumObservation {
        id: MediumId { backend: "azure", name: azure.container.unwrap(), place: azure.account_name.unwrap() },
        presence: Presence::Found { ours: true },
        facts: Vec::new(),
        told: Told { azure_account_key: Some("0123".to_owned().into()), ..Told::default() },
    });
    let plan = cluster_image_registry_operator::render::render(&inputs);
    assert_eq!(secret_data(&plan, OURS)["REGISTRY_STORAGE_AZURE_ACCOUNTKEY"], "\"0123\"");
}

#[test]
fn azure_workload_identity_needs_no_key() {
    let plan = scenario("azure-derived-workload-identity").sound_plan();
    assert_eq!(secret_data(&plan, OURS).len(), 0);
    assert_eq!(variable(&plan, "REGISTRY_STORAGE_AZURE_ACCOUNTKEY"), None);
    assert_eq!(variable(&plan, "AZURE_AUTHORITY_HOST").unwrap(), "https://login.microsoftonline.com/");
}

/// All six are there: the registry's variables refer to them.
#[test]
fn swift_has_six_keys_and_empty_ones_are_two_quotes() {
    let prefix = "REGISTRY_STORAGE_SWIFT_";
    let world = scenario("yaml-password-like-boolean");
    assert_eq!(
        content(&world),
        json!({
            "REGISTRY_STORAGE_SWIFT_USERNAME": "\"0x1F\"",
            "REGISTRY_STORAGE_SWIFT_PASSWORD": "\"yes\"",
            "REGISTRY_STORAGE_SWIFT_TOKENID": "\"\"",
            "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALID": "\"\"",
            "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALNAME": "\"\"",
            "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALSECRET": "\"\"",
        })
    );
    let token = world.secret(USER, json!({ format!("{prefix}TOKENID"): "fake" }));
    assert_eq!(content(&token)["REGISTRY_STORAGE_SWIFT_TOKENID"], "fake");
}

/// People write passwords into clouds.yaml without quotes. OpenStack's clients take the text as it stands.
#[test]
fn a_password_in_clouds_yaml_is_text_whatever_it_looks_like() {
    for (written, encoded) in [
        ("010", "\"010\""),
        ("0x1F", "\"0x1F\""),
        ("1e3", "\"1e3\""),
        ("1_000", "\"1_000\""),
        ("'yes'", "\"yes\""),
        ("true", "\"true\""),
        ("1.50", "\"1.50\""),
        ("plain", "plain"),
    ] {
        let clouds = format!(
            "clouds: {{openstack: {{auth: {{auth_url: 'https://k.example.com', username: u, password: {written}}}}}}}"
        );
        let world = scenario("swift-url-without-version").secret(CLOUD, json!({ "clouds.yaml": clouds }));
        assert_eq!(content(&world)["REGISTRY_STORAGE_SWIFT_PASSWORD"], encoded, "{written}");
    }
}

#[test]
fn storage_without_credentials_has_an_empty_secret() {
    assert_eq!(content(&scenario("none-emptydir")), json!({}));
}

#[test]
fn the_pull_secret_is_copied_byte_for_byte_and_left_out_if_there_is_none() {
    let copied = secret_data(&scenario("aws-default").sound_plan(), "installation-pull-secrets");
    assert_eq!(copied[".dockerconfigjson"], r#"{"auths":{"quay.io":{"auth":"dTpw"}}}"#);
    let plan = scenario("aws-default").without("Secret/pull-secret").sound_plan();
    assert_eq!(manifest(&plan, "Secret/installation-pull-secrets"), None);
    assert!(manifest(&plan, "Deployment/image-registry").is_some());
}

/// A user's Secret that lacks a key is a mistake, not a wish for the minted one.
#[test]
fn an_incomplete_user_secret_is_never_made_up_for() {
    for (name, value) in [
        ("s3-minted-static-keys", json!({ "REGISTRY_STORAGE_S3_ACCESSKEY": "x" })),
        ("gcs-derived-bucket", json!({ "other": "x" })),
        ("azure-derived-workload-identity", json!({ "REGISTRY_STORAGE_AZURE_ACCOUNTKEY": "" })),
        ("ibmcos-endpoint-override", json!({ "REGISTRY_STORAGE_IBMCOS_IAMAPIKEY": "" })),
        ("swift-url-without-version", json!({ "REGISTRY_STORAGE_SWIFT_USERNAME": "u" })),
    ] {
        let plan = scenario(name).secret(USER, value).plan();
        let problems: Vec<_> = plan.problems.iter().map(|problem| (problem.object.as_str(), problem.reason)).collect();
        assert_eq!(
            problems,
            [("Secret/openshift-image-registry/image-registry-private-configuration-user", "KeyMissing")],
            "{name}"
        );
    }
}
