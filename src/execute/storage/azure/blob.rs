//! The calls of the Blob service (Blob service REST reference).

use super::refusal::Refusal;
use crate::api::secret::Secret;
use crate::azure::{self, Tokens};
use crate::net::{Answer, Failure, Http, USER_AGENT, encode, pairs};
use http::header::{AUTHORIZATION, HeaderValue, USER_AGENT as USER_AGENT_HEADER};
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use std::sync::Arc;

/// The oldest version that takes tokens, so that Azure Stack Hubs know it as well.
const VERSION: &str = "2017-11-09";

/// The metadata by which a container is a cluster's. Names of metadata are C# identifiers.
pub(super) const OWNER: &str = "x-ms-meta-openshift_cluster";

/// A container at its service.
pub(super) struct Blob {
    account: String,
    container: String,
    endpoint: String,
    http: Arc<Http>,
}

/// One call.
#[derive(Clone, Copy)]
struct Call<'a> {
    method: &'static str,
    path: &'a str,
    query: &'a [(&'a str, &'a str)],
    owner: Option<&'a str>,
}

/// The right to ask the Blob service.
#[derive(Clone, Copy)]
pub(super) enum Signer<'a> {
    /// The account's key.
    Key(&'a Secret),
    /// Tokens of an identity.
    Tokens(&'a Tokens),
}

impl Blob {
    /// The container in the account of a cloud with that storage suffix.
    pub(super) fn new(account: &str, container: &str, suffix: &str, http: Arc<Http>) -> Self {
        let endpoint = format!("https://{account}.blob.{suffix}");
        Blob { account: account.to_owned(), container: encode(container), endpoint, http }
    }

    /// Get Container Properties, Create Container or Delete Container, by the method; `owner` is put into the metadata.
    pub(super) async fn container(
        &self,
        method: &'static str,
        owner: Option<&str>,
        signer: Signer<'_>,
    ) -> Result<Answer, Refusal> {
        let query = [("restype", "container")];
        self.ask(Call { method, path: &self.container, query: &query, owner }, signer).await
    }

    /// List Containers: the names of the first ones. Names need no unescaping.
    pub(super) async fn list(&self, signer: Signer<'_>) -> Result<Vec<String>, Refusal> {
        let call = Call { method: "GET", path: "", query: &[("comp", "list")], owner: None };
        let answer = self.ask(call, signer).await?;
        let text = answer.text();
        let names = text.split("<Name>").skip(1).filter_map(|rest| rest.split('<').next());
        Ok(names.map(str::to_owned).collect())
    }

    async fn ask(&self, call: Call<'_>, signer: Signer<'_>) -> Result<Answer, Refusal> {
        let answer = self.once(call, signer).await?;
        let answer = match signer {
            Signer::Tokens(tokens) if answer.status == StatusCode::UNAUTHORIZED => {
                // A token may have been revoked before its time.
                tokens.forget().await;
                self.once(call, signer).await?
            }
            _ => answer,
        };
        if answer.status.is_success() { Ok(answer) } else { Err(Refusal::of(&answer)) }
    }

    async fn once(&self, call: Call<'_>, signer: Signer<'_>) -> Result<Answer, Refusal> {
        let token = match signer {
            Signer::Key(_) => None,
            Signer::Tokens(tokens) => Some(tokens.token().await.map_err(Refusal::NoToken)?),
        };
        let request = || self.request(call, signer, token.as_ref());
        self.http.ask(request).await.map_err(Refusal::NoAnswer)
    }

    fn request(
        &self,
        call: Call<'_>,
        signer: Signer<'_>,
        token: Option<&Secret>,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let Call { method, path, query, owner } = call;
        let url = format!("{}/{path}?{}", self.endpoint, pairs(query));
        let cannot = |why: &dyn std::fmt::Display| Failure::unusable(format!("{url} cannot be asked: {why}"));
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now());
        let mut request = Request::builder().method(method).uri(&url);
        request = request.header(USER_AGENT_HEADER, USER_AGENT).header("x-ms-version", VERSION);
        request = request.header("x-ms-date", date.map_err(|error| cannot(&error))?);
        if let Some(owner) = owner {
            request = request.header(OWNER, owner);
        }
        let (mut parts, body) = request.body(Full::default()).map_err(|error| cannot(&error))?.into_parts();
        let authorization = match (signer, token) {
            (Signer::Key(key), _) => azure::authorization(&self.account, key, &parts, query)?,
            (Signer::Tokens(_), token) => format!("Bearer {}", token.map_or("", |token| token.expose())),
        };
        let mut value = HeaderValue::try_from(authorization).map_err(|_| cannot(&"the credential is no header"))?;
        value.set_sensitive(true);
        parts.headers.insert(AUTHORIZATION, value);
        Ok(Request::from_parts(parts, body))
    }
}
