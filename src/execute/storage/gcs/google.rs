//! Requests to Google's services on behalf of the operator.

use super::key_file::{Identity, KeyFile};
use super::refusal::Refusal;
use super::step::Step;
use super::token::Tokens;
use crate::api::secret::Secret;
use crate::execute::storage::trouble::Trouble;
use crate::net::{Answer, Failure, Http, Limits, Network, Trust, USER_AGENT};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT as USER_AGENT_HEADER};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::Value;
use std::sync::Arc;

/// The services, and the right to use them.
pub(super) struct Google {
    http: Arc<Http>,
    tokens: Tokens,
    /// The medium, for people.
    pub(super) subject: String,
    /// Who asks, for people.
    account: String,
    universe: String,
}

impl Google {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// A key or a network that cannot be used.
    pub(super) fn new(file: KeyFile, scopes: String, subject: String, network: &Network) -> Result<Self, Trouble> {
        let unusable = |why: String| Trouble::new("InvalidCredentials", format!("{subject}: {why}"));
        let http = Http::new(network, Trust::System, Limits::CONTROL);
        let http = Arc::new(http.map_err(|why| Trouble::new("NetworkUnusable", format!("{subject}: {why}")))?);
        let universe = file.universe.clone();
        let account = account(&file.identity);
        let tokens = Tokens::new(file, scopes, Arc::clone(&http)).map_err(unusable)?;
        Ok(Google { http, tokens, subject, account, universe })
    }

    /// The URL of that service.
    pub(super) fn url(&self, service: &str, path: &str) -> String {
        format!("https://{service}.{}/{path}", self.universe)
    }

    /// The answer, whatever it is.
    ///
    /// # Errors
    /// There is no token or no answer.
    pub(super) async fn ask(&self, method: &Method, url: &str, body: Option<&Value>) -> Result<Answer, Trouble> {
        let token = self.token().await?;
        let answer = self.attempt(method, url, body, &token).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        // The token may have been revoked, with the key that it came from.
        self.tokens.forget(&token).await;
        let token = self.token().await?;
        self.attempt(method, url, body, &token).await
    }

    async fn token(&self) -> Result<Secret, Trouble> {
        let token = self.tokens.token().await;
        token.map_err(|trouble| Trouble::new(&trouble.reason, format!("{}: {trouble}", self.subject)))
    }

    async fn attempt(
        &self,
        method: &Method,
        url: &str,
        body: Option<&Value>,
        token: &Secret,
    ) -> Result<Answer, Trouble> {
        let request = || request(method, url, body, token);
        self.http.ask(request).await.map_err(|failure| Trouble::no_answer(&self.subject, &failure))
    }

    /// A sentence about an answer that is none of what was asked for.
    pub(super) fn refused(&self, answer: &Answer, step: &Step) -> Trouble {
        Refusal::of(answer).trouble(&self.subject, &self.account, step)
    }

    /// The JSON of an answer to what was done, if it was.
    ///
    /// # Errors
    /// What Google has against it, or an answer that cannot be read.
    pub(super) fn done<T: serde::de::DeserializeOwned>(&self, answer: &Answer, step: &Step) -> Result<T, Trouble> {
        if !answer.status.is_success() {
            return Err(self.refused(answer, step));
        }
        serde_json::from_slice(&answer.body).map_err(|_| {
            let message = format!("{}: {}: the answer cannot be read", self.subject, step.what);
            Trouble::new("UnexpectedAnswer", format!("{message}; check the proxy"))
        })
    }
}

fn request(method: &Method, url: &str, body: Option<&Value>, token: &Secret) -> Result<Request<Full<Bytes>>, Failure> {
    let cannot = |error: &dyn std::fmt::Display| Failure::unusable(format!("{url} cannot be asked: {error}"));
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(|error| cannot(&error))?;
    bearer.set_sensitive(true);
    let mut request = Request::builder().method(method).uri(url).header(USER_AGENT_HEADER, USER_AGENT);
    request = request.header(AUTHORIZATION, bearer);
    if body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    request.body(Full::from(body)).map_err(|error| cannot(&error))
}

/// Who it is, for people.
fn account(identity: &Identity) -> String {
    match identity {
        Identity::ServiceAccount(account) => account.client_email.clone(),
        Identity::External(external) => {
            let url = external.service_account_impersonation_url.as_deref().unwrap_or_default();
            let name = url.rsplit('/').next().and_then(|last| last.strip_suffix(":generateAccessToken"));
            name.map_or_else(|| "the workload".to_owned(), str::to_owned)
        }
    }
}
