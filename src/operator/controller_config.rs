//! The file that `--config` names: where metrics are served, and with which TLS settings.
//!
//! It is a `GenericControllerConfig` of config.openshift.io/v1, of which only three fields of `servingInfo` mean
//! something here; the rest is ignored, as there is much in it that other operators use.

use super::files;
use crate::api::tls::{CIPHER_SUITES, TLS_VERSIONS};
use crate::api::yaml;
use crate::problem::{Concern, Problem};
use rustls::crypto::ring::{ALL_CIPHER_SUITES, DEFAULT_CIPHER_SUITES};
use rustls::{ProtocolVersion, SupportedCipherSuite, SupportedProtocolVersion, version};
use serde_json::Value;
use std::fmt;
use std::path::Path;

const ADDRESS: &str = "servingInfo.bindAddress";
const MIN_VERSION: &str = "servingInfo.minTLSVersion";
const SUITES: &str = "servingInfo.cipherSuites";

static SINCE_TLS12: [&SupportedProtocolVersion; 2] = [&version::TLS13, &version::TLS12];
static SINCE_TLS13: [&SupportedProtocolVersion; 1] = [&version::TLS13];

/// How metrics are served.
#[derive(Clone, Debug)]
pub struct ControllerConfig {
    /// Where to listen.
    pub bind_address: BindAddress,
    /// The TLS versions that are spoken.
    pub tls_versions: &'static [&'static SupportedProtocolVersion],
    /// The suites that are offered, without duplicates. Like Go, which leaves no choice among the suites of TLS 1.3,
    /// all of these if the file names none of them.
    pub cipher_suites: Vec<SupportedCipherSuite>,
    /// What was understood differently from what is written, for the log.
    pub notes: Vec<String>,
}

/// A host and a port as Go programs write them: `:60000`, `127.0.0.1:60000`, `[::1]:60000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindAddress {
    /// A name or an IP address without brackets; empty for all interfaces.
    pub host: String,
    /// The port; with 0, any that is free.
    pub port: u16,
}

impl fmt::Display for BindAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BindAddress { host, port } = self;
        if host.contains(':') { write!(formatter, "[{host}]:{port}") } else { write!(formatter, "{host}:{port}") }
    }
}

impl Default for ControllerConfig {
    fn default() -> ControllerConfig {
        ControllerConfig {
            bind_address: BindAddress { host: String::new(), port: 60000 },
            tls_versions: &SINCE_TLS12,
            cipher_suites: DEFAULT_CIPHER_SUITES.to_vec(),
            notes: Vec::new(),
        }
    }
}

/// Reads the file; without one, the defaults.
///
/// # Errors
/// The file cannot be read, is no YAML, or one of the three fields has a value that cannot be served.
pub fn load(path: Option<&Path>) -> Result<ControllerConfig, Problem> {
    let Some(path) = path else { return Ok(ControllerConfig::default()) };
    let content = files::read(path).map_err(|error| {
        problem("", format!("cannot be read: {error}"), "correct --config, or leave it out to use the defaults")
    });
    let config = content.and_then(|content| parse(&content));
    config.map_err(|problem| Problem { object: path.display().to_string(), ..problem })
}

pub(crate) fn parse(content: &[u8]) -> Result<ControllerConfig, Problem> {
    let file: Value = serde_saphyr::from_slice_with_options(content, yaml::limits())
        .map_err(|error| problem("", format!("is not valid YAML: {error}"), "correct its syntax"))?;
    let serving = section(&file, "servingInfo")?;
    let mut config = ControllerConfig::default();
    if let Some(address) = text(serving, ADDRESS)? {
        config.bind_address = bind_address(address)?;
    }
    if let Some(name) = text(serving, MIN_VERSION)? {
        config.tls_versions = tls_versions(name, &mut config.notes)?;
    }
    let names = texts(serving, SUITES)?;
    if !names.is_empty() {
        config.cipher_suites = cipher_suites(&names, &mut config.notes)?;
    }
    Ok(config)
}

fn bind_address(address: &str) -> Result<BindAddress, Problem> {
    let wrong = || {
        let message = format!("{address:?} is not a host and a port");
        problem(ADDRESS, message, "write it as \":60000\" (all interfaces), \"127.0.0.1:60000\" or \"[::1]:60000\"")
    };
    let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    if bracketed.is_none() && host.contains([':', '[', ']']) {
        return Err(wrong());
    }
    let port = port.parse().map_err(|_| wrong())?;
    Ok(BindAddress { host: bracketed.unwrap_or(host).to_owned(), port })
}

