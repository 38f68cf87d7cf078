//! What Google has against a request, as a sentence for people.

use super::step::Step;
use super::token::no_token;
use crate::execute::storage::trouble::{Trouble, quoted};
use crate::net::Answer;
use serde_json::Value;

/// An answer that is none of what was asked for.
pub(super) struct Refusal {
    /// The status.
    pub(super) status: u16,
    /// Google's word for it, as `forbidden`; empty if the answer is not Google's.
    pub(super) reason: String,
    /// Google's own sentence.
    pub(super) message: String,
}

impl Refusal {
    /// Reads an answer of the JSON API or of one with `google.rpc.Status`
    /// (<https://cloud.google.com/storage/docs/json_api/v1/status-codes>, AIP-193).
    pub(super) fn of(answer: &Answer) -> Self {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let error = &body["error"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let details = error["details"].as_array().into_iter().flatten();
        let info = details.map(|detail| &detail["reason"]).find(|reason| reason.is_string());
        let candidates = [info.unwrap_or(&Value::Null), &error["errors"][0]["reason"], &error["status"]];
        let reason = candidates.into_iter().find_map(|reason| reason.as_str()).unwrap_or_default();
        Refusal { status: answer.status.as_u16(), reason: reason.to_owned(), message: text(&error["message"]) }
    }

    /// Whether Google says that there is no such thing; anybody on the way can answer 404.
    pub(super) fn is_missing(&self) -> bool {
        self.status == 404 && !self.reason.is_empty()
    }

    /// The whole sentence about what `subject` names. `account` is who asked.
    pub(super) fn trouble(&self, subject: &str, account: &str, step: &Step) -> Trouble {
        let (word, remedy) = self.remedy(account, step);
        let said = quoted(&self.message);
        let said = if said.is_empty() { String::new() } else { format!(", {said}") };
        let code = format!("{} {}", self.status, self.reason);
        let message = format!("{subject}: {}: Google answered {}{said}; {remedy}", step.what, code.trim_end());
        Trouble::new(&word, message)
    }

    /// The reason for conditions, and what to do.
    fn remedy(&self, account: &str, step: &Step) -> (String, String) {
        let word = camel_case(&self.reason, self.status);
        let Step { permission, role, on_missing, on_invalid, elsewhere, .. } = step;
        let remedy = match (self.status, self.reason.as_str()) {
            (500.., _) => "it is asked again".to_owned(),
            (_, "") if self.status != 429 => "that is no answer of Google's: check the proxy".to_owned(),
            (401, _) => "check the key file and this machine's clock".to_owned(),
            (429, _) | (_, "rateLimitExceeded" | "userRateLimitExceeded" | "quotaExceeded") => {
                "it is asked again; if that goes on, raise the project's quota".to_owned()
            }
            (_, "SERVICE_DISABLED" | "accessNotConfigured") => "enable the API in the project".to_owned(),
            (_, "BILLING_DISABLED" | "accountDisabled") => "enable billing for the project".to_owned(),
            (_, "vpcServiceControls" | "SECURITY_POLICY_VIOLATED") => {
                format!("let {account} through the service perimeter")
            }
            (_, "retentionPolicyNotMet" | "objectUnderActiveHold") => {
                "lift the bucket's retention policy and the holds of its objects, or wait until they are over"
                    .to_owned()
            }
            (400 | 403 | 404, _) if self.message.contains("KMS") => {
                "check spec.storage.gcs.keyID, which has to be a key in the bucket's location, and give the project's \
                 Cloud Storage service agent the role roles/cloudkms.cryptoKeyEncrypterDecrypter for it"
                    .to_owned()
            }
            (403, _) => format!("give {account} the permission {permission} (role {role}){elsewhere}"),
            (400, _) => (*on_invalid).to_owned(),
            (404, _) => (*on_missing).to_owned(),
            (412, _) => "ask who makes the organization's policies".to_owned(),
            _ => "check spec.storage.gcs".to_owned(),
        };
        (word, remedy)
    }
}

/// `forbidden` and `PERMISSION_DENIED` as words for conditions.
fn camel_case(reason: &str, status: u16) -> String {
    if reason.is_empty() {
        return format!("Status{status}");
    }
    let shouts = !reason.contains(|letter: char| letter.is_ascii_lowercase());
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        let rest = letters.map(|letter| if shouts { letter.to_ascii_lowercase() } else { letter });
        first.into_iter().chain(rest).collect::<String>()
    };
    reason.split('_').map(word).collect()
}

