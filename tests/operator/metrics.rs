//! What a running operator tells Prometheus, and that alerts can rely on it.

use crate::bad_input::allow_all_but;
use crate::cluster::credentials::{Authority, LIMITED, OPERATOR};
use crate::cluster::operator::{Operator, Options};
use crate::cluster::{Cluster, eventually};
use crate::idle::settle;
use crate::install::{empty_dir, ready};
use crate::support::servers::promtool;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

const SOON: Duration = Duration::from_secs(20);

/// Where an operator serves metrics, and who may ask for them.
pub struct Scraper {
    authority: Authority,
    directory: PathBuf,
    address: SocketAddr,
    client: TlsConnector,
}

impl Scraper {
    pub fn new(cluster: &Cluster) -> Scraper {
        let authority = Authority::new("service CA of the tests").unwrap();
        // Free now, and nobody else is asked for it within the moment.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.certificate().as_bytes()).unwrap()).unwrap();
        let client = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let client = client.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        let client = Arc::new(client.with_no_client_auth()).into();
        let scraper = Scraper { authority, directory: cluster.directory().to_owned(), address, client };
        fs::write(scraper.file("yaml"), format!("servingInfo: {{bindAddress: '{address}'}}")).unwrap();
        scraper.renew();
        scraper
    }

    /// Gives the operator another certificate.
    pub fn renew(&self) {
        let (certificate, key) = self.authority.server(vec!["localhost".to_owned()]).unwrap();
        for (suffix, content) in [("crt", certificate), ("key", key)] {
            // As a volume does it: at no time half a file.
            let new = self.file("new");
            fs::write(&new, content).unwrap();
            fs::rename(new, self.file(suffix)).unwrap();
        }
    }

    /// With which the operator serves there.
    pub fn arguments(&self) -> Vec<String> {
        let file = |suffix| self.file(suffix).display().to_string();
        [("--tls-certificate", "crt"), ("--tls-key", "key"), ("--config", "yaml")]
            .into_iter()
            .flat_map(|(flag, suffix)| [flag.to_owned(), file(suffix)])
            .collect()
    }

    fn file(&self, suffix: &str) -> PathBuf {
        self.directory.join(format!("metrics.{suffix}"))
    }

    /// Starts an operator that serves there.
    fn start(&self, cluster: &Cluster, user: &str) -> Operator {
        Operator::start_as(cluster, user, Options { arguments: self.arguments(), ..Options::default() })
    }

    /// What it serves.
    pub async fn scrape(&self) -> std::io::Result<String> {
        let stream = TcpStream::connect(self.address).await?;
        let mut stream = self.client.connect(ServerName::try_from("localhost").unwrap(), stream).await?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        Ok(text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    /// Waits until it serves all of these lines.
    async fn serves(&self, lines: &[&str], deadline: Duration) -> String {
        eventually(deadline, &format!("{lines:?} is served"), async || {
            let text = self.scrape().await.map_err(|error| error.to_string())?;
            let is_served = lines.iter().all(|line| text.lines().any(|found| found == *line));
            if is_served { Ok(text) } else { Err(text) }
        })
        .await
    }
}

const SUCCEEDED: &str = "image_registry_operator_last_pass_failed 0";
const FAILED: &str = "image_registry_operator_last_pass_failed 1";
const AT_REST: &str = "image_registry_operator_pass_pending_timestamp_seconds 0";

/// The sample of a condition.
fn condition(kind: &str, type_: &str, value: u8) -> String {
    format!("image_registry_operator_condition{{kind=\"{kind}\",type=\"{type_}\"}} {value}")
}

#[tokio::test]
async fn conditions_and_failures_are_served() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    let scraper = Scraper::new(&cluster);
    let _operator = scraper.start(&cluster, OPERATOR);
    ready(&cluster).await;
    let available = condition("Config", "Available", 1);
    let pruner = condition("ImagePruner", "Available", 1);
    let well = condition("Config", "Degraded", 0);
    let exists = condition("Config", "StorageExists", 1);
    let text = scraper.serves(&[&available, &pruner, &well, &exists, SUCCEEDED, AT_REST], SOON).await;
    let complaints = promtool::lint(&text).unwrap();
    assert!(complaints.is_empty(), "{complaints:?}");

    let storage = json!({"spec": {"storage": {"emptyDir": {}, "pvc": {"claim": "images"}}}});
    cluster.merge(&empty_dir(), storage).await.unwrap();
    let degraded = condition("Config", "Degraded", 1);
    scraper.serves(&[&degraded, FAILED, AT_REST], SOON).await;
    cluster.merge(&empty_dir(), json!({"spec": {"storage": {"pvc": null}}})).await.unwrap();
    scraper.serves(&[&available, &well, SUCCEEDED, AT_REST], SOON).await;
}

#[tokio::test]
async fn a_first_pass_that_cannot_be_made_is_pending() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    allow_all_but(&cluster, &[("configs", &["get", "list", "watch"])]).await;
    let before = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let scraper = Scraper::new(&cluster);
    let _operator = scraper.start(&cluster, LIMITED);
    let text = scraper.serves(&[SUCCEEDED], SOON).await;
    let name = "image_registry_operator_pass_pending_timestamp_seconds ";
    let since = text.lines().find_map(|line| line.strip_prefix(name)).unwrap().parse::<u64>().unwrap();
    assert!(since >= before, "{text}");
    assert!(!text.contains("passes_total{"), "{text}");
    allow_all_but(&cluster, &[]).await;
    scraper.serves(&[AT_REST, SUCCEEDED], Duration::from_secs(75)).await;
}

/// ClusterOperatorDegraded cannot tell what ClusterOperator does not say.
#[tokio::test]
async fn reports_that_are_refused_are_served_as_failures_and_tried_again() {
    let cluster = Cluster::acquire().await;
    cluster.apply(&empty_dir()).await.unwrap();
    allow_all_but(&cluster, &[("clusteroperators/status", &["patch"])]).await;
    let scraper = Scraper::new(&cluster);
    let _operator = scraper.start(&cluster, LIMITED);
    let available = condition("Config", "Available", 1);
    scraper.serves(&[&available, FAILED, AT_REST], Duration::from_secs(60)).await;
    let reported = async || {
        let found = cluster.get("config.openshift.io/v1", "ClusterOperator", "", "image-registry").await;
        found.is_some_and(|found| found["status"]["conditions"].is_array())
    };
    assert!(!reported().await);
    settle(&cluster).await;
    allow_all_but(&cluster, &[]).await;
    scraper.serves(&[SUCCEEDED, AT_REST], SOON).await;
    assert!(reported().await);
}
