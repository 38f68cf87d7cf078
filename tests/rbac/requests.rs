//! What the operator asks for.

use crate::rules::permissions;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::sync::LazyLock;

const OPERATOR: &str = "system:serviceaccount:openshift-image-registry:cluster-image-registry-operator";
const USED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rbac/used.txt");
/// In the file for what is empty.
const NONE: &str = "-";

static ALL: LazyLock<BTreeSet<Request>> = LazyLock::new(|| {
    let Some(log) = std::env::var_os("RBAC_AUDIT_LOG") else {
        return fs::read_to_string(USED).unwrap_or_else(|error| panic!("{USED}: {error}")).lines().map(parse).collect();
    };
    let log = BufReader::new(File::open(&log).unwrap_or_else(|error| panic!("{}: {error}", log.display())));
    let events = log.lines().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let requests: BTreeSet<Request> = events.flat_map(|event| of_event(&event)).collect();
    assert!(requests.len() > 100, "that is no log of the whole suite of tests/operator");
    if std::env::var_os("RBAC_UPDATE").is_some() {
        let lines: String = requests.iter().map(|request| format!("{request}\n")).collect();
        fs::write(USED, lines).unwrap();
    }
    requests
});

/// Requests that look the same to the rules are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    pub group: String,
    /// With the subresource.
    pub resource: String,
    /// Empty for what is in none.
    pub namespace: String,
    /// Empty where no rule names it.
    pub name: String,
    pub verb: String,
}

impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { group, resource, namespace, name, verb } = self;
        let words = [verb, resource, group, namespace, name];
        let words = words.map(|word| if word.is_empty() { NONE } else { word });
        write!(formatter, "{}", words.join(" "))
    }
}

/// All of them.
pub fn all() -> BTreeSet<Request> {
    ALL.clone()
}

fn parse(line: &str) -> Request {
    let words: Vec<String> = line.split(' ').map(|word| if word == NONE { "" } else { word }.to_owned()).collect();
    let [verb, resource, group, namespace, name] = words.try_into().unwrap_or_else(|_| panic!("{USED}: {line}"));
    Request { group, resource, namespace, name, verb }
}

/// What the request of an event had to be allowed: a patch that creates is both. Nothing for what was refused, as
/// requests are for kinds that the operator may not see in some test.
fn of_event(event: &Value) -> Vec<Request> {
    static NAMED: LazyLock<BTreeSet<String>> =
        LazyLock::new(|| permissions().into_iter().filter_map(|permission| permission.name).collect());
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let code = event["responseStatus"]["code"].as_u64().unwrap_or_default();
    if text("/user/username") != OPERATOR || text("/objectRef/resource").is_empty() || code == 403 {
        return Vec::new();
    }
    let (resource, subresource) = (text("/objectRef/resource"), text("/objectRef/subresource"));
    let request = Request {
        group: text("/objectRef/apiGroup"),
        resource: if subresource.is_empty() { resource } else { format!("{resource}/{subresource}") },
        namespace: text("/objectRef/namespace"),
        name: Some(text("/objectRef/name")).filter(|name| NAMED.contains(name)).unwrap_or_default(),
        verb: text("/verb"),
    };
    match (request.verb.as_str(), code) {
        ("patch", 201) => vec![Request { verb: "create".to_owned(), ..request.clone() }, request],
        _ => vec![request],
    }
}
