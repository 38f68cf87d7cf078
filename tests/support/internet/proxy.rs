//! Connections: to the proxy, through its tunnels, and to endpoints.

use super::Network;
use super::call::Outcome;
use super::exchange::{Closed, Reached, exchange, unknown_host, written};
use super::message::{Request, Response};
use http::Method;
use http::header::HeaderMap;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio_rustls::TlsAcceptor;

/// What connections to a listener are for.
#[derive(Clone)]
pub enum Connections {
    Proxy,
    /// One host, with TLS or without.
    Endpoint(String),
}

/// A host at an address of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint(SocketAddr);

impl Endpoint {
    pub(super) fn new(address: SocketAddr) -> Self {
        Endpoint(address)
    }

    /// `https://127.0.0.1:port`; the certificate is also for `localhost` and for the host.
    pub fn https(&self) -> String {
        format!("https://{}", self.0)
    }

    /// `http://127.0.0.1:port`.
    pub fn http(&self) -> String {
        format!("http://{}", self.0)
    }

    pub fn address(&self) -> SocketAddr {
        self.0
    }
}

type Sent = Result<http::Response<Full<Bytes>>, Closed>;

/// Serves a new port of this machine.
pub fn listen(runtime: &Handle, network: Arc<Network>, connections: Connections) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let _in_runtime = runtime.enter();
    let listener = TcpListener::from_std(listener).unwrap();
    runtime.spawn(async move {
        loop {
            // One connection that fails to come about is no reason to accept no other.
            let Ok((stream, _)) = listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            let (network, connections) = (Arc::clone(&network), connections.clone());
            tokio::spawn(async move { network.breaker.until_cut(connection(&network, stream, connections)).await });
        }
    });
    address
}

async fn connection(network: &Arc<Network>, stream: TcpStream, connections: Connections) {
    match connections {
        Connections::Proxy => {
            let service = service_fn(|request| async { proxied(network, request).await });
            let _ = http().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
        }
        Connections::Endpoint(host) => {
            // A TLS record of the handshake begins with 22 (RFC 8446, 5.1).
            let mut first = [0];
            if stream.peek(&mut first).await.is_ok() && first == [22] {
                secured(network, stream, &host, &["127.0.0.1", "localhost", &host], None).await;
            } else {
                served(network, stream, &host, Reached::AtEndpoint).await;
            }
        }
    }
}

fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(None);
    http
}

/// A request to the proxy itself: for a tunnel, or a plain one with the whole URL.
async fn proxied(network: &Arc<Network>, request: http::Request<Incoming>) -> Sent {
    let Some(host) = request.uri().host().map(str::to_owned) else {
        return Ok(written(Response::text(400, "this is a proxy: the request needs a whole URL")));
    };
    if request.method() != Method::CONNECT {
        return exchange(network, &host, Reached::ByName, request).await;
    }
    if !network.routes.know(&host) {
        connect_failed(network, &host, request.headers(), Outcome::UnknownHost);
        return Ok(written(unknown_host(&host)));
    }
    let network = Arc::clone(network);
    tokio::spawn(async move {
        let headers = request.headers().clone();
        let Ok(stream) = hyper::upgrade::on(request).await else { return };
        let names = [host.as_str()];
        let tunnel = secured(&network, TokioIo::new(stream), &host, &names, Some(&headers));
        network.breaker.until_cut(tunnel).await;
    });
    Ok(written(Response::new(200)))
}

/// TLS with a certificate for these names, and then the host's requests.
async fn secured(
    network: &Arc<Network>,
    stream: impl AsyncRead + AsyncWrite + Unpin,
    host: &str,
    names: &[&str],
    tunnel: Option<&HeaderMap>,
) {
    let config = network.authority.server(names, !network.faults.unknown_ca(host));
    match TlsAcceptor::from(config).accept(stream).await {
        Ok(stream) => {
            let reached = if tunnel.is_some() { Reached::ByName } else { Reached::AtEndpoint };
            served(network, stream, host, reached).await;
        }
        Err(error) => {
            let headers = tunnel.cloned().unwrap_or_default();
            connect_failed(network, host, &headers, Outcome::NoTls(error.to_string()));
        }
    }
}

async fn served(network: &Arc<Network>, stream: impl AsyncRead + AsyncWrite + Unpin, host: &str, reached: Reached) {
    let service = service_fn(|request| exchange(network, host, reached, request));
    let _ = http().serve_connection(TokioIo::new(stream), service).await;
}

fn connect_failed(network: &Network, host: &str, headers: &HeaderMap, outcome: Outcome) {
    let request = Request {
        method: "CONNECT".to_owned(),
        host: host.to_owned(),
        path: String::new(),
        query: String::new(),
        headers: headers.clone(),
        body: Bytes::new(),
        target: String::new(),
    };
    network.log.enter(request).end(outcome);
}
