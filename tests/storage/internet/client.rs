//! Clients of the internet, and a server that it forwards to.

use crate::support::internet::{Internet, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

pub const DEADLINE: Duration = Duration::from_secs(20);
/// The error of an answer that does not come.
pub const LATE: &str = "no answer in time";

fn tls(internet: &Internet) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_file_iter(internet.ca_file()).unwrap().flatten());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    versions.with_root_certificates(roots).with_no_client_auth()
}

/// Goes through the proxy, and waits for each answer.
pub struct Client {
    pool: Pool<HttpsConnector<Tunnel<HttpConnector>>, Full<Bytes>>,
    direct: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Runtime,
}

impl Client {
    pub fn new(internet: &Internet) -> Self {
        let tunnel = Tunnel::new(internet.proxy().parse().unwrap(), HttpConnector::new());
        let https = HttpsConnectorBuilder::new().with_tls_config(tls(internet)).https_only().enable_http1();
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        let direct = HttpsConnectorBuilder::new().with_tls_config(tls(internet)).https_or_http().enable_http1();
        Client {
            pool: Pool::builder(TokioExecutor::new()).build(https.wrap_connector(tunnel)),
            direct: Pool::builder(TokioExecutor::new()).build(direct.wrap_connector(connector)),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        }
    }

    pub fn get(&self, url: &str) -> Result<Response, String> {
        self.send("GET", url, &[], Bytes::new())
    }

    pub fn send(&self, method: &str, url: &str, headers: &[(&str, &str)], body: Bytes) -> Result<Response, String> {
        let mut request = http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).unwrap();
        let direct = url.contains("//127.0.0.1:");
        let answer = async {
            let answer = if direct { self.direct.request(request) } else { self.pool.request(request) };
            let (parts, body) = answer.await.map_err(|error| format!("{error:?}"))?.into_parts();
            let body = body.collect().await.map_err(|error| format!("{error:?}"))?.to_bytes();
            Ok(Response { status: parts.status.as_u16(), headers: parts.headers, body })
        };
        let answer = self.runtime.block_on(async { tokio::time::timeout(DEADLINE, answer).await });
        answer.unwrap_or_else(|_| Err(LATE.to_owned()))
    }
}

/// TLS for requests as they are on the wire.
pub type Wire = StreamOwned<ClientConnection, TcpStream>;

/// A tunnel to that host.
pub fn tunnel(internet: &Internet, host: &str) -> Wire {
    let mut stream = connect(internet.proxy().strip_prefix("http://").unwrap().parse().unwrap());
    write!(stream, "CONNECT {host}:443 HTTP/1.1\r\nhost: {host}:443\r\n\r\n").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    let name = ServerName::try_from(host.to_owned()).unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(tls(internet)), name).unwrap(), stream)
}

pub fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&to, DEADLINE).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Sends that, and reads a response of that many bytes in its body; its head as it came.
pub fn ask(stream: &mut (impl Read + Write), request: &str, length: usize) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    let mut stream = BufReader::with_capacity(1, stream);
    let head = head(&mut stream);
    stream.read_exact(&mut vec![0; length]).unwrap();
    head
}

fn head(stream: &mut impl BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).unwrap() > 0 {}
    head
}

/// A server of plain HTTP that answers every request with the request's body, and keeps the heads.
pub struct Echo {
    pub address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Echo {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let echo = Echo { address: listener.local_addr().unwrap(), heads: Arc::default() };
        let heads = Arc::clone(&echo.heads);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let heads = Arc::clone(&heads);
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(stream.unwrap());
                    let head = head(&mut stream);
                    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                    let mut body = vec![0; length.unwrap_or(0)];
                    stream.read_exact(&mut body).unwrap();
                    let shown = if head.starts_with("HEAD ") { 1234 } else { body.len() };
                    heads.lock().unwrap().push(head);
                    let stream = stream.get_mut();
                    let answer =
                        "HTTP/1.1 200 OK\r\nconnection: x-hop, close\r\nx-hop: 1\r\nx-twice: 1\r\nx-twice: 2\r\n";
                    write!(stream, "{answer}content-length: {shown}\r\n\r\n").unwrap();
                    stream.write_all(&body).unwrap();
                });
            }
        });
        echo
    }

    /// Waits until that many requests have come.
    pub fn wait_for(&self, count: usize) {
        let start = Instant::now();
        while self.heads().len() != count {
            assert!(start.elapsed() < DEADLINE, "{:?}", self.heads());
            std::thread::yield_now();
        }
    }

    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}
