//! Every parser of foreign bytes as a function of bytes, for `fuzz/` and the test that replays its corpus. Nothing in
//! the operator calls it, so that the linker leaves it out. Image references have none: they are passed on as they are.

use crate::api::validate::{parse_config, parse_image_pruner};
use crate::api::{azure, cron, duration::GoDuration, quantity, url};
use crate::cli;
use crate::execute::storage;
use crate::execute::{Live, diff, kubeconfig, ownership};
use crate::inputs::files::{Looked, Text, environment_from_text, from_documents, from_live};
use crate::inputs::{Environment, Inputs, Observed, SecretData};
use crate::move_blobs;
use crate::net::{Answer, Network, without_what_was_sent};
use crate::operator::controller_config;
use crate::render::names::{CLOUD_CREDENTIALS, NAMESPACE, USER_CONFIGURATION};
use crate::render::{lint, mask, render};
use crate::tests_ext;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

/// A parser, by name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them. Each returns whatever the bytes are.
pub const TARGETS: [Target; 15] = [
    ("answers", answers),
    ("certificates", certificates),
    ("config", config),
    ("controller_config", controller),
    ("credentials", credentials),
    ("echo", echo),
    ("environment", environment),
    ("golden", golden),
    ("inputs", inputs),
    ("kubeconfig", kubeconfig),
    ("live", live),
    ("names", names),
    ("ownership", managed),
    ("secrets", secrets),
    ("words", words),
];

/// Plans, and does with the plan what verbs do.
fn planned(inputs: &Inputs) {
    let plan = render(inputs);
    let masked = mask::masked_plan(&plan);
    drop((lint::lint(&plan), masked.to_string(), format!("{inputs:?}")));
}

/// The first byte says which status, the rest is the body.
fn answers(bytes: &[u8]) {
    let Some((first, body)) = bytes.split_first() else { return };
    const STATUSES: [u16; 8] = [200, 201, 400, 401, 403, 404, 409, 503];
    let status = STATUSES.get(usize::from(first % 8)).and_then(|status| StatusCode::from_u16(*status).ok());
    let body = body.to_vec().into();
    let answer = Answer { status: status.unwrap_or_default(), headers: HeaderMap::new(), body };
    storage::read_answer(&answer);
    move_blobs::read_listing(&answer.text());
}

fn certificates(bytes: &[u8]) {
    drop(Network::new(None, "", &String::from_utf8_lossy(bytes)));
}

fn config(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    drop((parse_config(&value), parse_image_pruner(&value)));
}

fn controller(bytes: &[u8]) {
    drop(controller_config::parse(bytes));
}

fn credentials(bytes: &[u8]) {
    storage::read_credentials(bytes);
    drop(azure::Cloud::stack(&String::from_utf8_lossy(bytes)));
}

/// A header, the body of a request, and what answers it, parted by NUL.
fn echo(bytes: &[u8]) {
    let mut parts = bytes.splitn(3, |byte| *byte == 0).map(<[u8]>::to_vec);
    let (header, body, answer) = (parts.next(), parts.next(), parts.next());
    let request = Request::post("/").header(AUTHORIZATION, header.unwrap_or_default());
    let Ok(request) = request.body(Full::from(body.unwrap_or_default())) else { return };
    drop(without_what_was_sent(&request, answer.unwrap_or_default().into()));
}

fn environment(bytes: &[u8]) {
    drop(environment_from_text(Text { name: "env", content: &String::from_utf8_lossy(bytes) }));
}

fn golden(bytes: &[u8]) {
    cli::read_golden(&String::from_utf8_lossy(bytes));
}

fn inputs(bytes: &[u8]) {
    let text = Text { name: "input", content: &String::from_utf8_lossy(bytes) };
    if let Ok(loaded) = from_documents([text], Environment::default()) {
        planned(&loaded.inputs);
    }
}

fn kubeconfig(bytes: &[u8]) {
    kubeconfig::read(&String::from_utf8_lossy(bytes));
}

