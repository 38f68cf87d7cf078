//! Requests to the API server: each with a deadline and an honest name.

use super::fence::Fence;
use super::resource::Resource;
use crate::render::ObjectId;
use http::{Method, Request};
use kube::Client;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

pub use super::error::{Error, Refusal};

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

#[cfg(test)]
mod tests {
    use super::yaml;
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
}
