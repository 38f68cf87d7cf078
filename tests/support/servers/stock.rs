//! What a stock registry needs beyond what the operator tells OpenShift's, all of it.
//!
//! OpenShift's registry is a fork of distribution 2.8 with drivers' settings, middleware and authentication of its
//! own. What a stock registry ignores (`REGISTRY_OPENSHIFT_…`, metrics, the cipher suites) is left as it is.

use super::deployment::Mounts;
use super::registry::Kind;
use std::path::Path;

/// The directories whose certificates `update-ca-trust` takes into the container's trust.
const ANCHORS: [&str; 2] = ["/etc/pki/ca-trust/source/anchors", "/usr/share/pki/ca-trust-source/anchors"];

/// For a store that refuses the links to its objects to which a registry redirects clients: moto does not know
/// signatures in the query.
pub const NO_REDIRECT: (&str, &str) = ("REGISTRY_STORAGE_REDIRECT_DISABLE", "true");

/// The file without which a registry does not start. The image has one of its own, and the environment replaces
/// its storage section.
pub const CONFIGURATION: &str = "version: 0.1\nstorage:\n  inmemory: {}\n";

/// The environment of a stock registry, for the one that OpenShift's would have.
pub fn environment(kind: Kind, given: &[(String, String)]) -> Vec<(String, String)> {
    let mut environment = given.to_vec();
    environment.retain(|(name, value)| !is_missing_certificate(name, value));
    let value = |name: &str| given.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
    for (name, value) in needed(kind, &value) {
        environment.retain(|(own, _)| own != name);
        environment.push((name.to_owned(), value));
    }
    environment
}

/// The certificate comes from the service CA, which not every test has; without the file no registry starts.
fn is_missing_certificate(name: &str, value: &str) -> bool {
    ["REGISTRY_HTTP_TLS_CERTIFICATE", "REGISTRY_HTTP_TLS_KEY"].contains(&name) && !Path::new(value).exists()
}

fn needed(kind: Kind, given: &dyn Fn(&str) -> Option<String>) -> Vec<(&'static str, String)> {
    let text = str::to_owned;
    let mut needed = vec![
        // Instead of :5000; which port it got is in the log.
        ("REGISTRY_HTTP_ADDR", text("127.0.0.1:0")),
        // Whoever pushes and pulls here also deletes; the operator sets it too, tests need not.
        ("REGISTRY_STORAGE_DELETE_ENABLED", text("true")),
    ];
    if given("REGISTRY_LOG_LEVEL").is_none_or(|level| ["warn", "error"].contains(&level.as_str())) {
        // The port is logged at level info.
        needed.push(("REGISTRY_LOG_LEVEL", text("info")));
    }
    if let Some(file) = given("REGISTRY_STORAGE_S3_CREDENTIALSCONFIGPATH") {
        // That setting is OpenShift's; the AWS SDK reads the same file by these, roles included.
        needed.push(("AWS_SHARED_CREDENTIALS_FILE", file));
        needed.push(("AWS_SDK_LOAD_CONFIG", text("true")));
        needed.push(("AWS_CONFIG_FILE", text("/dev/null")));
    }
    if kind == Kind::Distribution {
        // Version 3 sends traces to port 4318 unless told not to.
        needed.push(("OTEL_TRACES_EXPORTER", text("none")));
        if given("REGISTRY_STORAGE").as_deref() == Some("azure") {
            // OpenShift's takes the key if there is one; version 3 wants to be told.
            let key = given("REGISTRY_STORAGE_AZURE_ACCOUNTKEY").is_some();
            let credentials = if key { "shared_key" } else { "default_credentials" };
            needed.push(("REGISTRY_STORAGE_AZURE_CREDENTIALS_TYPE", text(credentials)));
        }
    }
    needed
}

/// What the shell command in front of the registry does with the mounted certificates, for Go's TLS: these are
/// trusted besides the machine's.
pub fn trust(mounts: &Mounts) -> (String, String) {
    let directories: Vec<String> = ANCHORS.iter().map(|directory| mounts.here(directory)).collect();
    ("SSL_CERT_DIR".to_owned(), directories.join(":"))
}