/// Objects of an API server: one, or a list of them.
fn live(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let objects = if let Value::Array(objects) = value { objects } else { vec![value] };
    let looked = Looked { kind: "Secret", namespace: NAMESPACE, name: None };
    planned(&from_live(&objects, [looked], Environment::default()));
    for mut object in objects {
        drop(Live::new(object.clone()));
        mask::mask(&mut object);
    }
}

/// A live object, fields in the form of FieldsV1, and what was rendered.
fn managed(bytes: &[u8]) {
    let Ok((mut body, mut owned, rendered)) = serde_json::from_slice::<(Value, Value, Value)>(bytes) else { return };
    ownership::is_as_rendered(&owned, &rendered, &body);
    ownership::contains(&body, &rendered);
    drop(ownership::extract(&owned, &body));
    if let Some(live) = Live::with_all_managers(body.clone()) {
        drop((diff::between(&live, &rendered), diff::wanted(&live, &rendered)));
    }
    ownership::merge(&mut owned, &rendered);
    ownership::overlay(&mut body, &rendered);
}

/// A platform, by the first byte, and one value of its Secrets, the rest.
fn secrets(bytes: &[u8]) {
    let Some((first, value)) = bytes.split_first() else { return };
    let (platform, keys): (_, &[&str]) = match first % 5 {
        0 => (json!({ "type": "AWS", "aws": { "region": "r" } }), &["credentials", "aws_access_key_id"]),
        1 => (json!({ "type": "GCP", "gcp": { "projectID": "p", "region": "r" } }), &["service_account.json"]),
        2 => (
            json!({ "type": "Azure", "azure": { "resourceGroupName": "g" } }),
            &["azure_client_secret", "azure_region"],
        ),
        3 => (json!({ "type": "OpenStack", "openstack": {} }), &["clouds.yaml"]),
        _ => (json!({ "type": "IBMCloud", "ibmcloud": { "location": "l" } }), &["ibmcloud_api_key"]),
    };
    let type_ = &platform["type"];
    let storage = match first % 5 {
        0 => json!({ "s3": { "bucket": "b" } }),
        1 => json!({ "gcs": { "bucket": "b" } }),
        2 => json!({ "azure": { "accountName": "a", "container": "c" } }),
        3 => json!({ "swift": { "container": "c" } }),
        _ => json!({ "ibmcos": { "bucket": "b" } }),
    };
    let objects = [
        json!({ "apiVersion": "config.openshift.io/v1", "kind": "Infrastructure", "metadata": { "name": "cluster" },
            "status": { "infrastructureName": "demo", "platform": type_, "platformStatus": platform } }),
        json!({ "apiVersion": "imageregistry.operator.openshift.io/v1", "kind": "Config", "metadata": { "name": "cluster" },
            "spec": { "managementState": "Managed", "replicas": 1, "httpSecret": "s", "storage": storage } }),
    ];
    // One at a time: where the user gives a Secret, the cloud's is not read.
    for name in [CLOUD_CREDENTIALS, USER_CONFIGURATION] {
        let mut inputs = from_live(&objects, [], Environment::default());
        let data = keys.iter().map(|key| ((*key).to_owned(), value.to_vec().into())).collect();
        let secret = SecretData { data, ..SecretData::default() };
        inputs.objects.secrets.insert((NAMESPACE.to_owned(), name.to_owned()), Observed::Present(secret));
        planned(&inputs);
    }
}

/// Names, which are compared with those that are known.
fn names(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let text: &str = &text;
    drop(tests_ext::names::hint(text, &["[sig-imageregistry] the registry serves what was pushed to it"; 9]));
    drop(from_live(
        [&json!({ "apiVersion": text, "kind": text, "metadata": { "name": text } })],
        [],
        Environment::default(),
    ));
    drop(parse_config(&json!({ "spec": { text: text, "storage": { text: {} }, "managementState": text } })));
}

/// Quantities, durations, schedules and sentences.
fn words(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    drop((quantity::validate_quantity(&text), text.parse::<GoDuration>(), cron::validate_cron(&text)));
    drop((url::without_userinfo(&text, "x"), storage::quoted(&text)));
}
