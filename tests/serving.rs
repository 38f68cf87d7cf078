//! The metrics server, from its configuration file to a client's TLS connection.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cluster_image_registry_operator::operator::controller_config::{self, ControllerConfig};
use cluster_image_registry_operator::operator::metrics::{ImageStreamTags, Metrics, PrunerInstallStatus};
use cluster_image_registry_operator::operator::serving::{self, Limits, Server};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

const DEADLINE: Duration = Duration::from_secs(30);

/// A directory like the mount of a Secret: links that lead through `..data`.
struct Mount {
    directory: TempDir,
    versions: usize,
}

impl Mount {
    fn new(identity: &CertifiedKey<KeyPair>) -> Mount {
        let directory = tempfile::tempdir().unwrap();
        for name in ["tls.crt", "tls.key"] {
            symlink(Path::new("..data").join(name), directory.path().join(name)).unwrap();
        }
        let mut mount = Mount { directory, versions: 0 };
        mount.swap(&identity.cert.pem(), &identity.signing_key.serialize_pem());
        mount
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn swap(&mut self, certificate: &str, key: &str) {
        self.versions += 1;
        let version = format!("..{}", self.versions);
        fs::create_dir(self.path(&version)).unwrap();
        fs::write(self.path(&version).join("tls.crt"), certificate).unwrap();
        fs::write(self.path(&version).join("tls.key"), key).unwrap();
        symlink(&version, self.path("..data_tmp")).unwrap();
        fs::rename(self.path("..data_tmp"), self.path("..data")).unwrap();
    }

    async fn bind(&self, config: &ControllerConfig) -> Result<Server, String> {
        let server = serving::bind(config, &self.path("tls.crt"), &self.path("tls.key")).await;
        server.map_err(|problem| problem.to_string())
    }
}

fn identity() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

/// The configuration that a file with these fields of `servingInfo` yields; any free port unless it names one.
fn config(fields: &str) -> Result<ControllerConfig, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), format!("servingInfo: {{bindAddress: ':0', {fields}}}")).unwrap();
    controller_config::load(Some(file.path())).map_err(|problem| problem.to_string())
}

