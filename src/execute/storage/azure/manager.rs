//! The calls of the Azure Resource Manager, and its asynchronous operations (Resource Manager reference, "Track
//! asynchronous Azure operations").

use super::refusal::Refusal;
use crate::azure::Tokens;
use crate::net::{Answer, Failure, Http, USER_AGENT};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT as USER_AGENT_HEADER};
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// How often an operation is asked about that does not say so itself, and the longest pause it may ask for.
const POLL: u64 = 5;
const LONGEST_POLL: u64 = 30;
/// How often a call is made that another operation is in the way of, and the pause in between.
const CONFLICTS: u32 = 50;
const CONFLICT: Duration = Duration::from_secs(2);

/// Codes of an operation on the same resource that is under way: what is asked for is possible after it.
const UNDER_WAY: [&str; 5] = [
    "StorageAccountOperationInProgress",
    "StorageAccountIsNotProvisioned",
    "AnotherOperationInProgress",
    "AnotherOperationOnDependentResourceInProgress",
    "PreconditionFailedConcurrentOperation",
];

/// The Resource Manager of a cloud, and the right to ask it.
pub(super) struct Manager {
    endpoint: String,
    tokens: Tokens,
    http: Arc<Http>,
}

impl Manager {
    /// The endpoint is a URL.
    pub(super) fn new(endpoint: &str, tokens: Tokens, http: Arc<Http>) -> Self {
        Manager { endpoint: endpoint.trim_end_matches('/').to_owned(), tokens, http }
    }