fn tls_versions(name: &str, notes: &mut Vec<String>) -> Result<&'static [&'static SupportedProtocolVersion], Problem> {
    match name {
        "VersionTLS13" => Ok(&SINCE_TLS13),
        "VersionTLS12" => Ok(&SINCE_TLS12),
        "VersionTLS10" | "VersionTLS11" => {
            notes.push(format!("{MIN_VERSION}: {name} is read as VersionTLS12, because older versions are not served"));
            Ok(&SINCE_TLS12)
        }
        _ => {
            let remedy = format!("use one of {}", TLS_VERSIONS.join(", "));
            Err(problem(MIN_VERSION, format!("unknown TLS version {name:?}"), &remedy))
        }
    }
}

fn cipher_suites(names: &[&str], notes: &mut Vec<String>) -> Result<Vec<SupportedCipherSuite>, Problem> {
    let mut suites = Vec::new();
    let mut dropped = Vec::new();
    for name in names {
        match ALL_CIPHER_SUITES.iter().find(|suite| iana_name(suite) == *name) {
            Some(suite) if suites.contains(suite) => {}
            Some(suite) => suites.push(*suite),
            None if CIPHER_SUITES.contains(name) => dropped.push(*name),
            None => {
                let remedy = "use IANA names such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
                return Err(problem(SUITES, format!("unknown cipher suite {name:?}"), remedy));
            }
        }
    }
    let dropped = dropped.join(", ");
    if suites.is_empty() {
        let remedy = "add a suite with ECDHE and AES-GCM or ChaCha20";
        return Err(problem(SUITES, format!("none of its suites can be served: {dropped}"), remedy));
    }
    if !dropped.is_empty() {
        notes.push(format!("{SUITES}: left out, because suites with CBC or without ECDHE are not served: {dropped}"));
    }
    if !suites.iter().any(is_tls13) {
        suites.extend(ALL_CIPHER_SUITES.iter().filter(|suite| is_tls13(suite)));
    }
    Ok(suites)
}

fn is_tls13(suite: &SupportedCipherSuite) -> bool {
    suite.version().version == ProtocolVersion::TLSv1_3
}

fn iana_name(suite: &SupportedCipherSuite) -> String {
    suite.suite().as_str().unwrap_or_default().replace("TLS13_", "TLS_")
}

/// A map in the file; null if it is missing.
fn section<'a>(file: &'a Value, name: &str) -> Result<&'a Value, Problem> {
    let section = match file {
        Value::Object(fields) => fields.get(name).unwrap_or(&Value::Null),
        Value::Null => file,
        _ => return Err(problem("", "is not a map".to_owned(), "write a GenericControllerConfig")),
    };
    match section {
        Value::Object(_) | Value::Null => Ok(section),
        _ => Err(problem(name, "is not a map".to_owned(), "write its fields below it")),
    }
}

/// The text of a field; `None` if it is missing, null or empty.
fn text<'a>(serving: &'a Value, path: &str) -> Result<Option<&'a str>, Problem> {
    match field(serving, path) {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        _ => Err(problem(path, "is not text".to_owned(), "put quotes around it")),
    }
}

fn texts<'a>(serving: &'a Value, path: &str) -> Result<Vec<&'a str>, Problem> {
    let wrong = || problem(path, "is not a list of names".to_owned(), "write it as [name, name]");
    match field(serving, path) {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => items.iter().map(|item| item.as_str().ok_or_else(wrong)).collect(),
        _ => Err(wrong()),
    }
}

fn field<'a>(serving: &'a Value, path: &str) -> &'a Value {
    path.rsplit('.').next().and_then(|name| serving.get(name)).unwrap_or(&Value::Null)
}

