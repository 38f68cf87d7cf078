//! The calls of the Blob service that moving needs.

use super::listing::{self, Page};
use super::settings::Settings;
use crate::api::secret::Secret;
use crate::azure::{self, Credential, Tokens};
use crate::net::{Answer, Failure, Http, Limits, Network, Trust, USER_AGENT};
use crate::net::{encode, pairs};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The oldest version that takes tokens, so that Azure Stack Hubs know it as well.
const VERSION: &str = "2017-11-09";

/// What is read at a time of a blob that has to be compared.
const CHUNK: u64 = 4 << 20;

/// A container, and the right to use it.
pub(super) struct Service {
    account: String,
    container: String,
    /// The container's URL.
    url: String,
    page_size: String,
    http: Arc<Http>,
    access: Access,
}

enum Access {
    Key(Secret),
    Tokens(Box<Tokens>),
}

/// A blob's properties.
#[derive(Debug)]
pub(super) struct Properties {
    pub(super) length: u64,
    pub(super) etag: String,
    /// What the service knows of the content; not of every kind of blob.
    pub(super) md5: Option<String>,
    /// The copy that made this blob what it is, if one did.
    pub(super) copy: Option<Copy>,
}

/// A copy by the service.
#[derive(Debug)]
pub(super) struct Copy {
    pub(super) id: String,
    pub(super) status: String,
}

/// What became of a request to copy.
#[derive(Debug)]
pub(super) enum Started {
    /// The copy has this id; its status is among the target's properties.
    Copy(String),
    /// There is a target already, or another copy to it on its way.
    TargetExists,
    /// The source is not what it was when it was listed, or not there.
    SourceChanged,
}

/// Which target a copy may write.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'a> {
    /// None that exists.
    New,
    /// The one with this entity tag.
    This(&'a str),
}

impl Service {
    /// # Errors
    /// An endpoint that cannot be used.
    pub(super) fn new(settings: &Settings) -> Result<Self, String> {
        let http = Arc::new(Http::new(&Network::from_environment(), Trust::System, Limits::DATA)?);
        let access = match &settings.credential {
            Credential::AccountKey(key) => Access::Key(key.clone()),
            Credential::Identity(identity) => {
                Access::Tokens(Box::new(Tokens::new(identity.clone(), Arc::clone(&http))))
            }
        };
        Ok(Service {
            account: settings.account.clone(),
            container: settings.container.clone(),
            url: format!("{}/{}", settings.endpoint, encode(&settings.container)),
            page_size: settings.page_size.to_string(),
            http,
            access,
        })
    }

    /// List Blobs: a page of the blobs whose names begin with the prefix.
    pub(super) async fn list(&self, prefix: &str, marker: Option<&str>) -> Result<Page, String> {
        let mut query = vec![
            ("comp", "list"),
            ("maxresults", self.page_size.as_str()),
            ("prefix", prefix),
            ("restype", "container"),
        ];
        query.extend(marker.map(|marker| ("marker", marker)));
        let what = format!("container {:?} cannot be listed", self.container);
        let answer = self.send(&what, &Method::GET, &self.url, &query, &[]).await?;
        if answer.status != StatusCode::OK {
            return Err(self.refused(&what, &answer));
        }
        listing::parse(&String::from_utf8_lossy(&answer.body)).map_err(|error| self.failed(&what, &error))
    }

    /// Copy Blob, unless the source has changed or the target is another one.
    pub(super) async fn copy(&self, from: &str, etag: &str, to: &str, target: Target<'_>) -> Result<Started, String> {
        let what = format!("blob {from:?} cannot be copied");
        let source = self.blob(from);
        let condition = match target {
            Target::New => (IF_NONE_MATCH, "*"),
            Target::This(etag) => (IF_MATCH, etag),
        };
        let headers = [
            (HeaderName::from_static("x-ms-copy-source"), source.as_str()),
            (HeaderName::from_static("x-ms-source-if-match"), etag),
            condition,
        ];
        let answer = self.send(&what, &Method::PUT, &self.blob(to), &[], &headers).await?;
        match (answer.status.as_u16(), answer.header("x-ms-error-code")) {
            (202, _) => Ok(Started::Copy(answer.header("x-ms-copy-id").to_owned())),
            (404 | 412, "BlobNotFound" | "CannotVerifyCopySource" | "SourceConditionNotMet") => {
                Ok(Started::SourceChanged)
            }
            (409, "BlobAlreadyExists" | "PendingCopyOperation") | (412, _) => Ok(Started::TargetExists),
            _ => Err(self.refused(&what, &answer)),
        }
    }

