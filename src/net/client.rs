//! The client.

use super::echo::Sent;
use super::failure::Failure;
use super::network::{Guard, Network, Trust};
use super::retry::{Limits, is_temporary};
use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::{Builder, Client, Error as ClientError};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(10);

type Direct = HttpsConnector<HttpConnector>;
type Proxied = Client<HttpsConnector<Tunnel<Direct>>, Full<Bytes>>;

/// A client with its own trust and patience. It keeps connections for half a minute.
pub struct Http {
    direct: Client<Direct, Full<Bytes>>,
    proxied: Option<Box<Proxied>>,
    proxies: Arc<Matcher>,
    guard: Option<Guard>,
    limits: Limits,
}

impl fmt::Debug for Http {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Http")
    }
}

/// A complete answer. Its Debug output is the status alone: the rest may be a token.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Answer({})", self.status)
    }
}

impl Answer {
    /// A header's value; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

impl Http {
    /// A client that reaches https:// through the network's proxy, if there is one for the host. Plain http:// goes
    /// through none.
    ///
    /// # Errors
    /// A proxy or CAs that cannot be used.
    pub fn new(network: &Network, trust: Trust<'_>, limits: Limits) -> Result<Self, String> {
        let tls = network.tls(trust)?;
        let connector = || {
            let mut connector = HttpConnector::new();
            connector.enforce_http(false);
            connector.set_connect_timeout(Some(CONNECT));
            let https = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http().enable_http1();
            https.wrap_connector(connector)
        };
        let any = Uri::from_static("https://host.invalid");
        let proxied = match network.proxies.intercept(&any) {
            None => None,
            Some(proxy) if !matches!(proxy.uri().scheme_str(), Some("http" | "https")) => {
                return Err("HTTPS_PROXY: the proxy must be a URL with http:// or https://".to_owned());
            }
            Some(proxy) => {
                let mut tunnel = Tunnel::new(proxy.uri().clone(), connector());
                if let Some(credentials) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(credentials.clone());
                }
                let https = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_only().enable_http1();
                Some(Box::new(builder().build(https.wrap_connector(tunnel))))
            }
        };
        let direct = builder().build(connector());
        Ok(Http { direct, proxied, proxies: Arc::clone(&network.proxies), guard: network.guard.clone(), limits })
    }

    /// The answer to a request, which is made anew for every attempt since its date is signed. Answers that mean
    /// "not now" and connections that fail are tried again, later and later.
    ///
    /// # Errors
    /// Only if there was no answer at all, or the request cannot be made.
    pub async fn send(
        &self,
        request: impl AsyncFn() -> Result<Request<Full<Bytes>>, Failure>,
    ) -> Result<Answer, Failure> {
        let mut attempt = 1;
        loop {
            let result = self.attempt(request().await?).await;
            let Some(pause) = self.pause(attempt, &result) else { return result };
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// As [`Http::send`], for a request that can be made at once. Unlike that one it can be part of a task that moves
    /// between threads: the compiler cannot tell so of an asynchronous closure.
    ///
    /// # Errors
    /// Only if there was no answer at all, or the request cannot be made.
    pub async fn ask(&self, request: impl Fn() -> Result<Request<Full<Bytes>>, Failure>) -> Result<Answer, Failure> {
        let mut attempt = 1;
        loop {
            let result = self.attempt(request()?).await;
            let Some(pause) = self.pause(attempt, &result) else { return result };
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// How long to wait until the next attempt; none if there is to be none.
    fn pause(&self, attempt: u32, result: &Result<Answer, Failure>) -> Option<Duration> {
        let again = result.as_ref().map_or(true, |answer| is_temporary(answer.status));
        if !again || attempt == self.limits.attempts {
            return None;
        }
        let asked = result.as_ref().ok().and_then(|answer| answer.header(RETRY_AFTER.as_str()).parse().ok());
        Some(self.limits.pause(attempt, asked))
    }

    async fn attempt(&self, request: Request<Full<Bytes>>) -> Result<Answer, Failure> {
        let server = server(request.uri());
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if !reads && self.guard.as_ref().is_some_and(|guard| !guard()) {
            return Err(Failure::unusable(format!("{server} is not asked: another process leads now")));
        }
        let answer = tokio::time::timeout(self.limits.attempt, self.exchange(&server, request)).await;
        answer.unwrap_or_else(|_| Err(Failure::timed_out(&server, self.limits.attempt.as_secs())))
    }

    async fn exchange(&self, server: &str, request: Request<Full<Bytes>>) -> Result<Answer, Failure> {
        let proxied = self.proxied.as_ref().filter(|_| {
            let uri = request.uri();
            uri.scheme_str() == Some("https") && self.proxies.intercept(uri).is_some()
        });
        let sent = Sent::of(&request);
        let answer: Result<Response<Incoming>, ClientError> = match proxied {
            Some(client) => client.request(request).await,
            None => self.direct.request(request).await,
        };
        let (parts, body) = answer.map_err(|error| Failure::unreachable(server, &error))?.into_parts();
        let body = Limited::new(body, self.limits.answer).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                Failure::unusable(format!("{server} answered more than {} bytes", self.limits.answer))
            } else {
                Failure::unreachable(server, error.as_ref())
            }
        })?;
        let body = body.to_bytes();
        let body = if parts.status.is_success() { body } else { sent.taken_out_of(body) };
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}

fn builder() -> Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder.pool_idle_timeout(Duration::from_secs(30)).pool_timer(TokioTimer::new());
    builder
}

fn server(uri: &Uri) -> String {
    // The authority may hold a password, too.
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{}://{host}", uri.scheme_str().unwrap_or_default())
}