fn problem(path: &str, message: String, remedy: &str) -> Problem {
    Problem {
        concern: Concern::Inputs,
        object: String::new(),
        path: path.to_owned(),
        reason: "ControllerConfigInvalid",
        message,
        remedy: remedy.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serving(fields: &str) -> Result<ControllerConfig, String> {
        let text = format!("apiVersion: config.openshift.io/v1\nleaderElection: 7\nservingInfo: {{{fields}}}\n");
        parse(text.as_bytes()).map_err(|problem| problem.to_string())
    }

    fn suites(names: &str) -> Result<Vec<String>, String> {
        let config = serving(&format!("cipherSuites: [{names}]"))?;
        Ok(config.cipher_suites.iter().map(iana_name).collect())
    }

    #[test]
    fn what_is_not_given_is_default() {
        for text in ["", "{}", "servingInfo:", "servingInfo: {bindAddress: '', minTLSVersion: '', cipherSuites: []}"] {
            let config = parse(text.as_bytes()).unwrap();
            assert_eq!(config.bind_address, BindAddress { host: String::new(), port: 60000 }, "{text}");
            assert_eq!(config.tls_versions.len(), 2);
            assert_eq!(config.cipher_suites, DEFAULT_CIPHER_SUITES);
            assert!(config.notes.is_empty());
        }
        assert_eq!(load(None).unwrap().bind_address.port, 60000);
    }

    #[test]
    fn addresses_are_those_of_go() {
        let of = |text: &str| bind_address(text).map(|address| (address.host, address.port)).map_err(|e| e.to_string());
        assert_eq!(of(":8443"), Ok((String::new(), 8443)));
        assert_eq!(of("0.0.0.0:1"), Ok(("0.0.0.0".to_owned(), 1)));
        assert_eq!(of("[::1]:0"), Ok(("::1".to_owned(), 0)));
        assert_eq!(bind_address("[::1]:0").unwrap().to_string(), "[::1]:0");
        assert_eq!(of("localhost:60000"), Ok(("localhost".to_owned(), 60000)));
        for wrong in ["60000", "::1:60000", "[::1:60000", "host:", "host:70000", "host:https"] {
            assert!(of(wrong).unwrap_err().contains("servingInfo.bindAddress: "), "{wrong}");
        }
    }

    #[test]
    fn old_versions_are_read_as_the_oldest_that_is_served() {
        let versions = |name: &str| serving(&format!("minTLSVersion: {name}")).map(|c| (c.tls_versions, c.notes.len()));
        assert_eq!(versions("VersionTLS13"), Ok((&SINCE_TLS13[..], 0)));
        assert_eq!(versions("VersionTLS12"), Ok((&SINCE_TLS12[..], 0)));
        assert_eq!(versions("VersionTLS10"), Ok((&SINCE_TLS12[..], 1)));
        let error = versions("TLSv1.2").unwrap_err();
        assert!(error.contains("servingInfo.minTLSVersion: unknown TLS version \"TLSv1.2\""), "{error}");
        assert!(error.contains("VersionTLS13"), "{error}");
    }

    #[test]
    fn suites_go_knows_are_taken_or_left_out() {
        const TLS13: [&str; 3] = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"];
        let one = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
        assert_eq!(suites(&format!("{one}, {one}")).unwrap(), [&[one], &TLS13[..]].concat());
        assert_eq!(suites(&format!("{}, {one}", TLS13[0])).unwrap(), [TLS13[0], one]);

        let some = serving(&format!("cipherSuites: [TLS_RSA_WITH_AES_128_CBC_SHA, {one}]")).unwrap();
        assert_eq!(some.cipher_suites.len(), 4);
        assert!(some.notes[0].ends_with(": TLS_RSA_WITH_AES_128_CBC_SHA"), "{:?}", some.notes);

        let none = suites("TLS_RSA_WITH_AES_128_CBC_SHA").unwrap_err();
        assert!(none.contains("none of its suites can be served: TLS_RSA_WITH_AES_128_CBC_SHA"), "{none}");
        let unknown = suites(&format!("{one}, ECDHE-RSA-AES128-GCM-SHA256")).unwrap_err();
        assert!(unknown.contains("servingInfo.cipherSuites: unknown cipher suite \"ECDHE-"), "{unknown}");
    }

    #[test]
    fn every_served_suite_has_a_name_go_knows() {
        assert!(ALL_CIPHER_SUITES.iter().all(|suite| CIPHER_SUITES.contains(&iana_name(suite).as_str())));
    }

    #[test]
    fn wrong_types_name_the_field() {
        for (text, start) in [
            ("7", "is not a map"),
            ("servingInfo: 7", "servingInfo: is not a map"),
            ("servingInfo: {bindAddress: 60000}", "servingInfo.bindAddress: is not text"),
            ("servingInfo: {cipherSuites: TLS_AES_128_GCM_SHA256}", "servingInfo.cipherSuites: is not a list"),
            ("servingInfo: {cipherSuites: [7]}", "servingInfo.cipherSuites: is not a list"),
            ("servingInfo: {", "is not valid YAML"),
        ] {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.trim_start_matches(": ").starts_with(start), "{text}: {error}");
        }
    }

    #[test]
    fn aliases_do_not_expand_without_end() {
        let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (of, name) in ('a'..='h').zip('b'..='i') {
            bomb.push_str(&format!("{name}: &{name} [{}]\n", vec![format!("*{of}"); 10].join(", ")));
        }
        let begun = std::time::Instant::now();
        assert!(parse(bomb.as_bytes()).is_err());
        assert!(begun.elapsed().as_millis() < 500, "{:?}", begun.elapsed());
    }

    #[test]
    fn a_missing_file_is_an_error_with_its_name() {
        let error = load(Some(Path::new("/nonexistent/config.yaml"))).unwrap_err().to_string();
        assert!(error.starts_with("/nonexistent/config.yaml: cannot be read: "), "{error}");
        assert!(error.ends_with("; correct --config, or leave it out to use the defaults"), "{error}");
    }
}
