//! What the schema says in ways a walk cannot follow (CEL, `anyOf`), and words for what
//! it says in ways a reader cannot.

use serde_json::{Map, Value};

use super::check::{Checker, join, shown};
use crate::api::cron::validate_cron;

/// CEL rule of `storage.azure.networkAccess`, letter by letter.
const NETWORK_ACCESS: &str = "has(self.type) && self.type == 'Internal' ?  true : !has(self.internal)";

/// Whether a CEL rule of the schema has its counterpart in this file. A test asks this
/// of every rule, so that none is added to the types alone.
pub fn known_rule(rule: &str) -> bool {
    rule == NETWORK_ACCESS
}

/// Rules about an object as a whole.
pub(super) fn object(checker: &mut Checker, schema: &Value, object: &Map<String, Value>, path: &str) {
    let has = |name: &str| object.get(name).is_some_and(|v| !v.is_null());
    let text = |name: &str, default: &'static str| match object.get(name) {
        None | Some(Value::Null) => Some(default),
        // A value of the wrong type was reported already.
        Some(value) => value.as_str(),
    };
    let rules = schema.get("x-kubernetes-validations").and_then(Value::as_array);
    if rules.is_some_and(|r| r.iter().any(|r| r.get("rule").is_some_and(|r| r == NETWORK_ACCESS)))
        && has("internal")
        && text("type", "External").is_some_and(|t| t != "Internal")
    {
        let message = "it is forbidden unless type is Internal";
        checker.report(&join(path, "internal"), message, "write type: Internal, or remove it");
    }
    // `anyOf` on an object: the method and the key of `storage.oss.encryption`.
    if schema.get("anyOf").is_some()
        && let Some(method) = text("method", "AES256")
    {
        if method == "KMS" && !has("kms") {
            checker.report(&join(path, "kms"), "it is required with method KMS", "add kms.keyID");
        } else if method != "KMS" && has("kms") {
            let message = "it is forbidden unless method is KMS";
            checker.report(&join(path, "kms"), message, "write method: KMS, or remove it");
        }
    }
}

/// A cron schedule; the empty one stands for the default.
pub(super) fn schedule(checker: &mut Checker, text: &str, path: &str) {
    if text.is_empty() {
        return;
    }
    if let Err(reason) = validate_cron(text) {
        let message = format!("{} is not a cron schedule: {reason}", shown(text));
        checker.report(path, message, "write five fields such as \"0 3 * * *\", or \"@daily\"");
    }
}

/// What a pattern asks for.
pub(super) fn pattern_in_words(pattern: &str) -> String {
    let words = match pattern {
        "^[0-9a-z]+(-[0-9a-z]+)*$" => "lower-case letters and digits, with single hyphens between them",
        p if p.starts_with("^$|") => "a DNS name in lower case, or nothing",
        p if p.starts_with("^crn:") && p.ends_with("resource-key:.+$") => {
            "the CRN of a cloud-object-storage resource key (crn:…:resource-key:…)"
        }
        p if p.starts_with("^crn:") => "the CRN of a cloud-object-storage instance (crn:…::)",
        _ => return format!("text that matches {pattern}"),
    };
    words.to_owned()
}