    /// Get Blob Properties; none if there is no such blob.
    pub(super) async fn properties(&self, name: &str) -> Result<Option<Properties>, String> {
        let what = format!("the properties of blob {name:?} cannot be read");
        let answer = self.send(&what, &Method::HEAD, &self.blob(name), &[], &[]).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            _ => return Err(self.refused(&what, &answer)),
        }
        let some = |name: &str| Some(answer.header(name).to_owned()).filter(|value| !value.is_empty());
        let copy = some("x-ms-copy-id").map(|id| Copy { id, status: answer.header("x-ms-copy-status").to_owned() });
        let length = answer.header(CONTENT_LENGTH.as_str()).parse();
        Ok(Some(Properties {
            length: length.map_err(|_| self.failed(&what, "the answer has no Content-Length"))?,
            etag: answer.header("etag").to_owned(),
            md5: some("content-md5"),
            copy,
        }))
    }

    /// Get Blob in ranges: the hash of its content, as long as that stays the same.
    pub(super) async fn sha256(&self, name: &str, properties: &Properties) -> Result<[u8; 32], String> {
        let what = format!("blob {name:?} cannot be read");
        let mut hash = Sha256::new();
        let mut at = 0;
        while at < properties.length {
            let end = (at + CHUNK).min(properties.length) - 1;
            let range = format!("bytes={at}-{end}");
            let headers =
                [(HeaderName::from_static("x-ms-range"), range.as_str()), (IF_MATCH, properties.etag.as_str())];
            let answer = self.send(&what, &Method::GET, &self.blob(name), &[], &headers).await?;
            if answer.status != StatusCode::PARTIAL_CONTENT {
                return Err(self.refused(&what, &answer));
            }
            if answer.body.len() as u64 != end + 1 - at {
                return Err(self.failed(&what, &format!("{} bytes instead of {}", answer.body.len(), end + 1 - at)));
            }
            hash.update(&answer.body);
            at = end + 1;
        }
        Ok(hash.finalize().into())
    }

    /// Delete Blob, unless it has changed. One that is gone already is no error.
    pub(super) async fn delete(&self, name: &str, etag: &str) -> Result<(), String> {
        let what = format!("blob {name:?} was copied but cannot be deleted");
        let answer = self.send(&what, &Method::DELETE, &self.blob(name), &[], &[(IF_MATCH, etag)]).await?;
        match answer.status {
            StatusCode::ACCEPTED | StatusCode::NOT_FOUND => Ok(()),
            StatusCode::PRECONDITION_FAILED => {
                Err(self.failed(&what, "it has changed meanwhile; stop whatever writes it and start again"))
            }
            _ => Err(self.refused(&what, &answer)),
        }
    }

    fn blob(&self, name: &str) -> String {
        format!("{}/{}", self.url, encode(name))
    }

    async fn send(
        &self,
        what: &str,
        method: &Method,
        url: &str,
        query: &[(&str, &str)],
        headers: &[(HeaderName, &str)],
    ) -> Result<Answer, String> {
        let request = async || self.request(method, url, query, headers).await;
        self.http.send(request).await.map_err(|error| self.failed(what, &error.message))
    }

    async fn request(
        &self,
        method: &Method,
        url: &str,
        query: &[(&str, &str)],
        headers: &[(HeaderName, &str)],
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now());
        let date = date.map_err(|error| Failure::unusable(format!("the date cannot be written: {error}")))?;
        let url = if query.is_empty() { url.to_owned() } else { format!("{url}?{}", pairs(query)) };
        let mut request = Request::builder().method(method).uri(&url).header(http::header::USER_AGENT, USER_AGENT);
        request = request.header("x-ms-version", VERSION).header("x-ms-date", date);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let cannot = |error: &dyn std::fmt::Display| Failure::unusable(format!("{url} cannot be asked: {error}"));
        let request = request.body(Full::default()).map_err(|error| cannot(&error))?;
        let (mut parts, body) = request.into_parts();
        let authorization = match &self.access {
            Access::Key(key) => azure::authorization(&self.account, key, &parts, query)?,
            Access::Tokens(tokens) => format!("Bearer {}", tokens.token().await?.expose()),
        };
        let mut value = HeaderValue::try_from(authorization).map_err(|error| cannot(&error))?;
        value.set_sensitive(true);
        parts.headers.insert(AUTHORIZATION, value);
        Ok(Request::from_parts(parts, body))
    }

    fn failed(&self, what: &str, why: &str) -> String {
        format!("storage account {:?}: {what}: {why}", self.account)
    }

    /// The service's own message quotes signatures, so only its code is told.
    fn refused(&self, what: &str, answer: &Answer) -> String {
        let code = answer.header("x-ms-error-code");
        let remedy = match (code, &self.access) {
            ("AuthenticationFailed", Access::Key(_)) => "; check the account's key and this machine's clock",
            ("AuthenticationFailed" | "InvalidAuthenticationInfo", Access::Tokens(_)) => {
                "; check the identity and its tenant"
            }
            ("AuthorizationPermissionMismatch", _) => "; give the identity the role Storage Blob Data Contributor",
            ("AuthorizationFailure", _) => "; check the credential and the account's firewall",
            ("KeyBasedAuthenticationNotPermitted", _) => "; the account allows identities only, no key",
            ("ContainerNotFound", _) => "; check AZURE_CONTAINER_NAME",
            ("SnapshotsPresent", _) => "; delete its snapshots",
            _ => "",
        };
        self.failed(what, &format!("the service answered {} {code}{remedy}", answer.status.as_u16()))
    }
}
