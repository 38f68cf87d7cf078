//! Requests to an account, with a token that is kept and renewed.

use super::super::trouble::Trouble;
use super::catalogue::Swift;
use super::credential::Credential;
use super::keystone::{Keystone, Session};
use super::refusal;
use crate::inputs::Inputs;
use crate::net::{Answer, Failure, Http, Limits, Network, Trust, USER_AGENT};
use crate::render::storage::action::SwiftAccount;
use crate::render::storage::trust;
use http::header::{ACCEPT, USER_AGENT as USER_AGENT_HEADER};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The reason of a catalogue without Swift.
pub(super) const NO_SWIFT: &str = "NoObjectStore";

/// An account of Swift.
pub(super) struct Api {
    /// What it is asked for, as messages begin.
    pub(super) subject: String,
    http: Http,
    keystone: Keystone,
    session: Mutex<Option<Arc<Session>>>,
}

/// A request, below the account's URL.
pub(super) struct Request {
    /// The method.
    pub(super) method: Method,
    /// The path below the account, encoded, and the query.
    pub(super) path: String,
    /// Headers besides those of every request.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub(super) body: Bytes,
}

impl Request {
    /// A request with nothing further. The path is encoded, and with the query.
    pub(super) fn new(method: Method, path: impl Into<String>) -> Self {
        Request { method, path: path.into(), headers: Vec::new(), body: Bytes::new() }
    }
}

impl Api {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// CAs or a proxy that cannot be used.
    pub(super) fn new(
        subject: String,
        account: SwiftAccount,
        credential: Credential,
        inputs: &Inputs,
        network: &Network,
    ) -> Result<Self, Trouble> {
        let cas = trust::swift(inputs).filter(|bundle| !bundle.trim().is_empty());
        let trust = cas.as_deref().map_or(Trust::System, Trust::Also);
        let http = Http::new(network, trust, Limits::CONTROL).map_err(|why| {
            let message = format!(
                "{subject}: {why}; check key cacert of Secret installer-cloud-credentials, and key ca-bundle.pem of \
                 ConfigMap openshift-config/cloud-provider-config"
            );
            Trouble::new("CABundleInvalid", message)
        })?;
        Ok(Api { subject, http, keystone: Keystone { account, credential }, session: Mutex::new(None) })
    }

    /// The answer to a request. A token that is not accepted any more is renewed once.
    ///
    /// # Errors
    /// There is no token, no Swift, or no answer.
    pub(super) async fn send(&self, request: &Request) -> Result<Answer, Trouble> {
        let session = self.session().await?;
        let answer = self.ask(&session, request).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.forget(&session).await;
        let session = self.session().await?;
        self.ask(&session, request).await
    }

    /// What Swift has against a request, of which `what` tells the outcome.
    pub(super) fn refused(&self, what: &str, answer: &Answer) -> Trouble {
        refusal::of(&self.subject, what, answer, self.keystone.credential.secret)
    }

    /// Has the next request get a new token.
    pub(super) async fn sign_out(&self) {
        *self.session.lock().await = None;
    }

    async fn session(&self) -> Result<Arc<Session>, Trouble> {
        let mut kept = self.session.lock().await;
        if let Some(session) = kept.as_ref().filter(|session| session.until > Instant::now()) {
            return Ok(Arc::clone(session));
        }
        let session = Arc::new(self.keystone.sign_in(&self.http, &self.subject).await?);
        *kept = Some(Arc::clone(&session));
        Ok(session)
    }

    /// Forgets a session, unless another one has taken its place.
    async fn forget(&self, session: &Arc<Session>) {
        let mut kept = self.session.lock().await;
        kept.take_if(|kept| Arc::ptr_eq(kept, session));
    }

    async fn ask(&self, session: &Session, request: &Request) -> Result<Answer, Trouble> {
        let url = match &session.swift {
            Swift::At(account) => format!("{account}{}", request.path),
            Swift::Elsewhere(regions) => return Err(self.elsewhere(regions)),
            Swift::Nowhere => return Err(self.nowhere()),
        };
        let make = || {
            let mut made = http::Request::builder()
                .method(&request.method)
                .uri(&url)
                .header(USER_AGENT_HEADER, USER_AGENT)
                .header(ACCEPT, "application/json")
                .header("x-auth-token", session.token.clone());
            for (name, value) in &request.headers {
                made = made.header(name, value);
            }
            let made = made.body(Full::from(request.body.clone()));
            made.map_err(|_| Failure::unusable(format!("{url} of Keystone's catalogue cannot be asked")))
        };
        self.http.ask(make).await.map_err(|failure| Trouble::no_answer(&self.subject, &failure))
    }

    fn elsewhere(&self, regions: &[String]) -> Trouble {
        let (url, region) = (&self.keystone.account.auth_url, &self.keystone.account.region_name);
        let message = format!(
            "{}: Keystone at {url} knows no Swift in region {region}, only in {}; set spec.storage.swift.regionName of \
             Config/cluster",
            self.subject,
            regions.join(", ")
        );
        Trouble::new(NO_SWIFT, message)
    }

    fn nowhere(&self) -> Trouble {
        let message = format!(
            "{}: Keystone at {} knows no public endpoint of a service of type object-store; use other storage in \
             spec.storage of Config/cluster, or have one added to the catalogue",
            self.subject, self.keystone.account.auth_url
        );
        Trouble::new(NO_SWIFT, message)
    }
}
