//! The internet of the tests is what it says.

mod breaks;
mod client;
mod faults;

use crate::support::internet::{Handler, Internet, Outcome, Response};
use client::{Client, Echo, ask, connect, tunnel};
use hyper::body::Bytes;
use serde_json::json;
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;

const S3: &str = "s3.us-east-1.amazonaws.com";

/// Answers with what it was asked.
fn mirror() -> Handler {
    Arc::new(|request| {
        let mut pairs = request.query_pairs();
        pairs.extend(request.form());
        Response::json(200, &json!({ "method": request.method, "path": request.decoded_path(), "pairs": pairs }))
    })
}

#[test]
fn a_function_answers_for_a_host() {
    let internet = Internet::start();
    internet.answer("iam.cloud.ibm.com", mirror());
    let url = "https://iam.cloud.ibm.com/identity/a%2Fb?x=1+2&y=%C3%BC%zz&empty=";
    let headers = [("authorization", "Bearer t")];
    let response = Client::new(&internet).send("POST", url, &headers, Bytes::from("a=%26&b")).unwrap();
    assert_eq!((response.status, response.header("content-type")), (200, "application/json"));
    let said: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    let pairs = json!([["x", "1 2"], ["y", "\u{fc}%zz"], ["empty", ""], ["a", "&"], ["b", ""]]);
    assert_eq!(said, json!({ "method": "POST", "path": "/identity/a/b", "pairs": pairs }));

    let calls = internet.calls();
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!((call.method.as_str(), call.host.as_str()), ("POST", "iam.cloud.ibm.com"));
    assert_eq!((call.path.as_str(), call.query.as_str()), ("/identity/a%2Fb", "x=1+2&y=%C3%BC%zz&empty="));
    assert_eq!((call.header("Authorization"), &call.body[..]), ("Bearer t", &b"a=%26&b"[..]));
    assert_eq!(call.outcome, Outcome::Answered(200));
    internet.clear_calls();
    assert!(internet.calls().is_empty());
}

#[test]
fn a_forwarded_request_arrives_as_it_was_sent() {
    let internet = Internet::start();
    let echo = Echo::start();
    internet.forward("*.s3.us-east-1.amazonaws.com", echo.address);
    let host = "bucket.s3.us-east-1.amazonaws.com";
    let mut stream = tunnel(&internet, host);
    for (target, sent) in [("/a%2Fb/./%7e//c?tagging=&x", 3), ("/?", 0), ("/?versioning", 0), ("/", 0)] {
        let head = format!("PUT {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {sent}\r\n");
        let hops = "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nProxy-Authorization: p\r\n";
        let signed = "Authorization: AWS4-HMAC-SHA256 s\r\nX-Amz-Meta: a  b\r\n";
        let body = "x".repeat(sent);
        let answer = ask(&mut stream, &format!("{head}{hops}{signed}\r\n{body}"), sent);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("x-twice: 1\r\nx-twice: 2\r\n"), "{answer}");
        assert!(!answer.contains("x-hop"), "{answer}");
        let arrived = echo.heads().pop().unwrap();
        let expected = format!(
            "PUT {target} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {sent}\r\n\
                                authorization: AWS4-HMAC-SHA256 s\r\nx-amz-meta: a  b\r\n\r\n"
        );
        assert_eq!(arrived, expected);
    }
    let targets: Vec<String> = internet.calls().iter().map(|call| call.target.clone()).collect();
    assert_eq!(targets, ["/a%2Fb/./%7e//c?tagging=&x", "/?", "/?versioning", "/"]);
}

#[test]
fn the_length_of_what_head_asks_about_is_passed_on() {
    let internet = Internet::start();
    let echo = Echo::start();
    internet.forward(S3, echo.address);
    let response = Client::new(&internet).send("HEAD", &format!("https://{S3}/b"), &[], Bytes::new()).unwrap();
    assert_eq!((response.status, response.header("content-length"), response.body.len()), (200, "1234", 0));
}

