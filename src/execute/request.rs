//! Requests to the API server: each with a deadline, an honest name, and errors that people can act on.

use super::fence::Fence;
use super::resource::Resource;
use crate::render::ObjectId;
use http::{Method, Request};
use kube::Client;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How long one request may take, its answer included.
const DEADLINE: Duration = Duration::from_secs(30);

/// What we call ourselves to servers.
pub const USER_AGENT: &str = concat!("cluster-image-registry-operator/", env!("CARGO_PKG_VERSION"));

/// A client of the API server that caches nothing.
#[derive(Clone)]
pub struct Api {
    client: Client,
    fence: Option<Fence>,
    observer: Option<Observer>,
}

/// Is told method and path of every request when it begins.
pub type Observer = Arc<dyn Fn(&Method, &str) -> Ended + Send + Sync>;

/// Is told whether the request succeeded, or dropped if nobody waits for that any more.
pub type Ended = Box<dyn FnOnce(bool) + Send>;

/// How a body changes an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patch {
    /// Server-side apply that takes the fields over from whoever has set them otherwise.
    ForcedApply,
    /// Server-side apply that fails where anybody else has set a field otherwise.
    Apply,
    /// JSON Patch (RFC 6902).
    Json,
    /// JSON Merge Patch (RFC 7396).
    Merge,
}

impl Api {
    /// Wraps a client.
    pub fn new(client: Client) -> Self {
        Api { client, fence: None, observer: None }
    }

    /// The same client, which writes only while the fence is open.
    #[must_use]
    pub fn fenced(&self, fence: Fence) -> Self {
        Api { fence: Some(fence), ..self.clone() }
    }

    /// What keeps it from writing at times.
    pub fn fence(&self) -> Option<Fence> {
        self.fence.clone()
    }

    /// The same client, with somebody who counts.
    #[must_use]
    pub fn observed(&self, observer: Observer) -> Self {
        Api { observer: Some(observer), ..self.clone() }
    }

    /// The client, for watches.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Reads an object; None if it does not exist.
    ///
    /// # Errors
    /// Every answer but the object and "not found".
    pub async fn get(&self, id: &ObjectId) -> Result<Option<Value>, Error> {
        match self.send(Method::GET, &Resource::of(id)?.url(id), None, Vec::new()).await {
            Ok(object) => Ok(Some(object)),
            Err(Error::Refused(refusal)) if refusal.is_absence() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads whatever is at a path, as a list.
    ///
    /// # Errors
    /// Every answer but a success.
    pub async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.send(Method::GET, path, None, Vec::new()).await
    }

    /// Creates an object.
    ///
    /// # Errors
    /// Every answer but the created object; that it exists already is one.
    pub async fn create(&self, id: &ObjectId, body: &Value, manager: &str) -> Result<Value, Error> {
        let url = format!("{}?fieldManager={manager}", Resource::of(id)?.collection(id));
        self.send(Method::POST, &url, Some("application/json"), bytes(body)).await
    }

    /// Changes an object, or one of its subresources. `dry_run` asks what would come out and changes nothing.
    ///
    /// # Errors
    /// Every answer but the changed object.
    pub async fn patch(&self, target: &Target<'_>, patch: Patch, body: &Value) -> Result<Value, Error> {
        let Target { id, subresource, manager, dry_run } = target;
        let mut url = Resource::of(id)?.url(id);
        if let Some(subresource) = subresource {
            url.push('/');
            url.push_str(subresource);
        }
        url.push_str("?fieldManager=");
        url.push_str(manager);
        if patch == Patch::ForcedApply {
            url.push_str("&force=true");
        }
        if *dry_run {
            url.push_str("&dryRun=All");
        }
        let kind = match patch {
            Patch::ForcedApply | Patch::Apply => "application/apply-patch+yaml",
            Patch::Json => "application/json-patch+json",
            Patch::Merge => "application/merge-patch+json",
        };
        let body = match patch {
            Patch::ForcedApply | Patch::Apply => yaml(body),
            Patch::Json | Patch::Merge => bytes(body),
        };
        self.send(Method::PATCH, &url, Some(kind), body).await
    }

    /// Deletes an object; false if it was gone already, or is another of the same name.
    ///
    /// # Errors
    /// Every answer but a deletion.
    pub async fn delete(&self, id: &ObjectId, options: &Value) -> Result<bool, Error> {
        let url = Resource::of(id)?.url(id);
        match self.send::<Value>(Method::DELETE, &url, Some("application/json"), bytes(options)).await {
            Ok(_) => Ok(true),
            Err(Error::Refused(refusal)) if refusal.is_absence() || refusal.code == 409 => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// One request of any kind.
    ///
    /// # Errors
    /// No answer in time, or one that is no success.
    pub async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        url: &str,
        content_type: Option<&str>,
        body: Vec<u8>,
    ) -> Result<T, Error> {
        if method != Method::GET && self.fence.as_ref().is_some_and(|fence| !fence.is_open()) {
            return Err(Error::NotLeader);
        }
        let mut request = Request::builder().method(method.clone()).uri(url);
        if let Some(content_type) = content_type {
            request = request.header(http::header::CONTENT_TYPE, content_type);
        }
        let request = request.body(body).map_err(|error| Error::Unreachable(error.to_string()))?;
        let path = url.split('?').next().unwrap_or_default();
        let ended = self.observer.as_ref().map(|observer| observer(&method, path));
        let answer = tokio::time::timeout(DEADLINE, self.client.request(request)).await;
        if let Some(ended) = ended {
            ended(matches!(answer, Ok(Ok(_))));
        }
        match answer {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Error::from_kube(error, &method, path)),
            Err(_) => {
                let seconds = DEADLINE.as_secs();
                Err(Error::Unreachable(format!("no answer to {method} {path} within {seconds} seconds")))
            }
        }
    }
}

/// What a patch is meant for, and under whose name.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The object.
    pub id: &'a ObjectId,
    /// A subresource, as `status`.
    pub subresource: Option<&'a str>,
    /// The field manager.
    pub manager: &'a str,
    /// Whether nothing is to be changed.
    pub dry_run: bool,
}

