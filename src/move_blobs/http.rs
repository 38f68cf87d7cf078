//! HTTP to one server: TLS, the proxy, time limits, and trying again.

use http::header::RETRY_AFTER;
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// What every request says of its sender.
pub(super) const USER_AGENT: &str = concat!("cluster-image-registry-operator/", env!("CARGO_PKG_VERSION"));

/// The cluster's own CAs, where the Job mounts them; the image's CAs are trusted anyway.
const CLUSTER_CAS: &str = "/usr/share/pki/ca-trust-source/anchors/ca-bundle.crt";

const CONNECT: Duration = Duration::from_secs(10);
/// One attempt, from the connection to the last byte of the answer.
const ATTEMPT: Duration = Duration::from_secs(60);
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// More than the longest page of a listing takes.
const LONGEST_ANSWER: usize = 64 << 20;

type Direct = HttpsConnector<HttpConnector>;

/// A client for one server.
pub(super) enum Http {
    Direct(Client<Direct, Full<Bytes>>),
    Proxied(Box<Client<HttpsConnector<Tunnel<Direct>>, Full<Bytes>>>),
}

/// A complete answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// A header's value; empty if there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Http {
    /// A client for the server of that URL, through the proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`). Plain
    /// HTTP stays within this machine and goes through none.
    ///
    /// # Errors
    /// A URL or proxy that cannot be used, or no CA to trust.
    pub(super) fn new(url: &str) -> Result<Self, String> {
        let uri: Uri = url.parse().map_err(|error| format!("{url:?} is no URL: {error}"))?;
        let tls = tls()?;
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECT));
        let direct = HttpsConnectorBuilder::new()
            .with_tls_config(tls.clone())
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let proxy = Matcher::from_env().intercept(&uri).filter(|_| uri.scheme_str() == Some("https"));
        let Some(proxy) = proxy else { return Ok(Http::Direct(builder().build(direct))) };
        if !matches!(proxy.uri().scheme_str(), Some("http" | "https")) {
            return Err("HTTPS_PROXY: the proxy must be a URL with http:// or https://".to_owned());
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), direct);
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        let proxied =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1().wrap_connector(tunnel);
        Ok(Http::Proxied(Box::new(builder().build(proxied))))
    }

    /// The answer to a request, which is made anew for every attempt since its date is signed. Answers that mean
    /// "not now" and connections that fail are tried again, later and later.
    ///
    /// # Errors
    /// Only if there was no answer at all, or the request cannot be made.
    pub(super) async fn send(
        &self,
        request: impl AsyncFn() -> Result<Request<Full<Bytes>>, String>,
    ) -> Result<Answer, String> {
        let mut attempt = 1;
        loop {
            let request = request().await?;
            let server = server(request.uri());
            let result = match tokio::time::timeout(ATTEMPT, self.attempt(request)).await {
                Ok(result) => result.map_err(|error| format!("{server} cannot be reached: {error}")),
                Err(_) => Err(format!("{server} did not answer within {} seconds", ATTEMPT.as_secs())),
            };
            let again = result.as_ref().map_or(true, |answer| is_temporary(answer.status));
            if !again || attempt == ATTEMPTS {
                return result;
            }
            let asked = result.ok().and_then(|answer| answer.headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok());
            tokio::time::sleep(pause(attempt, asked)).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let answer: Result<http::Response<Incoming>, ClientError> = match self {
            Http::Direct(client) => client.request(request).await,
            Http::Proxied(client) => client.request(request).await,
        };
        let (parts, body) = answer.map_err(|error| reasons(&error))?.into_parts();
        let body = Limited::new(body, LONGEST_ANSWER).collect().await.map_err(|error| reasons(error.as_ref()))?;
        Ok(Answer { status: parts.status, headers: parts.headers, body: body.to_bytes() })
    }
}

fn builder() -> hyper_util::client::legacy::Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder.pool_idle_timeout(Duration::from_secs(30)).pool_timer(TokioTimer::new());
    builder
}

fn tls() -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Ok(certificates) = CertificateDer::pem_file_iter(CLUSTER_CAS) {
        roots.add_parsable_certificates(certificates.flatten());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.map_err(|error| format!("TLS cannot be used: {error}"))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

fn is_temporary(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

/// How long to wait after that attempt: twice as long every time, less a random part, so that many clients do not
/// come back at once; but no less than the server asked for in seconds.
fn pause(attempt: u32, asked: Option<u64>) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << attempt.min(16)).min(LONGEST_PAUSE);
    // Without randomness the longest pause is as good.
    let random = getrandom::u32().unwrap_or(u32::MAX);
    let drawn = longest.mul_f64(0.5 + 0.5 * f64::from(random) / f64::from(u32::MAX));
    drawn.max(Duration::from_secs(asked.unwrap_or_default())).min(LONGEST_PAUSE)
}

fn server(uri: &Uri) -> String {
    format!("{}://{}", uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |authority| authority.as_str()))
}

/// An error and what it came from.
fn reasons(error: &(dyn Error + 'static)) -> String {
    let reasons: Vec<String> =
        std::iter::successors(Some(error), |error| (*error).source()).map(ToString::to_string).collect();
    reasons.join(": ")
}

#[cfg(test)]
mod tests {
    use super::{FIRST_PAUSE, LONGEST_PAUSE, pause};
    use std::time::Duration;

    #[test]
    fn pauses_grow_to_a_limit_and_heed_the_server() {
        for attempt in 1..40 {
            let pause = pause(attempt, None);
            assert!(pause >= FIRST_PAUSE && pause <= LONGEST_PAUSE, "{attempt}: {pause:?}");
        }
        assert!(pause(1, Some(7)) == Duration::from_secs(7) && pause(1, Some(7000)) == LONGEST_PAUSE);
    }
}