#[test]
fn large_bodies_go_both_ways() {
    let internet = Internet::start();
    let echo = Echo::start();
    internet.forward(S3, echo.address);
    let body: Bytes = (0..20_u32 << 20).map(|i| (i % 251) as u8).collect();
    let response = Client::new(&internet).send("PUT", &format!("https://{S3}/b"), &[], body.clone()).unwrap();
    assert!(response.body == body && internet.calls()[0].body == body);
}

#[test]
fn chunks_become_one_body() {
    let internet = Internet::start();
    let echo = Echo::start();
    internet.forward(S3, echo.address);
    let mut stream = tunnel(&internet, S3);
    let head = format!("PUT / HTTP/1.1\r\nHost: {S3}\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
    let answer = ask(&mut stream, &format!("{head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), 0);
    assert!(answer.starts_with("HTTP/1.1 100"), "{answer}");
    let answer = ask(&mut stream, "", 5);
    assert!(answer.contains("content-length: 5\r\n"), "{answer}");
    let arrived = echo.heads().remove(0);
    assert!(arrived.contains("content-length: 5\r\n") && !arrived.contains("chunked"), "{arrived}");
}

#[test]
fn one_connection_carries_many_requests_and_many_connections_are_open_at_once() {
    let internet = Internet::start();
    internet.answer("*", Arc::new(|request| Response::text(200, &request.path)));
    let hosts: Vec<String> = (0..8).map(|i| format!("account{i}.blob.core.windows.net")).collect();
    let mut streams: Vec<_> = hosts.iter().map(|host| tunnel(&internet, host)).collect();
    for round in 0..3 {
        for (stream, host) in streams.iter_mut().zip(&hosts) {
            let answer = ask(stream, &format!("GET /{round} HTTP/1.1\r\nHost: {host}:443\r\n\r\n"), 2);
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }
    let lines: Vec<String> = internet.calls().iter().map(|call| call.line()).collect();
    let expected = (0..3).flat_map(|round| hosts.iter().map(move |host| format!("GET {host}/{round}")));
    assert_eq!(lines, expected.collect::<Vec<_>>());
}

#[test]
fn the_most_precise_name_is_the_host_and_the_latest_of_equals() {
    let internet = Internet::start();
    let says = |text: &'static str| -> Handler { Arc::new(move |_| Response::text(200, text)) };
    internet.answer("management.azure.com", says("old"));
    internet.answer("Management.azure.com", says("new"));
    internet.answer("*.azure.com", says("azure"));
    internet.answer("*.com", says("com"));
    let client = Client::new(&internet);
    let said = |host: &str| client.get(&format!("https://{host}/")).map(|response| response.body);
    assert_eq!(said("management.azure.com").unwrap(), "new");
    assert_eq!(said("a.b.azure.com").unwrap(), "azure");
    assert_eq!(said("azure.com").unwrap(), "com");
    assert!(said("example.org").is_err());
    let last = internet.calls().pop().unwrap();
    let expected = ("CONNECT", "example.org", Outcome::UnknownHost, Some(502));
    assert_eq!((last.method.as_str(), last.host.as_str(), last.outcome.clone(), last.status()), expected);
}

#[test]
fn a_request_for_another_host_than_the_tunnel_s_is_misdirected() {
    let internet = Internet::start();
    internet.answer("*", mirror());
    let answer = ask(&mut tunnel(&internet, S3), "GET / HTTP/1.1\r\nHost: other.com\r\n\r\n", 0);
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    assert_eq!(internet.calls()[0].status(), Some(421));
}

#[test]
fn plain_requests_go_through_the_proxy() {
    let internet = Internet::start();
    let echo = Echo::start();
    internet.forward("metadata.google.internal", echo.address);
    let mut stream = connect(internet.proxy().strip_prefix("http://").unwrap().parse().unwrap());
    let request = |url: &str| format!("GET {url} HTTP/1.1\r\nHost: metadata.google.internal\r\n\r\n");
    let answer = ask(&mut stream, &request("http://metadata.google.internal/a%2Fb?x="), 0);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(echo.heads(), ["GET /a%2Fb?x= HTTP/1.1\r\nhost: metadata.google.internal\r\n\r\n"]);
    assert_eq!(internet.calls()[0].line(), "GET metadata.google.internal/a%2Fb?x=");
    assert!(ask(&mut stream, &request("/no-url"), 0).starts_with("HTTP/1.1 400"));
}

#[test]
fn an_endpoint_is_its_host_with_tls_and_without() {
    let internet = Internet::start();
    let echo = Echo::start();
    internet.forward("minio.example", echo.address);
    let endpoint = internet.listen("minio.example");
    let client = Client::new(&internet);
    for url in [endpoint.https(), endpoint.http()] {
        assert_eq!(client.send("PUT", &format!("{url}/b"), &[], Bytes::from("x")).unwrap().body, "x");
    }
    let expected = format!("PUT /b HTTP/1.1\r\nhost: {}\r\ncontent-length: 1\r\n\r\n", endpoint.address());
    assert_eq!(echo.heads(), [expected.as_str(), expected.as_str()]);
    assert!(internet.calls().iter().all(|call| call.line() == "PUT minio.example/b"));
}

#[test]
fn a_server_that_is_gone_is_a_bad_gateway() {
    let internet = Internet::start();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    internet.forward(S3, gone);
    assert_eq!(Client::new(&internet).get(&format!("https://{S3}/")).unwrap().status, 502);
    assert!(matches!(internet.calls()[0].outcome, Outcome::Unreachable(_)));
}

#[test]
fn a_function_that_panics_fails_the_test() {
    let dropped = std::panic::catch_unwind(|| {
        let internet = Internet::start();
        internet.answer(S3, Arc::new(|_| panic!("not as published")));
        assert_eq!(Client::new(&internet).get(&format!("https://{S3}/")).unwrap().status, 500);
    });
    let said = dropped.unwrap_err().downcast::<String>().unwrap();
    assert!(said.contains("GET s3.us-east-1.amazonaws.com/"), "{said}");
}

/// Lists a container in which there is nothing.
#[test]
fn the_operator_s_own_client_finds_its_way_by_the_environment() {
    let internet = Internet::start();
    let host = "demo.blob.core.windows.net";
    let nothing = "<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>";
    internet.answer("*.blob.core.windows.net", Arc::new(|_| Response::xml(200, nothing)));
    let output = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"))
        .args(["move-blobs", "--endpoint", &format!("https://{host}")])
        .env_clear()
        .envs(internet.environment())
        .envs([
            ("AZURE_STORAGE_ACCOUNT_NAME", "demo"),
            ("AZURE_CONTAINER_NAME", "images"),
            ("AZURE_ACCOUNTKEY", "a2V5"),
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let calls = internet.calls();
    assert!(calls.len() == 1 && calls[0].host == host && calls[0].path == "/images", "{calls:?}");
    assert!(calls[0].header("authorization").starts_with("SharedKey demo:"), "{calls:?}");
    assert_eq!(calls[0].parameter("comp").as_deref(), Some("list"));
}

#[test]
fn the_environment_names_proxy_and_ca_and_all_ends_when_dropped() {
    let internet = Internet::start();
    let environment: std::collections::HashMap<String, String> = internet.environment().into_iter().collect();
    assert_eq!((&environment["HTTPS_PROXY"], &environment["https_proxy"]), (&internet.proxy(), &internet.proxy()));
    assert_eq!(environment["NO_PROXY"], "127.0.0.1,localhost");
    let ca = environment["SSL_CERT_FILE"].clone();
    assert_eq!(std::fs::read_to_string(&ca).unwrap(), internet.ca_pem());
    let addresses = [internet.proxy().strip_prefix("http://").unwrap().parse().unwrap(), internet.listen(S3).address()];
    addresses.iter().for_each(|address| drop(connect(*address)));
    drop(internet);
    assert!(
        addresses.iter().all(|address| TcpStream::connect(address).is_err()) && !std::path::Path::new(&ca).exists()
    );
}