/// What a token endpoint has against a request (RFC 6749, 5.2). Its words are told, since they hold no token.
pub(super) fn of_token(answer: &Answer, place: &str) -> Trouble {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let (code, description) = (text("error"), text("error_description"));
    let remedy = match (code.as_str(), description.as_str()) {
        ("", _) => "that is no answer of Google's: check the proxy and the URLs in the key file",
        (_, said) if said.contains("timeframe") || said.contains("iat") => "set this machine's clock right",
        ("invalid_grant", said) if said.contains("ignature") => {
            "the key has been deleted or is not that account's: create another key and put it there"
        }
        ("invalid_grant", said) if said.contains("account") => "the service account is gone: create it anew",
        ("invalid_target", _) => "check the audience: the workload identity pool or its provider is gone or disabled",
        ("invalid_grant" | "invalid_client" | "unauthorized_client", _) => "put a key file there that is valid",
        _ if answer.status.as_u16() >= 500 || answer.status.as_u16() == 429 => "it is asked again",
        _ => "check the key file",
    };
    let status = answer.status.as_u16();
    let said = quoted(&format!("{code} {description}"));
    let message = format!("{}: the token endpoint answered {status} {said}; {remedy}", no_token(place));
    Trouble::new(&camel_case(&code, status), message)
}

/// What the service account credentials API has against a request.
pub(super) fn of_impersonation(answer: &Answer, place: &str) -> Trouble {
    const IMPERSONATE: Step = Step {
        what: "the workload cannot stand for its service account",
        permission: "iam.serviceAccounts.getAccessToken",
        role: "roles/iam.workloadIdentityUser",
        on_missing: "check service_account_impersonation_url: the service account is gone",
        on_invalid: "check service_account_impersonation_url and the lifetime in the key file",
        elsewhere: " for that service account",
    };
    Refusal::of(answer).trouble(&no_token(place), "the workload", &IMPERSONATE)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::step;
    use super::{Refusal, camel_case, of_token};
    use crate::net::Answer;
    use http::{HeaderMap, StatusCode};
    use serde_json::{Value, json};

    fn answer(status: u16, body: &Value) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers: HeaderMap::new(), body: body.to_string().into() }
    }

    #[test]
    fn reasons_become_words() {
        assert_eq!(camel_case("forbidden", 403), "Forbidden");
        assert_eq!(camel_case("PERMISSION_DENIED", 403), "PermissionDenied");
        assert_eq!(camel_case("invalid_grant", 400), "InvalidGrant");
        assert_eq!(camel_case("", 502), "Status502");
    }

    #[test]
    fn a_sentence_names_what_to_do() {
        let body = json!({ "error": { "code": 403, "message": "a@b does not have storage.buckets.create access",
            "errors": [{ "reason": "forbidden" }] } });
        let trouble = Refusal::of(&answer(403, &body)).trouble("bucket b", "a@b", &step::CREATE);
        assert_eq!(trouble.reason, "Forbidden");
        assert_eq!(
            trouble.message,
            "bucket b: it cannot be created: Google answered 403 forbidden, a@b does not have storage.buckets.create \
             access; give a@b the permission storage.buckets.create (role roles/storage.admin)"
        );
    }

    #[test]
    fn only_google_says_what_is_missing() {
        let own = json!({ "error": { "code": 404, "errors": [{ "reason": "notFound" }] } });
        assert!(Refusal::of(&answer(404, &own)).is_missing());
        assert!(!Refusal::of(&answer(404, &json!("<html>"))).is_missing());
    }

    #[test]
    fn what_passes_is_told_from_what_is_not_googles() {
        let said =
            |status| Refusal::of(&answer(status, &json!("busy"))).trouble("bucket b", "a@b", &step::LOOK).message;
        assert_eq!(said(503), "bucket b: it cannot be looked at: Google answered 503; it is asked again");
        assert!(said(429).contains("it is asked again"));
        assert!(said(404).contains("no answer of Google's"));
    }

    #[test]
    fn the_key_and_the_clock_are_told_apart() {
        let of = |description: &str| {
            of_token(&answer(400, &json!({ "error": "invalid_grant", "error_description": description })), "key k")
        };
        assert!(of("Invalid JWT Signature.").message.ends_with("create another key and put it there"));
        let clock = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check \
                     your iat and exp values in the JWT claim.";
        assert!(of(clock).message.ends_with("set this machine's clock right"));
    }
}
