//! One request on its way to the server, and the response on its way back.

use super::Network;
use super::call::{Entry, Outcome};
use super::fault::{Effect, When};
use super::message::{Request, Response};
use super::route::Route;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

const LONGEST_BODY: usize = 64 << 20;

/// Ends the connection without a response.
#[derive(Debug)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed without a response")
    }
}

impl Error for Closed {}

/// A response and what is written down of it, or how the call ended without one.
type Result = std::result::Result<(Response, Outcome), Outcome>;

/// How a client came to the host.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// Through the proxy: `Host` is the name asked for.
    ByName,
    /// At an address of this machine, whatever `Host` is.
    AtEndpoint,
}

/// The response to a request to that host.
pub async fn exchange(
    network: &Arc<Network>,
    host: &str,
    reached: Reached,
    request: http::Request<Incoming>,
) -> std::result::Result<http::Response<Full<Bytes>>, Closed> {
    let (request, incomplete) = read(host, request).await;
    // The cut ends connections, but this one may have read the request in the same moment.
    if network.breaker.is_cut() {
        return Err(Closed);
    }
    let entry = network.log.enter(request.clone());
    if let Some(reason) = incomplete {
        entry.end(Outcome::Incomplete(reason));
        return Err(Closed);
    }
    let breaks = network.breaker.count();
    if breaks.is_some_and(|breaks| breaks.when == When::Before) {
        return closed(network, &entry, When::Before, breaks.is_some_and(|breaks| breaks.all));
    }
    let misdirected = reached == Reached::ByName && !is_for(&request, host);
    let result = if misdirected { answered(misdirected_to(host)) } else { travel(network, request).await };
    if let Some(breaks) = breaks {
        return closed(network, &entry, When::After, breaks.all);
    }
    match result {
        Ok((response, outcome)) => {
            entry.end(outcome);
            Ok(written(response))
        }
        Err(outcome) => {
            entry.end(outcome);
            Err(Closed)
        }
    }
}

fn closed<T>(network: &Network, entry: &Entry, when: When, all: bool) -> std::result::Result<T, Closed> {
    // First this call: the cut would call it abandoned.
    entry.end(Outcome::Closed(when));
    if all {
        network.breaker.cut();
    }
    // Last, so that whoever mends then mends all of it.
    network.breaker.has_broken();
    Err(Closed)
}

/// The whole request; with a reason if it is not complete.
async fn read(host: &str, request: http::Request<Incoming>) -> (Request, Option<String>) {
    let (parts, body) = request.into_parts();
    let (body, incomplete) = match Limited::new(body, LONGEST_BODY).collect().await {
        Ok(body) => (body.to_bytes(), None),
        Err(error) => (Bytes::new(), Some(error.to_string())),
    };
    let mut headers = parts.headers;
    if let (None, Ok(host)) = (headers.get(HOST), HeaderValue::from_str(host)) {
        headers.insert(HOST, host);
    }
    let request = Request {
        method: parts.method.as_str().to_owned(),
        host: host.to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
        target: parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
    };
    (request, incomplete)
}

/// Whether `Host` is that host, with or without a port.
fn is_for(request: &Request, host: &str) -> bool {
    let named = request.header("host");
    named.rsplit_once(':').map_or(named, |(name, _)| name).eq_ignore_ascii_case(host)
}

/// RFC 9110, 15.5.20.
fn misdirected_to(host: &str) -> Response {
    Response::text(421, &format!("this connection leads to {host}"))
}

async fn travel(network: &Arc<Network>, request: Request) -> Result {
    let effects = network.faults.of(&request);
    let mut instead = None;
    for effect in &effects {
        match effect {
            Effect::Answer(response) => instead = instead.or_else(|| Some(response.clone())),
            effect => effect.suffer(When::Before, &request).await.map_err(Outcome::Closed)?,
        }
    }
    let result = match instead {
        Some(response) => answered(response),
        None => {
            let (network, request) = (Arc::clone(network), request.clone());
            // A server goes on with what it was asked for, whatever becomes of who asked.
            tokio::spawn(async move { ask(&network, request).await }).await.unwrap_or(Err(Outcome::Abandoned))
        }
    };
    for effect in &effects {
        effect.suffer(When::After, &request).await.map_err(Outcome::Closed)?;
    }
    result
}

async fn ask(network: &Network, request: Request) -> Result {
    match network.routes.find(&request.host) {
        Some(Route::Answer(handler) | Route::AnswerWhere(_, handler)) => {
            match tokio::task::spawn_blocking(move || handler(&request)).await {
                Ok(response) => answered(response),
                Err(_) => Ok((Response::text(500, "what answers for the host panicked"), Outcome::Panicked)),
            }
        }
        Some(Route::Forward(to)) => match forward(to, request).await {
            Ok(response) => answered(response),
            Err(reason) => Ok((Response::text(502, &reason), Outcome::Unreachable(reason))),
        },
        None => Ok((unknown_host(&request.host), Outcome::UnknownHost)),
    }
}

fn answered(response: Response) -> Result {
    let outcome = Outcome::Answered(response.status);
    Ok((response, outcome))
}

/// What a proxy says if there is no such host.
pub fn unknown_host(host: &str) -> Response {
    Response::text(502, &format!("{host} is not on this internet"))
}

/// Sends the request on a connection of its own, so that a server that restarts loses none.
async fn forward(to: SocketAddr, request: Request) -> std::result::Result<Response, String> {
    let mut message =
        http::Request::builder().method(request.method.as_str()).uri(format!("http://{to}{}", request.target));
    if let Some(headers) = message.headers_mut() {
        *headers = end_to_end(&request.headers);
        if request.headers.contains_key(TRANSFER_ENCODING) {
            // An empty body has a length, too, on which some servers insist.
            headers.insert(CONTENT_LENGTH, request.body.len().into());
        }
    }
    let message = message.body(Full::new(request.body)).map_err(|error| error.to_string())?;
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
    let (parts, body) = client.request(message).await.map_err(|error| reasons(&error))?.into_parts();
    let body = Limited::new(body, LONGEST_BODY).collect().await.map_err(|error| reasons(error.as_ref()))?;
    Ok(Response { status: parts.status.as_u16(), headers: end_to_end(&parts.headers), body: body.to_bytes() })
}

/// For one connection only, like those that `Connection` names (RFC 9110, 7.6.1).
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The others, in the order in which they came.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let named = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<String> = named.flat_map(|names| names.split(',')).map(|name| name.trim().to_lowercase()).collect();
    let goes_on = |name: &str| !HOP_BY_HOP.contains(&name) && !named.iter().any(|other| other == name);
    let others = headers.iter().filter(|(name, _)| goes_on(name.as_str()));
    let mut kept = HeaderMap::new();
    for (name, value) in others {
        kept.append(name, value.clone());
    }
    kept
}

/// The response as it is sent.
pub fn written(response: Response) -> http::Response<Full<Bytes>> {
    let mut message = http::Response::new(Full::new(response.body));
    *message.status_mut() = http::StatusCode::from_u16(response.status).unwrap();
    *message.headers_mut() = response.headers;
    message
}

fn reasons(error: &(dyn Error + 'static)) -> String {
    let reasons: Vec<String> =
        std::iter::successors(Some(error), |error| (*error).source()).map(ToString::to_string).collect();
    reasons.join(": ")
}
