//! Lists of objects to delete, which Swift takes if it has the middleware `bulk`.

use super::super::trouble::{Trouble, quoted};
use super::api::{Api, Request};
use super::keystone::word;
use crate::net::encode;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use serde::Deserialize;

/// The answer, whose status is 200 whatever has happened.
#[derive(Deserialize)]
struct Deleted {
    #[serde(rename = "Number Deleted")]
    deleted: usize,
    #[serde(rename = "Number Not Found")]
    not_found: usize,
    #[serde(rename = "Response Status")]
    status: String,
    #[serde(rename = "Response Body", default)]
    text: String,
    /// Paths and statuses.
    #[serde(rename = "Errors", default)]
    errors: Vec<(String, String)>,
}

impl Deleted {
    /// How many are gone: of so many that were named, whatever Swift has counted.
    fn gone(&self, named: usize) -> usize {
        self.deleted.saturating_add(self.not_found).min(named)
    }
}

/// Objects that could not be deleted.
#[derive(Default)]
pub(super) struct Errors {
    objects: Vec<(String, StatusCode)>,
    /// What the list as a whole came to, if it did not come to its end.
    whole: Option<(StatusCode, String)>,
}

/// Deletes objects of the container at that path; how many are gone by that, and what was not deleted. None if Swift
/// takes no lists: then it is a request that changes no metadata of the account.
pub(super) async fn delete(api: &Api, path: &str, names: &[String]) -> Result<Option<(usize, Errors)>, Trouble> {
    let lines: String = names.iter().map(|name| format!("{path}/{}\n", encode(name))).collect();
    let request = Request {
        headers: vec![(CONTENT_TYPE, HeaderValue::from_static("text/plain"))],
        body: lines.into(),
        ..Request::new(Method::POST, "?bulk-delete")
    };
    let answer = api.send(&request).await?;
    let deleted = serde_json::from_slice::<Deleted>(&answer.body);
    match (answer.status.as_u16(), deleted) {
        (200..300, Ok(deleted)) if status(&deleted.status) == StatusCode::UNAUTHORIZED => {
            // The token has expired on the way: a list is checked object by object.
            api.sign_out().await;
            Ok(Some((deleted.deleted.min(names.len()), Errors::default())))
        }
        (200..300, Ok(deleted)) => Ok(Some((deleted.gone(names.len()), Errors::of(deleted)))),
        (200..300 | 400 | 403 | 404 | 405 | 501, _) => Ok(None),
        _ => Err(api.refused("its objects cannot be deleted", &answer)),
    }
}

fn status(text: &str) -> StatusCode {
    let code = text.split(' ').next().and_then(|code| code.parse().ok());
    code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl Errors {
    fn of(deleted: Deleted) -> Self {
        let mut errors = Errors::default();
        for (path, reason) in &deleted.errors {
            errors.add(path, status(reason));
        }
        let whole = status(&deleted.status);
        if errors.objects.is_empty() && !whole.is_success() {
            errors.whole = Some((whole, quoted(&deleted.text)));
        }
        errors
    }

    /// A further one.
    pub(super) fn add(&mut self, name: &str, status: StatusCode) {
        self.objects.push((name.to_owned(), status));
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.whole.is_none()
    }

    /// Whether all may be gone with the next attempt.
    pub(super) fn may_pass(&self) -> bool {
        let whole = self.whole.iter().map(|(status, _)| *status);
        self.objects.iter().map(|(_, status)| *status).chain(whole).all(may_pass)
    }

    /// The sentence that names some of them.
    pub(super) fn trouble(&self, subject: &str) -> Trouble {
        const NAMED: usize = 3;
        let firm = self.objects.iter().find(|(_, status)| !may_pass(*status)).or(self.objects.first());
        let of_all = self.whole.as_ref().map(|(status, _)| *status);
        let status = firm.map(|(_, status)| *status).or(of_all).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut objects: Vec<String> =
            self.objects.iter().take(NAMED).map(|(name, status)| format!("{name:.120} ({status})")).collect();
        if self.objects.len() > NAMED {
            objects.push(format!("{} more", self.objects.len() - NAMED));
        }
        objects.extend(self.whole.iter().map(|(status, text)| format!("{status} {text}").trim().to_owned()));
        let remedy = match status.as_u16() {
            403 => "give the user the right to delete them",
            _ => "it is tried again",
        };
        let message = format!("{subject}: objects could not be deleted: {}; {remedy}", objects.join(", "));
        Trouble::new(&word(status), message)
    }
}

fn may_pass(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 401 | 408 | 409 | 429 | 498)
}

/// Reads an answer, for the fuzzing of parsers.
pub(super) fn read_answer(answer: &crate::net::Answer) {
    if let Ok(deleted) = serde_json::from_slice::<Deleted>(&answer.body) {
        deleted.gone(7);
        drop(Errors::of(deleted).trouble(""));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Deleted, Errors};
    use serde_json::json;

    fn errors(errors: &[(&str, &str)], status: &str) -> Errors {
        let answer = json!({ "Number Deleted": 1, "Number Not Found": 0, "Response Status": status,
            "Response Body": "why", "Errors": errors });
        // Swift keeps the connection alive with spaces until it knows the outcome.
        Errors::of(serde_json::from_str::<Deleted>(&format!("  {answer}")).unwrap())
    }

    #[test]
    fn objects_are_named_and_the_firmest_reason_is_told() {
        let many = [("/c/a", "503 Service Unavailable"), ("/c/b", "403 Forbidden"), ("/c/d", "403 x"), ("/c/e", "403")];
        let trouble = errors(&many, "400 Bad Request").trouble("Swift container c");
        assert_eq!(trouble.reason, "Forbidden");
        assert_eq!(
            trouble.message,
            "Swift container c: objects could not be deleted: /c/a (503 Service Unavailable), /c/b (403 Forbidden), \
             /c/d (403 Forbidden), 1 more; give the user the right to delete them"
        );
    }

    #[test]
    fn no_more_objects_are_gone_than_were_named() {
        let gone = |deleted: u64, not_found: u64| {
            let answer =
                json!({ "Number Deleted": deleted, "Number Not Found": not_found, "Response Status": "200 OK" });
            serde_json::from_value::<Deleted>(answer).unwrap().gone(5)
        };
        assert_eq!([gone(2, 1), gone(9, 0), gone(u64::MAX, u64::MAX)], [3, 5, 5]);
    }

    #[test]
    fn what_may_pass_is_told_from_what_does_not() {
        assert!(errors(&[], "200 OK").is_empty());
        assert!(errors(&[("/c/a", "503 Service Unavailable")], "502 Bad Gateway").may_pass());
        assert!(errors(&[], "502 Bad Gateway").may_pass());
        assert!(!errors(&[], "400 Bad Request").may_pass());
        assert!(!errors(&[("/c/a", "503 x"), ("/c/b", "403 Forbidden")], "400 Bad Request").may_pass());
    }
}
