//! A proxy between the operator and the API server. To requests, faults happen as on the way to clouds ([`Fault`]); what
//! watches tell is held back or left out ([`Watches`]).

use super::log::{Asked, Log};
use super::relay::{Told, Watches};
use crate::cluster::Cluster;
use crate::cluster::credentials::OPERATOR;
use crate::support::internet::{Effect, Fault, Faults, Request, Response, When};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

/// Ends the connection without a response.
#[derive(Debug)]
pub struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed without a response")
    }
}

impl std::error::Error for Closed {}

type Sent = Result<http::Response<UnsyncBoxBody<Bytes, Closed>>, Closed>;

/// A running proxy, on a thread of its own. Everything ends when it is dropped.
pub struct Proxy {
    shared: Arc<Shared>,
    kubeconfig: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What all connections share.
#[derive(Default)]
struct Shared {
    faults: Faults,
    watches: Watches,
    log: Log,
}

impl Proxy {
    /// Starts one in front of the API server.
    pub fn before(cluster: &Cluster) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let direct = std::fs::read_to_string(cluster.kubeconfig(OPERATOR)).unwrap();
        let mut through: Value = serde_json::from_str(&direct).unwrap();
        through["clusters"][0]["cluster"]["server"] = format!("http://{address}").into();
        let kubeconfig = cluster.directory().join(format!("through-{}.kubeconfig", address.port()));
        std::fs::write(&kubeconfig, through.to_string()).unwrap();
        let shared = Arc::new(Shared::default());
        let (stop, stopped) = oneshot::channel();
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, for_thread, &direct) => {}
                    _ = stopped => {}
                }
            });
        });
        Proxy { shared, kubeconfig, stop: Some(stop), thread: Some(thread) }
    }

    /// A kubeconfig file of the operator's that leads through it.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// A further fault, of those that happen to calls.
    pub fn fault(&self, fault: Fault) {
        self.shared.faults.add(fault);
    }

    /// No fault any more; calls that are held stay so.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// What watches tell.
    pub fn watches(&self) -> &Watches {
        &self.shared.watches
    }

    /// What was asked.
    pub fn log(&self) -> &Log {
        &self.shared.log
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        let _ = std::fs::remove_file(&self.kubeconfig);
        assert!(std::thread::panicking() || matches!(ended, Some(Ok(()))), "the proxy's thread panicked");
    }
}

async fn accept(listener: std::net::TcpListener, shared: Arc<Shared>, kubeconfig: &str) {
    let kubeconfig = Kubeconfig::from_yaml(kubeconfig).unwrap();
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
    let client = kube::Client::try_from(config).unwrap();
    let listener = TcpListener::from_std(listener).unwrap();
    loop {
        // One connection that fails to come about is no reason to accept no other.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let (shared, client) = (Arc::clone(&shared), client.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| exchange(&shared, &client, request));
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn exchange(shared: &Arc<Shared>, client: &kube::Client, request: http::Request<Incoming>) -> Sent {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
    let request = Request {
        method: parts.method.to_string(),
        host: "api-server".to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        target: parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
    };
    let entry = shared.log.enter(&request);
    let effects = shared.faults.of(&request);
    let mut instead = None;
    for effect in &effects {
        match effect {
            Effect::Answer(response) => instead = instead.or_else(|| Some(response.clone())),
            effect => effect.suffer(When::Before, &request).await.map_err(|_| Closed)?,
        }
    }
    if let Some(response) = instead {
        entry.answered(response.status);
        return Ok(written(response));
    }
    let forwarded = forward(client.clone(), request.clone());
    // A server goes on with what it was asked for, whatever becomes of who asked.
    let answer = tokio::spawn(forwarded).await.map_err(|_| Closed)??;
    let (mut head, body) = answer.into_parts();
    entry.answered(head.status.as_u16());
    head.headers.remove(http::header::TRANSFER_ENCODING);
    let asked = Asked::of(&request);
    if asked.is_watch && head.status.is_success() {
        let (tell, heard) = mpsc::channel(1);
        let shared = Arc::clone(shared);
        tokio::spawn(async move { shared.watches.relay(&asked.resource, body, tell).await });
        let lines = futures::stream::unfold(heard, async |mut heard: mpsc::Receiver<Told>| {
            let line = heard.recv().await?;
            Some((line.map(Frame::data).map_err(|()| Closed), heard))
        });
        return Ok(http::Response::from_parts(head, StreamBody::new(lines).boxed_unsync()));
    }
    let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
    for effect in &effects {
        effect.suffer(When::After, &request).await.map_err(|_| Closed)?;
    }
    Ok(http::Response::from_parts(head, whole(body)))
}

async fn forward(client: kube::Client, request: Request) -> Result<http::Response<kube::client::Body>, Closed> {
    let mut message = http::Request::builder().method(request.method.as_str()).uri(&request.target);
    for (name, value) in request.headers.iter().filter(|(name, _)| *name != http::header::HOST) {
        message = message.header(name, value);
    }
    let message = message.body(kube::client::Body::from(request.body)).map_err(|_| Closed)?;
    client.send(message).await.map_err(|_| Closed)
}

fn written(response: Response) -> http::Response<UnsyncBoxBody<Bytes, Closed>> {
    let mut message = http::Response::new(whole(response.body));
    *message.status_mut() = http::StatusCode::from_u16(response.status).unwrap();
    *message.headers_mut() = response.headers;
    message
}

fn whole(body: Bytes) -> UnsyncBoxBody<Bytes, Closed> {
    Full::new(body).map_err(|never| match never {}).boxed_unsync()
}