fn bytes(body: &Value) -> Vec<u8> {
    body.to_string().into_bytes()
}

/// JSON that says the same when it is read as YAML, as the API server reads what is applied: line breaks that JSON does
/// not know would be folded, and characters that are not printable to YAML refused. All of them are beyond ASCII and
/// within the first plane, so that a single escape of JSON stands for each.
///
/// Source: YAML 1.1, "Character Set" and "Line Break Characters".
fn yaml(body: &Value) -> Vec<u8> {
    let json = body.to_string();
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => text.push(other),
        }
    }
    text.into_bytes()
}

/// Why a request came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The API server answered, and refused.
    Refused(Box<Refusal>),
    /// There was no answer that could be understood.
    Unreachable(String),
    /// The lease is not held any more, so nothing may be written.
    NotLeader,
    /// The operator does not know where objects of this kind are.
    UnknownKind(String),
}

/// What the API server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status code.
    pub code: u16,
    /// Which request, as `PATCH /apis/…`.
    pub request: String,
    /// The API server's word for it, as `Conflict`.
    pub reason: String,
    /// The server's sentence, without any value that it quotes.
    pub message: String,
    /// Field, kind of cause, and message without values.
    pub causes: Vec<(String, String, String)>,
}

impl Refusal {
    /// Whether the object does not exist.
    pub fn is_absence(&self) -> bool {
        self.code == 404
    }

    /// Whether the whole kind is not served: its CRD or its aggregated API server is missing.
    pub fn is_missing_kind(&self) -> bool {
        let words = ["could not find the requested resource", "page not found"];
        self.code == 404 && words.iter().any(|words| self.message.contains(words))
    }
}

impl Error {
    /// The status code of a refusal.
    pub fn code(&self) -> Option<u16> {
        match self {
            Error::Refused(refusal) => Some(refusal.code),
            Error::Unreachable(_) | Error::NotLeader | Error::UnknownKind(_) => None,
        }
    }

