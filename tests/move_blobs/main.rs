//! `move-blobs`: the real binary against azurite, and against services that fail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/mod.rs"]
mod support;

mod server;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use server::{Server, answer};
use std::os::unix::process::CommandExt;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use support::servers::azurite::{ACCOUNT, Azurite, CONTAINER, KEY};

/// The command as the Job runs it, without any credential.
fn command(endpoint: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"));
    command.args(["move-blobs", "--endpoint", endpoint, "--page-size", "2"]).env_clear();
    command.env("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT).env("AZURE_CONTAINER_NAME", CONTAINER);
    command
}

fn run_with_key(endpoint: &str, key: &str) -> (Option<i32>, String) {
    outcome(&command(endpoint).env("AZURE_ACCOUNTKEY", key).output().unwrap())
}

fn outcome(output: &Output) -> (Option<i32>, String) {
    assert!(output.stdout.is_empty());
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap())
}

fn pairs(blobs: &[(String, String)]) -> Vec<(&str, &str)> {
    blobs.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect()
}

#[test]
fn every_blob_moves_page_by_page_and_only_once() {
    let azurite = Azurite::start();
    azurite.upload(&[
        ("docker/registry/v2/blobs/sha256/aa/data", "layer"),
        ("docker/registry/v2/blobs/sha256/bb/data", ""),
        ("docker/registry/v2/repositories/a b+c%2F\u{fc}/link", "sha256:aa"),
        ("docker/registry/v2/repositories/d/link", "sha256:bb"),
        ("docker/registry/v2/repositories/e/link", "sha256:cc"),
        ("dockerfoo/kept", "1"),
        ("other/docker/kept", "2"),
    ]);
    azurite.append("docker/registry/v2/blobs/sha256/cc/data", "appended");
    let moved = [
        ("/docker/registry/v2/blobs/sha256/aa/data", "layer"),
        ("/docker/registry/v2/blobs/sha256/bb/data", ""),
        ("/docker/registry/v2/blobs/sha256/cc/data", "appended"),
        ("/docker/registry/v2/repositories/a b+c%2F\u{fc}/link", "sha256:aa"),
        ("/docker/registry/v2/repositories/d/link", "sha256:bb"),
        ("/docker/registry/v2/repositories/e/link", "sha256:cc"),
        ("dockerfoo/kept", "1"),
        ("other/docker/kept", "2"),
    ];
    for count in [6, 0] {
        let (code, said) = run_with_key(&azurite.endpoint, KEY);
        assert_eq!(code, Some(0), "{said}");
        let last = format!(
            "moved {count} blobs from docker/ to /docker/ in container {CONTAINER} of storage account {ACCOUNT}\n"
        );
        assert!(said.ends_with(&last), "{said}");
        assert_eq!(pairs(&azurite.blobs()), moved);
    }
}

#[test]
fn what_is_there_with_equal_content_is_fine_and_what_differs_stays() {
    let azurite = Azurite::start();
    azurite.upload(&[("docker/a", "same"), ("/docker/a", "same"), ("docker/b", "old"), ("/docker/b", "NEW")]);
    for name in ["docker/c", "/docker/c"] {
        azurite.append(name, "no checksum");
    }
    azurite.append("docker/d", "no checksum");
    azurite.append("/docker/d", "NO CHECKSUM");
    azurite.upload(&[("docker/e", "moves")]);

    let (code, said) = run_with_key(&azurite.endpoint, KEY);
    assert_eq!(code, Some(3), "{said}");
    for name in ["b", "d"] {
        assert!(said.contains(&format!("blob \"/docker/{name}\" is there already and differs")), "{said}");
    }
    assert_eq!(
        pairs(&azurite.blobs()),
        [
            ("/docker/a", "same"),
            ("/docker/b", "NEW"),
            ("/docker/c", "no checksum"),
            ("/docker/d", "NO CHECKSUM"),
            ("/docker/e", "moves"),
            ("docker/b", "old"),
            ("docker/d", "no checksum"),
        ]
    );
}

#[test]
fn a_wrong_key_and_a_missing_container_are_explained() {
    let azurite = Azurite::start();
    let wrong = STANDARD.encode("another key");
    let (code, said) = run_with_key(&azurite.endpoint, &wrong);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains(ACCOUNT) && said.contains("403") && said.contains("; check the "), "{said}");
    assert!(!said.contains(&wrong) && !said.contains(KEY), "{said}");

    let mut command = command(&azurite.endpoint);
    let output = command.env("AZURE_CONTAINER_NAME", "missing").env("AZURE_ACCOUNTKEY", KEY).output().unwrap();
    let (code, said) = outcome(&output);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("\"missing\" cannot be listed: the service answered 404 ContainerNotFound"), "{said}");
}

#[test]
fn every_missing_variable_is_named_whatever_the_command_is_called() {
    let binary = env!("CARGO_BIN_EXE_cluster-image-registry-operator");
    let by_verb = Command::new(binary).arg("move-blobs").env_clear().output().unwrap();
    let by_name = Command::new(binary).arg0("/usr/bin/move-blobs").env_clear().output().unwrap();
    assert_eq!(by_verb, by_name);
    let (code, said) = outcome(&by_verb);
    assert_eq!(code, Some(2), "{said}");
    for name in ["STORAGE_ACCOUNT_NAME", "CONTAINER_NAME", "ACCOUNTKEY", "CLIENT_SECRET", "CLIENT_ID", "TENANT_ID"] {
        assert!(said.contains(&format!("AZURE_{name}")), "{name}: {said}");
    }
}

