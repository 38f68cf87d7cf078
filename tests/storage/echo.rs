//! Services that repeat what they were sent, headers and body, when they refuse it: nothing secret of that gets into
//! troubles, conditions, outcomes or plans.

use crate::gcs::front::Key;
use crate::support::internet::{Internet, Request, Response};
use crate::world::World;
use cluster_image_registry_operator::net::Network;
use serde_json::{Value, json};
use std::sync::Arc;

const CANARY: &str = "canary-sings-42";

/// Whether tokens are given out, so that the services themselves are asked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Tokens {
    Given,
    Refused,
}

fn echo(tokens: Tokens, status: u16, request: &Request) -> Response {
    let mut said = format!("{} {}\n", request.method, request.target);
    for (name, value) in &request.headers {
        said.push_str(&format!("{name}: {}\n", value.to_str().unwrap_or_default()));
    }
    said.push_str(&request.text());
    let asks_for_token = request.path.contains("token");
    if asks_for_token && tokens == Tokens::Given {
        return token(request);
    }
    let xml = format!("<Error><Code>Forbidden</Code><Message>{}</Message></Error>", escape(&said));
    if request.host.contains("amazonaws") || request.host.contains("blob.core") {
        return Response::xml(status, &xml);
    }
    let inner =
        json!({ "code": status, "message": said, "status": said, "errors": [{ "message": said, "code": "x" }] });
    let error = if asks_for_token { json!(said) } else { inner };
    let body = json!({ "error": error, "error_description": said, "errorMessage": said, "message": said,
        "errors": [{ "code": "x", "message": said }] });
    Response::json(status, &body)
}

/// A token of whatever service, with a catalogue for Keystone's.
fn token(request: &Request) -> Response {
    let catalog = json!([{ "type": "object-store", "endpoints": [{ "interface": "public", "region": "R", "region_id": "R",
        "url": "https://swift.example.com/v1/AUTH_x" }] }]);
    let body = json!({ "access_token": format!("{CANARY}-of-a-token"), "expires_in": 3600, "token_type": "Bearer",
        "token": { "expires_at": "2999-01-01T00:00:00Z", "issued_at": "2026-01-01T00:00:00Z", "catalog": catalog } });
    let status = if request.path.ends_with("/auth/tokens") { 201 } else { 200 };
    Response::json(status, &body).with_header("x-subject-token", &format!("{CANARY}-of-keystone"))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Platform, storage and credentials, for each service.
fn services() -> [(&'static str, Value, Value, Value); 5] {
    let mut key = Key::A.file();
    key["private_key_id"] = json!(CANARY);
    let auth = json!({ "auth_url": "https://keystone.example.com/v3", "username": "u", "password": CANARY,
        "project_name": "p", "user_domain_name": "Default" });
    let azure = json!({ "azure_client_id": "client", "azure_tenant_id": "tenant", "azure_subscription_id": "sub",
        "azure_region": "eastus", "azure_resourcegroup": "group", "azure_client_secret": CANARY });
    [
        (
            "S3",
            json!({ "type": "AWS", "aws": { "region": "us-east-1" } }),
            json!({ "s3": { "bucket": "images", "region": "us-east-1" } }),
            json!({ "aws_access_key_id": CANARY, "aws_secret_access_key": CANARY }),
        ),
        (
            "Google",
            json!({ "type": "GCP", "gcp": { "projectID": "demo", "region": "us-central1" } }),
            json!({ "gcs": { "bucket": "images" } }),
            json!({ "service_account.json": key.to_string() }),
        ),
        (
            "Azure",
            json!({ "type": "Azure", "azure": { "resourceGroupName": "group", "cloudName": "AzurePublicCloud" } }),
            json!({ "azure": { "accountName": "account", "container": "images" } }),
            azure,
        ),
        (
            "IBM",
            json!({ "type": "IBMCloud", "ibmcloud": { "location": "us-south", "resourceGroupName": "group",
                "providerType": "VPC" } }),
            json!({ "ibmcos": { "bucket": "images" } }),
            json!({ "ibmcloud_api_key": CANARY }),
        ),
        (
            "Swift",
            json!({ "type": "OpenStack", "openstack": {} }),
            json!({ "swift": { "container": "images" } }),
            json!({ "clouds.yaml": json!({ "clouds": { "openstack": { "auth": auth } } }).to_string() }),
        ),
    ]
}

async fn refused(service: &str, tokens: Tokens, status: u16, [platform, storage, credentials]: [Value; 3]) {
    let internet = Internet::start();
    internet.answer("*", Arc::new(move |request| echo(tokens, status, request)));
    let network = Network::new(Some(&internet.proxy()), "", internet.ca_pem()).unwrap();
    let mut world = World::on(platform, storage, credentials, network);
    world.settle().await;
    let what = format!("{service}, tokens {tokens:?}, {status}");
    let trouble = world.trouble.clone().unwrap_or_else(|| panic!("{what}: nothing failed"));
    assert!(!internet.calls().is_empty(), "{what}: nobody was asked");
    let config = world.objects.iter().find(|object| object["kind"] == "Config").unwrap();
    let (inputs, plan) = (format!("{:?}", world.inputs()), format!("{:?}", world.plan()));
    for told in [trouble, format!("{:?}", world.done), config["status"].to_string(), inputs, plan] {
        assert!(!told.contains("canary"), "{what}: {told}");
    }
}

#[tokio::test]
async fn what_a_service_repeats_is_not_told() {
    for (service, platform, storage, credentials) in services() {
        for tokens in [Tokens::Refused, Tokens::Given] {
            for status in [400, 403] {
                let given = [platform.clone(), storage.clone(), credentials.clone()];
                refused(service, tokens, status, given).await;
            }
        }
    }
}