    /// What is at that path; none if there is nothing.
    pub(super) async fn get(&self, path: &str, version: &str) -> Result<Option<Value>, Refusal> {
        match self.ask("GET", &self.url(path, version), None).await {
            Ok(answer) => Ok(Some(json(&answer))),
            Err(refusal) if is_gone(&refusal) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    /// Every item of a list, page by page.
    pub(super) async fn list(&self, path: &str, version: &str) -> Result<Vec<Value>, Refusal> {
        let mut url = self.url(path, version);
        let mut items = Vec::new();
        loop {
            let mut page = json(&self.ask("GET", &url, None).await?);
            items.extend(page.get_mut("value").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default());
            match page.get("nextLink").and_then(Value::as_str).filter(|link| !link.is_empty()) {
                Some(next) => url = self.own(next)?,
                None => return Ok(items),
            }
        }
    }

    /// Asks for something that is answered at once.
    pub(super) async fn post(&self, path: &str, version: &str, body: Option<&Value>) -> Result<Value, Refusal> {
        Ok(json(&self.ask_when_free("POST", &self.url(path, version), body).await?))
    }

    /// Creates or replaces what is at that path, and waits until that is done.
    pub(super) async fn put(&self, path: &str, version: &str, body: &Value) -> Result<(), Refusal> {
        self.change("PUT", path, version, Some(body)).await
    }

    /// Changes what is named in the body, and waits until that is done.
    pub(super) async fn patch(&self, path: &str, version: &str, body: &Value) -> Result<(), Refusal> {
        self.change("PATCH", path, version, Some(body)).await
    }

    /// Deletes what is at that path, and waits until it is gone. What is gone already is no error.
    pub(super) async fn delete(&self, path: &str, version: &str) -> Result<(), Refusal> {
        match self.change("DELETE", path, version, None).await {
            Err(refusal) if is_gone(&refusal) => Ok(()),
            result => result,
        }
    }

    async fn change(
        &self,
        method: &'static str,
        path: &str,
        version: &str,
        body: Option<&Value>,
    ) -> Result<(), Refusal> {
        let answer = self.ask_when_free(method, &self.url(path, version), body).await?;
        self.follow(answer).await
    }

    /// Asks, and asks again as long as another operation on the same resource is in the way.
    async fn ask_when_free(&self, method: &'static str, url: &str, body: Option<&Value>) -> Result<Answer, Refusal> {
        let mut attempt = 1;
        loop {
            match self.ask(method, url, body).await {
                Err(refusal) if UNDER_WAY.contains(&refusal.code()) && attempt < CONFLICTS => {
                    tokio::time::sleep(CONFLICT).await;
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    /// Waits for the end of the operation that an answer has begun, if it has.
    async fn follow(&self, first: Answer) -> Result<(), Refusal> {
        let mut answer = first;
        let named = |answer: &Answer| {
            let operation = answer.header("azure-asyncoperation");
            let by_status = !operation.is_empty();
            (by_status, if by_status { operation } else { answer.header("location") }.to_owned())
        };
        let (by_status, location) = named(&answer);
        let began = by_status || answer.status == StatusCode::ACCEPTED;
        if !began || location.is_empty() {
            return Ok(());
        }
        let url = self.own(&location)?;
        loop {
            pause(&answer).await;
            answer = match self.ask("GET", &url, None).await {
                Ok(answer) => answer,
                // The result of a deletion may be that there is nothing.
                Err(refusal) if !by_status && refusal.status() == 404 => return Ok(()),
                Err(refusal) => return Err(refusal),
            };
            if !by_status {
                if answer.status != StatusCode::ACCEPTED {
                    return Ok(());
                }
                continue;
            }
            let body = json(&answer);
            match body.get("status").and_then(Value::as_str).unwrap_or_default() {
                "Succeeded" => return Ok(()),
                "Failed" | "Canceled" => return Err(Refusal::of_error(answer.status.as_u16(), &body)),
                _ => {}
            }
        }
    }

    fn url(&self, path: &str, version: &str) -> String {
        let separator = if path.contains('?') { '&' } else { '?' };
        format!("{}{path}{separator}api-version={version}", self.endpoint)
    }

    /// A URL that the Resource Manager named, if it is its own: the token is for nobody else.
    fn own(&self, url: &str) -> Result<String, Refusal> {
        let is_own = url.strip_prefix(&self.endpoint).is_some_and(|rest| rest.starts_with('/'));
        let other = || Failure::unusable(format!("{} refers to another server", self.endpoint));
        is_own.then(|| url.to_owned()).ok_or_else(|| Refusal::NoAnswer(other()))
    }

    async fn ask(&self, method: &'static str, url: &str, body: Option<&Value>) -> Result<Answer, Refusal> {
        let mut answer = self.ask_once(method, url, body).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            // A token may have been revoked before its time.
            self.tokens.forget().await;
            answer = self.ask_once(method, url, body).await?;
        }
        if answer.status.is_success() { Ok(answer) } else { Err(Refusal::of(&answer)) }
    }

    async fn ask_once(&self, method: &'static str, url: &str, body: Option<&Value>) -> Result<Answer, Refusal> {
        let token = self.tokens.token().await.map_err(Refusal::NoToken)?;
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose()))
            .map_err(|_| Refusal::NoToken(Failure::unusable("the token cannot be sent")))?;
        bearer.set_sensitive(true);
        let content = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = || {
            let mut request = Request::builder().method(method).uri(url).header(USER_AGENT_HEADER, USER_AGENT);
            if body.is_some() {
                request = request.header(CONTENT_TYPE, "application/json");
            }
            let request = request.header(AUTHORIZATION, bearer.clone()).body(Full::from(content.clone()));
            request.map_err(|error| Failure::unusable(format!("{} cannot be asked: {error}", self.endpoint)))
        };
        self.http.ask(request).await.map_err(Refusal::NoAnswer)
    }
}

/// Whether the answer says that what was asked for does not exist. That a whole subscription is unknown is a mistake.
fn is_gone(refusal: &Refusal) -> bool {
    refusal.status() == 404 && !refusal.code().contains("Subscription")
}

fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

async fn pause(answer: &Answer) {
    let seconds: u64 = answer.header("retry-after").parse().unwrap_or(POLL);
    tokio::time::sleep(Duration::from_secs(seconds.min(LONGEST_POLL)).max(Duration::from_millis(100))).await;
}
