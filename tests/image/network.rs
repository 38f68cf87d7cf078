//! That the static program finds hosts and trusts CAs, as it does with the system's libraries.

use crate::container::{Container, outcome};
use crate::names;
use crate::support::internet::{Internet, Response};
use std::fs;
use std::path::Path;
use std::sync::Arc;

const HOST: &str = "store.example.test";
/// The roots of the image; where the operator's Deployment mounts the cluster's; where it does for the rendered workloads.
const BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/var/run/configmaps/trusted-ca/tls-ca-bundle.pem",
    "/usr/share/pki/ca-trust-source/anchors/ca-bundle.crt",
];

/// Moves the blobs of an empty container, in a container with these mounts.
fn move_blobs(internet: &Internet, mounts: &[(&Path, &str)]) -> (Option<i32>, String) {
    let port = internet.listen(HOST).address().port();
    let mut container = Container::of(1_000_680_000, 0).with_network();
    for (from, at) in mounts {
        container = container.mount(from, at);
    }
    let key = ("AZURE_ACCOUNTKEY", "a2V5");
    for (name, value) in [("AZURE_STORAGE_ACCOUNT_NAME", "account"), ("AZURE_CONTAINER_NAME", "container"), key] {
        container = container.env(name, value);
    }
    let (code, _, errors) =
        outcome(container.command(&["move-blobs", "--endpoint", &format!("https://{HOST}:{port}/account")]));
    (code, errors)
}

fn internet() -> Internet {
    let internet = Internet::start();
    internet.answer(HOST, Arc::new(|_| Response::xml(200, "<EnumerationResults><Blobs/></EnumerationResults>")));
    internet
}

#[test]
fn names_come_from_files_and_from_name_servers() {
    names::serve(HOST);
    let (internet, directory) = (internet(), tempfile::tempdir().unwrap());
    let ca = (internet.ca_file(), BUNDLES[0]);
    let (hosts, resolver) = (directory.path().join("hosts"), directory.path().join("resolv.conf"));
    let by_server = (resolver.as_path(), "/etc/resolv.conf");
    let by_file = (hosts.as_path(), "/etc/hosts");
    fs::write(&hosts, format!("127.0.0.1 {HOST}\n")).unwrap();
    fs::write(&resolver, format!("nameserver {}\n", names::ADDRESS)).unwrap();
    for mounts in [[ca, by_file], [ca, by_server]] {
        let (code, said) = move_blobs(&internet, &mounts);
        assert_eq!(code, Some(0), "{said}");
    }
    // A name that no server knows is found in the file all the same, and goes before the servers'.
    fs::write(&hosts, format!("127.0.0.1 elsewhere.test\n127.0.0.78 {HOST}\n")).unwrap();
    let (code, said) = move_blobs(&internet, &[ca, by_file, by_server]);
    assert_eq!(code, Some(3), "{said}");
}

#[test]
fn every_bundle_is_trusted_where_it_is_mounted() {
    let (internet, directory) = (internet(), tempfile::tempdir().unwrap());
    let hosts = directory.path().join("hosts");
    fs::write(&hosts, format!("127.0.0.1 {HOST}\n")).unwrap();
    let known = (hosts.as_path(), "/etc/hosts");
    for bundle in BUNDLES {
        let (code, said) = move_blobs(&internet, &[known, (internet.ca_file(), bundle)]);
        assert_eq!(code, Some(0), "{bundle}: {said}");
    }
    let (code, said) = move_blobs(&internet, &[known]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("certificate"), "{said}");
}