/// A token that azurite takes without looking at its signature.
fn token() -> String {
    let encode = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let claims = r#"{"iss": "https://sts.windows.net/tenant/", "aud": "https://storage.azure.com",
        "nbf": 1, "iat": 1, "exp": 9999999999}"#;
    format!("{}.{}.{}", encode(r#"{"alg": "RS256", "typ": "JWT"}"#), encode(claims), encode("signature"))
}

#[test]
fn identities_get_tokens_and_requests_go_through_the_proxy() {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = (directory.path().join("tls.crt"), directory.path().join("tls.key"));
    let issued = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&certificate, issued.cert.pem()).unwrap();
    std::fs::write(&key, issued.signing_key.serialize_pem()).unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, "federated-token\n").unwrap();
    let azurite = Azurite::with_tokens(&certificate, &key);

    let proofs = [
        ("AZURE_CLIENT_SECRET", "hunter2", "client_secret=hunter2"),
        ("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap(), "client_assertion=federated-token"),
    ];
    for (name, value, field) in proofs {
        azurite.upload(&[("docker/a", "same"), ("docker/b", "moves")]);
        let times = AtomicUsize::new(0);
        let login = Server::answering(move |_| match times.fetch_add(1, Ordering::SeqCst) {
            0 => answer("503 Service Unavailable", "", "{}"),
            _ => answer("200 OK", "", &format!(r#"{{"access_token": "{}", "expires_in": 3600}}"#, token())),
        });
        let proxy = Server::proxy();
        let output = command(&azurite.endpoint)
            .envs([("AZURE_CLIENT_ID", "client"), ("AZURE_TENANT_ID", "tenant"), (name, value)])
            .envs([("AZURE_AUTHORITY_HOST", login.url.as_str()), ("HTTPS_PROXY", &proxy.url)])
            .env("SSL_CERT_FILE", &certificate)
            .output()
            .unwrap();
        let (code, said) = outcome(&output);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(pairs(&azurite.blobs()), [("/docker/a", "same"), ("/docker/b", "moves")]);
        let asked = login.asked();
        assert_eq!(asked.len(), 2, "one refusal, then one token for all requests: {asked:?}");
        assert!(asked[1].starts_with("POST /tenant/oauth2/v2.0/token HTTP/1.1\r\n"), "{asked:?}");
        assert!(asked[1].contains(field) && asked[1].contains("storage.azure.com%2F.default"), "{asked:?}");
        assert!(proxy.asked().iter().all(|head| head.starts_with("CONNECT 127.0.0.1:")) && !proxy.asked().is_empty());
    }
}

#[test]
fn a_refused_identity_is_explained_without_its_secret() {
    let login = Server::answering(|_| {
        let body = r#"{"error": "invalid_client", "error_description": "AADSTS7000215: wrong secret\r\nTrace ID: 1"}"#;
        answer("401 Unauthorized", "", body)
    });
    let output = command("http://127.0.0.1:9")
        .envs([("AZURE_CLIENT_ID", "client"), ("AZURE_TENANT_ID", "tenant"), ("AZURE_CLIENT_SECRET", "hunter2")])
        .env("AZURE_AUTHORITY_HOST", &login.url)
        .output()
        .unwrap();
    let (code, said) = outcome(&output);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains(ACCOUNT) && said.contains("\"client\"") && said.contains("AADSTS7000215"), "{said}");
    assert!(!said.contains("hunter2") && !said.contains("Trace ID"), "{said}");
}

/// Azurite copies at once and always succeeds; Azure promises neither.
#[test]
fn a_source_outlives_a_copy_that_fails() {
    let heads = AtomicUsize::new(0);
    let service = Server::answering(move |request| match request.split(' ').next().unwrap() {
        "GET" => answer(
            "200 OK",
            "",
            "<EnumerationResults><Blobs><Blob><Name>docker/a</Name><Properties><Etag>0x1</Etag>\
             <Content-Length>5</Content-Length></Properties></Blob></Blobs><NextMarker/></EnumerationResults>",
        ),
        "PUT" => answer("202 Accepted", "x-ms-copy-id: 1\r\nx-ms-copy-status: pending\r\ncontent-length: 0\r\n", ""),
        "HEAD" => {
            let status = if heads.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) { "pending" } else { "failed" };
            let copy = format!("x-ms-copy-id: 1\r\nx-ms-copy-status: {status}\r\n");
            answer("200 OK", &format!("{copy}etag: \"0x2\"\r\ncontent-length: 0\r\n"), "")
        }
        _ => answer("202 Accepted", "content-length: 0\r\n", ""),
    });
    let (code, said) = run_with_key(&service.url, KEY);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("blob \"docker/a\": the service could not copy it; the source stays"), "{said}");
    let asked: Vec<String> = service.asked().iter().map(|head| head.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(asked, ["GET", "PUT", "HEAD", "HEAD", "PUT", "HEAD", "HEAD"], "two attempts, each until it has failed");
}
