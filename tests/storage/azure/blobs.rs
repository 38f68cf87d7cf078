//! The Blob service: a real azurite behind a front that knows which accounts there are, their keys, tokens, roles and
//! networks, which azurite does not.

use super::state::State;
use crate::support::internet::{Request, Response};
use crate::support::servers::azurite::{Azurite, Settings};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::OnceLock;

/// The key by which azurite knows an account.
pub fn key(account: &str) -> String {
    STANDARD.encode(Sha256::digest(account))
}

/// Another key, which azurite does not know.
pub fn other_key(account: &str, number: usize) -> String {
    STANDARD.encode(Sha256::digest(format!("{account}/{number}")))
}

/// An azurite with every account that the tests use; accounts are what keeps tests apart.
pub struct Blobs(&'static Azurite);

impl Blobs {
    pub fn start(accounts: impl Iterator<Item = String>) -> Self {
        static AZURITE: OnceLock<Azurite> = OnceLock::new();
        Blobs(AZURITE.get_or_init(|| {
            let accounts: Vec<(String, String)> = accounts.map(|name| (name.clone(), key(&name))).collect();
            let accounts: Vec<(&str, &str)> = accounts.iter().map(|(name, key)| (&name[..], &key[..])).collect();
            // Registries speak newer versions than it knows.
            Azurite::with(&Settings { accounts: &accounts, any_version: true, ..Settings::default() })
        }))
    }

    /// Where azurite itself listens, past the front.
    pub fn address(&self) -> SocketAddr {
        self.0.url.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// The names of an account's containers.
    pub fn containers(&self, account: &str) -> Vec<String> {
        let list = self.signed(account, "GET", "/?comp=list", &[]);
        let text = String::from_utf8_lossy(&list.body).into_owned();
        text.split("<Name>").skip(1).map(|rest| rest.split_once('<').unwrap().0.to_owned()).collect()
    }

    /// The names of a container's blobs.
    pub fn names(&self, account: &str, container: &str) -> Vec<String> {
        let list = self.signed(account, "GET", &format!("/{container}?comp=list&restype=container"), &[]);
        let text = String::from_utf8_lossy(&list.body).into_owned();
        text.split("<Name>").skip(1).map(|rest| rest.split_once('<').unwrap().0.to_owned()).collect()
    }

    /// The cluster in a container's metadata; empty if there is none.
    pub fn owner(&self, account: &str, container: &str) -> String {
        let found = self.signed(account, "GET", &format!("/{container}?restype=container"), &[]);
        found.header("x-ms-meta-openshift_cluster").to_owned()
    }

    pub fn create(&self, account: &str, container: &str, owner: Option<&str>) {
        let headers: Vec<_> = owner.into_iter().map(|owner| ("x-ms-meta-openshift_cluster", owner)).collect();
        let made = self.signed(account, "PUT", &format!("/{container}?restype=container"), &headers);
        assert_eq!(made.status, 201);
    }

    pub fn upload(&self, account: &str, container: &str, blob: &str) {
        let headers = [("x-ms-blob-type", "BlockBlob")];
        assert_eq!(self.signed(account, "PUT", &format!("/{container}/{blob}"), &headers).status, 201);
    }

    pub fn remove_all(&self, account: &str) {
        for container in self.containers(account) {
            self.signed(account, "DELETE", &format!("/{container}?restype=container"), &[]);
        }
    }

    fn signed(&self, account: &str, method: &str, target: &str, headers: &[(&str, &str)]) -> Response {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request = Request {
            method: method.to_owned(),
            host: format!("{account}.blob.core.windows.net"),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: http::HeaderMap::new(),
            body: Default::default(),
            target: target.to_owned(),
        };
        let date = jiff::fmt::rfc2822::DateTimePrinter::new();
        let date = date.timestamp_to_rfc9110_string(&jiff::Timestamp::now()).unwrap();
        let fixed = [("x-ms-version", "2021-12-02"), ("x-ms-date", &date[..])];
        for (name, value) in fixed.iter().chain(headers) {
            let name = HeaderName::try_from(*name).unwrap();
            request.headers.insert(name, HeaderValue::try_from(*value).unwrap());
        }
        self.forward(account, &request, true)
    }

    /// Passes a request on to azurite; signed anew with the key that azurite knows, unless it is signed with it.
    fn forward(&self, account: &str, request: &Request, sign: bool) -> Response {
        let address = self.0.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let mut head = format!("{} {} HTTP/1.0\r\nHost: {}\r\n", request.method, request.target, request.host);
        for (name, value) in &request.headers {
            let is_own = matches!(name.as_str(), "host" | "connection" | "content-length");
            let is_replaced = sign && name == "authorization";
            if !is_own && !is_replaced {
                head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
            }
        }
        if sign {
            head.push_str(&format!(
                "Authorization: SharedKey {account}:{}\r\n",
                signature(account, &key(account), request)
            ));
        }
        write!(stream, "{head}Content-Length: {}\r\n\r\n", request.body.len()).unwrap();
        stream.write_all(&request.body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let text = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("azurite: {text}"));
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let mut response = Response::new(status).with_body(body.to_owned());
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            if !matches!(&name.to_lowercase()[..], "connection" | "content-length" | "keep-alive") {
                response = response.with_header(name, value);
            }
        }
        response
    }

    /// What the service answers.
    pub fn answer(&self, state: &State, request: &Request) -> Response {
        let account = request.host.split('.').next().unwrap();
        if state.account(account).is_none() {
            return refused(404, "ResourceNotFound");
        }
        match admitted(state, account, request) {
            Ok(sign) => self.forward(account, request, sign),
            Err(refusal) => refusal,
        }
    }
}

/// Whether a request may go on to azurite, and has to be signed anew for it.
fn admitted(state: &State, account: &str, request: &Request) -> Result<bool, Response> {
    let found = state.account(account).unwrap();
    let closed = found.pointer("/properties/publicNetworkAccess") == Some(&json!("Disabled"));
    if closed && !is_led_to(state, account) {
        return Err(refused(403, "AuthorizationFailure"));
    }
    let authorization = request.header("authorization");
    if let Some(token) = authorization.strip_prefix("Bearer ") {
        return match state.tokens.get(token).map(String::as_str) {
            Some("https://storage.azure.com/") if state.may_use_data => Ok(true),
            Some("https://storage.azure.com/") => Err(refused(403, "AuthorizationPermissionMismatch")),
            _ => Err(refused(401, "InvalidAuthenticationInfo")),
        };
    }
    if found.pointer("/properties/allowSharedKeyAccess") == Some(&json!(false)) {
        return Err(refused(403, "KeyBasedAuthenticationNotPermitted"));
    }
    let valid = |key: &&String| authorization == format!("SharedKey {account}:{}", signature(account, key, request));
    let used = state.keys[account].iter().find(valid).ok_or_else(|| refused(403, "AuthenticationFailed"))?;
    Ok(*used != key(account))
}

/// Whether the cluster's network leads to the account's private endpoint by name.
fn is_led_to(state: &State, account: &str) -> bool {
    let has_record = state.of_type("A").iter().any(|path| path.ends_with(&format!("/{account}")));
    has_record && ["virtualNetworkLinks", "privateEndpoints"].iter().all(|type_| !state.of_type(type_).is_empty())
}

/// As the service does, the answer quotes the signature.
fn refused(status: u16, code: &str) -> Response {
    let detail =
        "The MAC signature found in the HTTP request 'c2lnbmF0dXJl' is not the same as any computed signature.";
    let body = format!("<Error><Code>{code}</Code><Message>{detail}</Message></Error>");
    Response::xml(status, &body).with_header("x-ms-error-code", code)
}

/// "Authorize with Shared Key" for requests without conditions and ranges.
fn signature(account: &str, key: &str, request: &Request) -> String {
    let length = if request.body.is_empty() { String::new() } else { request.body.len().to_string() };
    let mut text = format!("{}\n\n\n{length}\n\n{}\n\n\n\n\n\n\n", request.method, request.header("content-type"));
    let own = request.headers.keys().filter(|name| name.as_str().starts_with("x-ms-"));
    let mut own: Vec<String> = own.map(|name| format!("{name}:{}\n", request.header(name.as_str()))).collect();
    own.sort();
    text.push_str(&own.concat());
    text.push_str(&format!("/{account}{}", request.path));
    let mut query = request.query_pairs();
    query.sort();
    query.iter().for_each(|(name, value)| text.push_str(&format!("\n{name}:{value}")));
    let mut mac = Hmac::<Sha256>::new_from_slice(&STANDARD.decode(key).unwrap()).unwrap();
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}
