//! Serving metrics over HTTPS.
//!
//! HTTP/1.1, `GET` only: `/metrics`, and `/healthz` and `/readyz` for probes. Nobody has to authenticate, so nothing
//! that is served is secret, and nobody can hold on to memory: connections are few, short, and answer one request.

mod identity;

use super::controller_config::{BindAddress, ControllerConfig};
use super::metrics::{CONTENT_TYPE, Metrics};
use crate::problem::{Concern, Problem};
use http::header::{ALLOW, CONTENT_TYPE as CONTENT_TYPE_HEADER, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use identity::Identity;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// Bytes of a request's head; also what a connection buffers.
const HEAD_BYTES: usize = 16 * 1024;
/// How long to wait before accepting again when the system has run out of something.
const RETRY: Duration = Duration::from_millis(100);

/// What clients may take up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at the same time; others wait for one to end.
    pub connections: usize,
    /// How long a connection may last, from before its handshake until after the answer.
    pub lifetime: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { connections: 32, lifetime: Duration::from_secs(10) }
    }
}

/// A server that listens, but does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    identity: Identity,
    limits: Limits,
}

/// Loads the certificate and its key, both in PEM, and begins to listen.
///
/// # Errors
/// A file cannot be read or is not what it should be, the two do not belong together, or the address cannot be
/// listened on.
pub async fn bind(config: &ControllerConfig, certificate: &Path, key: &Path) -> Result<Server, Problem> {
    let identity = Identity::load(config, certificate, key).await?;
    let address = &config.bind_address;
    let listener = listen(address).await.map_err(|error| Problem {
        concern: Concern::Inputs,
        object: "metrics server".to_owned(),
        path: "servingInfo.bindAddress".to_owned(),
        reason: "MetricsAddressUnavailable",
        message: format!("cannot listen on {address}: {error}"),
        remedy: "give it an address of this host with a port that is free".to_owned(),
    })?;
    Ok(Server { listener, identity, limits: Limits::default() })
}

async fn listen(address: &BindAddress) -> io::Result<TcpListener> {
    if !address.host.is_empty() {
        return TcpListener::bind((address.host.as_str(), address.port)).await;
    }
    // The first serves both families; the second is for hosts without IPv6.
    let all = [IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V4(Ipv4Addr::UNSPECIFIED)];
    TcpListener::bind(all.map(|host| SocketAddr::new(host, address.port)).as_slice()).await
}

impl Server {
    /// The same server with other limits.
    pub fn with_limits(self, limits: Limits) -> Server {
        Server { limits, ..self }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `shutdown` resolves, which ends open connections. `ready` is what `/readyz` tells. When the files
    /// of the certificate change, new connections get the new one.
    pub async fn run(self, metrics: Metrics, ready: watch::Receiver<bool>, shutdown: impl Future<Output = ()>) {
        let Server { listener, mut identity, limits } = self;
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                Some(_) = connections.join_next() => {}
                accepted = listener.accept(), if connections.len() < limits.connections => match accepted {
                    Ok((stream, _)) => {
                        let tls = identity.acceptor().await;
                        let connection = serve(stream, tls, metrics.clone(), ready.clone());
                        connections.spawn(tokio::time::timeout(limits.lifetime, connection));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept connections for metrics");
                        tokio::time::sleep(RETRY).await;
                    }
                },
            }
        }
    }
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, metrics: Metrics, ready: watch::Receiver<bool>) {
    let stream = match tls.accept(stream).await {
        Ok(stream) => stream,
        Err(error) => return tracing::debug!(%error, "no TLS connection for metrics"),
    };
    let service = service_fn(|request: Request<Incoming>| {
        let answer = answer(request.method(), request.uri().path(), &metrics, *ready.borrow());
        std::future::ready(Ok::<_, Infallible>(answer))
    });
    let mut http = http1::Builder::new();
    // The lifetime of the connection bounds the time for the head, too.
    http.keep_alive(false).header_read_timeout(None).max_buf_size(HEAD_BYTES);
    if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a request for metrics broke off");
    }
}

fn answer(method: &Method, path: &str, metrics: &Metrics, ready: bool) -> Response<String> {
    const TEXT: &str = "text/plain; charset=utf-8";
    let (status, content_type, body) = match path {
        "/metrics" | "/healthz" | "/readyz" if method != Method::GET => {
            (StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET is served\n".to_owned())
        }
        "/metrics" => (StatusCode::OK, CONTENT_TYPE, metrics.encode()),
        "/healthz" => (StatusCode::OK, TEXT, "ok".to_owned()),
        "/readyz" if ready => (StatusCode::OK, TEXT, "ok".to_owned()),
        "/readyz" => (StatusCode::SERVICE_UNAVAILABLE, TEXT, "not ready".to_owned()),
        _ => (StatusCode::NOT_FOUND, TEXT, "not found; metrics are at /metrics\n".to_owned()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE_HEADER, HeaderValue::from_static(content_type));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
    }
    response
}
