//! Requests and responses with their bodies.

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::body::Bytes;
use serde_json::Value;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// In capitals.
    pub method: String,
    /// Without a port. That of an endpoint is the host it is.
    pub host: String,
    /// As it came, with its escapes.
    pub path: String,
    /// What follows the question mark, as it came; empty if there is none.
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Path and query byte for byte.
    pub target: String,
}

impl Request {
    /// A header's value; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        header(&self.headers, name)
    }

    /// The query's names and values, decoded, in order.
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        pairs(&self.query)
    }

    /// The decoded value of the query's first parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.query_pairs().into_iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// The names and values of a body that is a form, decoded, in order.
    pub fn form(&self) -> Vec<(String, String)> {
        pairs(&self.text())
    }

    /// The path, decoded.
    pub fn decoded_path(&self) -> String {
        decode(&self.path)
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A response to a request.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Response {
    /// Without headers and body.
    pub fn new(status: u16) -> Self {
        Response { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// `application/json`.
    pub fn json(status: u16, value: &Value) -> Self {
        Self::new(status).with_header("content-type", "application/json").with_body(value.to_string())
    }

    /// `application/xml`; the declaration is added.
    pub fn xml(status: u16, elements: &str) -> Self {
        let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{elements}");
        Self::new(status).with_header("content-type", "application/xml").with_body(body)
    }

    /// `text/plain`.
    pub fn text(status: u16, text: &str) -> Self {
        let mut response = Self::new(status).with_body(text.to_owned());
        response.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        response
    }

    /// With a further header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        self
    }

    /// With another body.
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// A header's value; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        header(&self.headers, name)
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// Escapes that are none stay as they are.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