/// A server at work.
struct Running {
    address: SocketAddr,
    metrics: Metrics,
    ready: watch::Sender<bool>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

fn run(server: Server) -> Running {
    let address = (Ipv4Addr::LOCALHOST, server.local_address().unwrap().port()).into();
    let (stop, stopped) = oneshot::channel();
    let (ready, readiness) = watch::channel(false);
    let metrics = Metrics::new();
    let task = tokio::spawn(server.run(metrics.clone(), readiness, async {
        let _ = stopped.await;
    }));
    Running { address, metrics, ready, stop, task }
}

/// Starts a server with a new certificate, and returns a client that trusts it.
async fn start(fields: &str) -> (Running, Client, Mount) {
    let identity = identity();
    let mount = Mount::new(&identity);
    let server = mount.bind(&config(fields).unwrap()).await.unwrap();
    (run(server), Client::trusting(&identity, &[&TLS13, &TLS12]), mount)
}

struct Client(Arc<ClientConfig>);

#[derive(Debug)]
struct Answer {
    head: String,
    body: String,
    tls: String,
}

impl Client {
    fn trusting(identity: &CertifiedKey<KeyPair>, versions: &[&'static SupportedProtocolVersion]) -> Client {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(identity.cert.der().to_vec())).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder.with_protocol_versions(versions).unwrap();
        Client(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
    }

    async fn send(&self, address: SocketAddr, request: &str) -> std::io::Result<Answer> {
        let exchange = async {
            let stream = TcpStream::connect(address).await?;
            let name = ServerName::try_from("localhost").unwrap();
            let mut stream = TlsConnector::from(Arc::clone(&self.0)).connect(name, stream).await?;
            stream.write_all(format!("{request} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await?;
            let mut text = String::new();
            stream.read_to_string(&mut text).await?;
            let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
            let suite = stream.get_ref().1.negotiated_cipher_suite().unwrap().suite();
            Ok(Answer { head: head.to_lowercase(), body: body.to_owned(), tls: format!("{suite:?}") })
        };
        tokio::time::timeout(DEADLINE, exchange).await.expect("the server answers or hangs up")
    }

    async fn get(&self, server: &Running, path: &str) -> Answer {
        self.send(server.address, &format!("GET {path}")).await.unwrap()
    }
}

/// Whether the other side hangs up within the deadline.
async fn is_closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut rest)).await.expect("the server hangs up");
}

#[tokio::test]
async fn metrics_are_served_in_the_text_format() {
    let (server, client, _mount) = start("").await;
    server.metrics.storage_type(Some("PVC"));
    server.metrics.storage_type(Some("S3"));
    server.metrics.pruner_install_status(PrunerInstallStatus::Suspended);
    server.metrics.image_stream_tags(ImageStreamTags { imported_openshift: 7, ..ImageStreamTags::default() });
    let answer = client.get(&server, "/metrics").await;
    assert!(answer.head.starts_with("http/1.1 200 ok\r\n"), "{}", answer.head);
    assert!(answer.head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{}", answer.head);
    for line in [
        "# TYPE image_registry_operator_storage_reconfigured_total counter",
        "image_registry_operator_storage_reconfigured_total 0",
        "# TYPE image_registry_operator_image_pruner_install_status gauge",
        "image_registry_operator_image_pruner_install_status 1",
        "# TYPE image_registry_image_stream_tags_total gauge",
        "image_registry_image_stream_tags_total{source=\"imported\",location=\"openshift\"} 7",
        "image_registry_image_stream_tags_total{source=\"pushed\",location=\"other\"} 0",
        "# TYPE image_registry_storage_type gauge",
        "image_registry_storage_type{storage=\"S3\"} 1",
    ] {
        assert!(answer.body.lines().any(|found| found == line), "{line} is missing in\n{}", answer.body);
    }
    assert!(!answer.body.contains("PVC"), "{}", answer.body);
}

#[tokio::test]
async fn only_get_and_only_known_paths() {
    let (server, client, _mount) = start("").await;
    for path in ["/", "/metric", "/metrics/", "/debug/pprof"] {
        assert!(client.get(&server, path).await.head.starts_with("http/1.1 404"), "{path}");
    }
    assert!(client.get(&server, "/metrics?name=x").await.head.starts_with("http/1.1 200"));
    for method in ["POST", "HEAD", "DELETE"] {
        let answer = client.send(server.address, &format!("{method} /metrics")).await.unwrap();
        assert!(answer.head.starts_with("http/1.1 405") && answer.head.contains("allow: get"), "{}", answer.head);
    }
}

#[tokio::test]
async fn probes_tell_health_and_readiness() {
    let (server, client, _mount) = start("").await;
    assert_eq!(client.get(&server, "/healthz").await.body, "ok");
    let answer = client.get(&server, "/readyz").await;
    assert!(answer.head.starts_with("http/1.1 503"), "{}", answer.head);
    server.ready.send(true).unwrap();
    let answer = client.get(&server, "/readyz").await;
    assert!(answer.head.starts_with("http/1.1 200") && answer.body == "ok", "{answer:?}");
}

#[tokio::test]
async fn the_lowest_version_is_honoured() {
    let identity = identity();
    let mount = Mount::new(&identity);
    let [old, new] = [&TLS12, &TLS13].map(|version| Client::trusting(&identity, &[version]));
    for (fields, old_is_served) in
        [("", true), ("minTLSVersion: VersionTLS12", true), ("minTLSVersion: VersionTLS13", false)]
    {
        let server = run(mount.bind(&config(fields).unwrap()).await.unwrap());
        assert!(new.send(server.address, "GET /metrics").await.is_ok(), "{fields}");
        let answer = old.send(server.address, "GET /metrics").await;
        assert_eq!(answer.is_ok(), old_is_served, "{fields}: {answer:?}");
        if let Err(error) = answer {
            assert!(error.to_string().contains("ProtocolVersion"), "{error}");
        }
    }
}

#[tokio::test]
async fn only_the_suites_of_the_file_are_offered() {
    let identity = identity();
    let mount = Mount::new(&identity);
    let old = Client::trusting(&identity, &[&TLS12]);
    // Clients prefer another one.
    let fields = "cipherSuites: [TLS_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]";
    let server = run(mount.bind(&config(fields).unwrap()).await.unwrap());
    let answer = old.get(&server, "/metrics").await;
    assert_eq!(answer.tls, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
    let server = run(mount.bind(&config("cipherSuites: [TLS_AES_128_GCM_SHA256]").unwrap()).await.unwrap());
    assert!(old.send(server.address, "GET /metrics").await.is_err());
    let new = Client::trusting(&identity, &[&TLS13]);
    assert_eq!(new.get(&server, "/metrics").await.tls, "TLS13_AES_128_GCM_SHA256");
}

#[test]
fn a_wrong_version_or_suite_is_an_error_at_the_start() {
    let error = config("minTLSVersion: VersionTLS14").unwrap_err();
    assert!(error.contains(": servingInfo.minTLSVersion: unknown TLS version \"VersionTLS14\"; use one of"), "{error}");
    let error = config("cipherSuites: [TLS_NULL]").unwrap_err();
    assert!(error.contains(": servingInfo.cipherSuites: unknown cipher suite \"TLS_NULL\"; use "), "{error}");
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said_with_its_file() {
    let (one, other) = (identity(), identity());
    let (certificate, key) = (one.cert.pem(), one.signing_key.serialize_pem());
    let middle = key.lines().nth(1).unwrap();
    let mut mount = Mount::new(&one);
    let cases = [
        ("", key.as_str(), "tls.crt: holds no certificate"),
        (key.as_str(), key.as_str(), "tls.crt: holds no certificate"),
        (certificate.as_str(), certificate.as_str(), "tls.key: holds no private key"),
        (&certificate, &other.signing_key.serialize_pem(), "tls.key: is not the key of the certificate in "),
        (&certificate, &key.replace("-----END", ""), "tls.key: is not valid PEM: a section has no END line"),
        (&certificate, &key.replace(middle, "#"), "tls.key: is not valid PEM: a section is not base64"),
        (&certificate, &key.replace(middle, ""), "tls.key: cannot be used: "),
    ];
    for (certificate, key, expected) in cases {
        mount.swap(certificate, key);
        let error = mount.bind(&config("").unwrap()).await.unwrap_err();
        assert!(error.contains(expected) && error.ends_with("it needs tls.crt and tls.key in PEM"), "{error}");
        assert!(!error.contains(middle), "{error}");
    }
    fs::remove_file(mount.path("tls.key")).unwrap();
    mount.swap(&certificate, &key);
    let error = mount.bind(&config("").unwrap()).await.unwrap_err();
    assert!(error.contains("tls.key: cannot be read: No such file"), "{error}");
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_the_field() {
    let (server, _client, mount) = start("").await;
    let config = ControllerConfig {
        bind_address: controller_config::BindAddress { host: "127.0.0.1".to_owned(), port: server.address.port() },
        ..config("").unwrap()
    };
    let error = mount.bind(&config).await.unwrap_err();
    let start = format!("metrics server: servingInfo.bindAddress: cannot listen on {}: ", server.address);
    assert!(error.starts_with(&start), "{error}");
}

#[tokio::test]
async fn a_client_without_tls_is_turned_away() {
    let (server, client, _mount) = start("").await;
    let mut plain = TcpStream::connect(server.address).await.unwrap();
    plain.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    is_closed(&mut plain).await;
    assert_eq!(client.get(&server, "/healthz").await.body, "ok");
}

#[tokio::test]
async fn slow_clients_wait_for_each_other_and_lose() {
    let identity = identity();
    let mount = Mount::new(&identity);
    let lifetime = Duration::from_millis(300);
    let server = mount.bind(&config("").unwrap()).await.unwrap();
    let server = run(server.with_limits(Limits { connections: 2, lifetime }));
    let client = Client::trusting(&identity, &[&TLS13]);

    let begin = Instant::now();
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TcpStream::connect(server.address).await.unwrap();
    let mut half = TlsConnector::from(Arc::clone(&client.0)).connect(name, stream).await.unwrap();
    half.write_all(b"GET /metrics HTTP/1.1\r\nHost:").await.unwrap();

    assert_eq!(client.get(&server, "/healthz").await.body, "ok");
    assert!(begin.elapsed() >= lifetime, "a third connection was served beside two: {:?}", begin.elapsed());
    is_closed(&mut silent).await;
    is_closed(half.get_mut().0).await;
}

#[tokio::test]
async fn a_certificate_that_is_replaced_is_served_at_once() {
    let (server, old, mut mount) = start("").await;
    assert_eq!(old.get(&server, "/healthz").await.body, "ok");
    let next = identity();
    mount.swap(&next.cert.pem(), &next.signing_key.serialize_pem());
    let new = Client::trusting(&next, &[&TLS13]);
    assert_eq!(new.get(&server, "/healthz").await.body, "ok");
    assert!(old.send(server.address, "GET /healthz").await.is_err());

    mount.swap(&next.cert.pem(), "nonsense");
    assert_eq!(new.get(&server, "/healthz").await.body, "ok");
}

#[tokio::test]
async fn the_server_ends_with_its_open_connections() {
    let (server, _client, _mount) = start("").await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    server.stop.send(()).unwrap();
    tokio::time::timeout(DEADLINE, server.task).await.expect("the server ends").unwrap();
    is_closed(&mut silent).await;
    assert!(TcpStream::connect(server.address).await.is_err());
}