    pub(crate) fn from_kube(error: kube::Error, method: &Method, path: &str) -> Self {
        let kube::Error::Api(status) = error else {
            return Error::Unreachable(format!("{method} {path}: {}", chain(&error)));
        };
        let details = status.details.as_ref();
        let causes = details.map(|details| details.causes.as_slice()).unwrap_or_default();
        let causes = causes.iter().map(|cause| (cause.field.clone(), cause.reason.clone(), tame(&cause.message)));
        Error::Refused(Box::new(Refusal {
            code: status.code,
            request: format!("{method} {path}"),
            reason: status.reason.clone(),
            message: tame(&status.message),
            causes: causes.collect(),
        }))
    }
}

/// All messages of an error and what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// The server's sentence without the values that validation quotes, which could be secret: from each
/// `Invalid value: "…"` (also `Unsupported value`, `Duplicate value`) only the words stay.
fn tame(message: &str) -> String {
    const MARK: &str = " value: ";
    let mut out = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find(MARK) {
        let (before, after) = rest.split_at(at + MARK.len());
        out.push_str(before.trim_end_matches(MARK));
        out.push_str(" value");
        rest = after_value(after);
    }
    out.push_str(rest);
    out
}

/// What follows a quoted value.
fn after_value(text: &str) -> &str {
    if !text.starts_with('"') {
        return text.find(": ").map_or("", |at| &text[at..]);
    }
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return &text[at + 1..],
            _ => escaped = false,
        }
    }
    ""
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Refused(refusal) => refusal.fmt(formatter),
            Error::Unreachable(why) => {
                write!(formatter, "the API server cannot be reached: {why}; check the network and the API server")
            }
            Error::NotLeader => formatter.write_str("the lease is not held any more; another operator acts now"),
            Error::UnknownKind(kind) => write!(formatter, "objects of kind {kind} are not known to this operator"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal { code, request, reason: _, message, causes } = self;
        match code {
            401 => write!(
                formatter,
                "{request}: the API server does not accept the operator's credentials; \
                 check that the token is not expired and that its service account exists"
            ),
            403 => write!(
                formatter,
                "{request}: {message}; allow it in the ClusterRole or Role that is bound to the operator's account"
            ),
            404 if self.is_missing_kind() => {
                write!(formatter, "{request}: the cluster does not serve this kind; install its CRD or API server")
            }
            409 if !causes.is_empty() => {
                let fields: Vec<String> =
                    causes.iter().map(|(field, _, message)| format!("{field}: {message}")).collect();
                write!(formatter, "{request}: conflicts with other writers: {}", fields.join("; "))
            }
            _ if message.is_empty() => write!(formatter, "{request}: the API server answers {code}"),
            _ => write!(formatter, "{request}: {message}"),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::{tame, yaml};
    use serde_json::{Value, json};

    #[test]
    fn what_yaml_reads_otherwise_is_escaped_and_stays_the_same_json() {
        let text: String = (0..0x1_1000).filter_map(char::from_u32).collect();
        let body = json!({ &text: text });
        let sent = String::from_utf8(yaml(&body)).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&sent).unwrap(), body);
        // What YAML 1.1 calls printable, without what breaks lines or marks the order of bytes.
        let is_safe = |c: char| match c {
            '\u{2028}' | '\u{2029}' | '\u{feff}' => false,
            ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => true,
            _ => false,
        };
        let unsafe_ones: Vec<char> = sent.chars().filter(|c| !is_safe(*c)).collect();
        assert!(unsafe_ones.is_empty(), "{unsafe_ones:?}");
    }

    #[test]
    fn quoted_values_do_not_get_through() {
        for (said, kept) in [
            (
                r#"Deployment.apps "x" is invalid: spec.env[0].value: Invalid value: "hun\"ter2": must be short"#,
                r#"Deployment.apps "x" is invalid: spec.env[0].value: Invalid value: must be short"#,
            ),
            (r#"data: Invalid value: map[string]string{"a":"hunter2"}: bad"#, "data: Invalid value: bad"),
            (r#"spec.type: Unsupported value: "hunter2""#, "spec.type: Unsupported value"),
            ("nothing to hide", "nothing to hide"),
        ] {
            assert_eq!(tame(said), kept);
        }
    }
}
