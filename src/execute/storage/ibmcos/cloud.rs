//! Authorised requests.

use super::refusal::Refusal;
use super::step::{Service, Step};
use super::token::Tokens;
use super::words::Words;
use crate::api::secret::Secret;
use crate::execute::storage::trouble::Trouble;
use crate::net::{Answer, Failure, Http, Limits, Network, Trust, USER_AGENT};
use crate::render::storage::action::IbmCosBucket;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT as USER_AGENT_HEADER};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use serde::de::DeserializeOwned;
use std::fmt::Display;

/// A request.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
    pub(super) step: &'a Step,
}

impl<'a> Call<'a> {
    /// A request without headers and body of its own.
    pub(super) fn new(method: Method, url: String, step: &'a Step) -> Self {
        Call { method, url, headers: Vec::new(), body: String::new(), step }
    }

    /// The same with a further header.
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same with a body.
    pub(super) fn body(self, body: String) -> Self {
        Call { body, ..self }
    }

    fn request(&self, token: &Secret) -> Result<Request<Full<Bytes>>, Failure> {
        let cannot = |error: &dyn Display| Failure::unusable(format!("{} cannot be asked: {error}", self.url));
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(|error| cannot(&error))?;
        bearer.set_sensitive(true);
        let mut request = Request::builder()
            .method(&self.method)
            .uri(&self.url)
            .header(USER_AGENT_HEADER, USER_AGENT)
            .header(AUTHORIZATION, bearer);
        let format = if self.step.service == Service::Storage { "application/xml" } else { "application/json" };
        request = request.header(ACCEPT, format);
        if !self.body.is_empty() {
            request = request.header(CONTENT_TYPE, format);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(Full::from(self.body.clone())).map_err(|error| cannot(&error))
    }
}

/// IBM Cloud, and the right to use it.
pub(super) struct Cloud {
    http: Http,
    /// For what must not be done twice.
    once: Http,
    tokens: Tokens,
    pub(super) words: Words,
}

impl Cloud {
    /// # Errors
    /// A proxy or CAs that cannot be used.
    pub(super) fn new(medium: &IbmCosBucket, api_key: Secret, network: &Network) -> Result<Self, Trouble> {
        let words = Words::of(medium);
        let client =
            |limits| Http::new(network, Trust::System, limits).map_err(|why| words.trouble("NetworkUnusable", &why));
        let http = client(Limits::CONTROL)?;
        let once = client(Limits { attempts: 1, ..Limits::CONTROL })?;
        Ok(Cloud { http, once, tokens: Tokens::new(&medium.iam_endpoint, api_key, words.clone()), words })
    }

    /// The account that the API key belongs to.
    ///
    /// # Errors
    /// There is no token, or it does not say.
    pub(super) async fn account(&self) -> Result<String, Trouble> {
        let token = self.tokens.token(&self.http).await?;
        super::token::account(&token).map_err(|why| {
            let matter = format!("the account of the API key is not known: {why}; check the endpoint of IAM");
            self.words.trouble("TokenUnreadable", &matter)
        })
    }

    /// The answer, whatever it is.
    ///
    /// # Errors
    /// There was none, or there is no token.
    pub(super) async fn ask(&self, call: &Call<'_>) -> Result<Answer, Trouble> {
        let answer = self.exchange(&self.http, call).await?;
        answer.map_err(|failure| self.words.no_answer(call.step.what, &failure))
    }

    /// The same, asked but once: after a failure nobody knows whether it was done.
    ///
    /// # Errors
    /// There is no token.
    pub(super) async fn ask_once(&self, call: &Call<'_>) -> Result<Result<Answer, Failure>, Trouble> {
        self.exchange(&self.once, call).await
    }

    async fn exchange(&self, http: &Http, call: &Call<'_>) -> Result<Result<Answer, Failure>, Trouble> {
        let mut is_new = false;
        loop {
            let token = self.tokens.token(&self.http).await?;
            let request = || call.request(&token);
            match http.ask(request).await {
                Ok(answer) if answer.status == StatusCode::UNAUTHORIZED && !is_new => {
                    self.tokens.forget(&token).await;
                    is_new = true;
                }
                answer => return Ok(answer),
            }
        }
    }

    /// An answer that has to be a success.
    ///
    /// # Errors
    /// What the service has against the request.
    pub(super) fn done(&self, answer: &Answer, step: &Step) -> Result<(), Trouble> {
        if answer.status.is_success() { Ok(()) } else { Err(Refusal::of(answer).trouble(&self.words, step)) }
    }

    /// The JSON of an answer that has to be a success.
    ///
    /// # Errors
    /// What the service has against the request, or what is wrong with the answer.
    pub(super) fn json<T: DeserializeOwned>(&self, answer: &Answer, step: &Step) -> Result<T, Trouble> {
        self.done(answer, step)?;
        // The error would quote the answer, which may hold keys.
        serde_json::from_slice(&answer.body).map_err(|_| {
            self.words.unreadable(step.what, &format!("the answer of {} cannot be read", step.service.name()))
        })
    }
}
