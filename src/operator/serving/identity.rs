//! The certificate that is served, and the TLS settings around it.

use crate::operator::controller_config::ControllerConfig;
use crate::operator::files;
use crate::problem::{Concern, Problem};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::{Error as TlsError, ServerConfig};
use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

const REMEDY: &str = "check the Secret that is mounted there: it needs tls.crt and tls.key in PEM";

/// A certificate with its key, read again when the files change.
pub(super) struct Identity {
    files: Files,
    stamp: Stamp,
    tls: Arc<ServerConfig>,
}

/// What is read, and the settings it is used with.
#[derive(Clone)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    config: ControllerConfig,
}

/// Tells two versions of the files apart without reading them: inode and time of modification.
type Stamp = [Option<(u64, i64, i64)>; 2];

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Identity").field("certificate", &self.files.certificate).finish_non_exhaustive()
    }
}

impl Identity {
    pub(super) async fn load(config: &ControllerConfig, certificate: &Path, key: &Path) -> Result<Identity, Problem> {
        let files = Files { certificate: certificate.to_owned(), key: key.to_owned(), config: config.clone() };
        // The stamp comes first, so that a change in between is noticed later.
        let stamp = files.stamp().await;
        let tls = files.read().await?;
        Ok(Identity { files, stamp, tls })
    }

    /// What to accept the next connection with. Files that have become unusable change nothing.
    pub(super) async fn acceptor(&mut self) -> TlsAcceptor {
        let stamp = self.files.stamp().await;
        if stamp != self.stamp {
            self.stamp = stamp;
            match self.files.read().await {
                Ok(tls) => self.tls = tls,
                Err(problem) => tracing::warn!(%problem, "the former certificate for metrics stays in use"),
            }
        }
        TlsAcceptor::from(Arc::clone(&self.tls))
    }
}

impl Files {
    async fn stamp(&self) -> Stamp {
        let of = async |path| {
            let metadata = tokio::fs::metadata(path).await.ok()?;
            Some((metadata.ino(), metadata.mtime(), metadata.mtime_nsec()))
        };
        [of(&self.certificate).await, of(&self.key).await]
    }

    async fn read(&self) -> Result<Arc<ServerConfig>, Problem> {
        let files = self.clone();
        let settings = tokio::task::spawn_blocking(move || files.settings()).await;
        settings.unwrap_or_else(|error| Err(problem(&self.certificate, format!("reading was cut off: {error}"))))
    }

    fn settings(&self) -> Result<Arc<ServerConfig>, Problem> {
        let Files { certificate, key, config } = self;
        let chain: Result<Vec<_>, PemError> = CertificateDer::pem_slice_iter(&content(certificate)?).collect();
        let chain = chain.map_err(|error| problem(certificate, not_pem(&error)))?;
        if chain.is_empty() {
            return Err(problem(certificate, "holds no certificate".to_owned()));
        }
        let private = PrivateKeyDer::from_pem_slice(&content(key)?).map_err(|error| match error {
            PemError::NoItemsFound => problem(key, "holds no private key".to_owned()),
            error => problem(key, not_pem(&error)),
        })?;
        let provider = CryptoProvider { cipher_suites: config.cipher_suites.clone(), ..ring::default_provider() };
        let builder = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(config.tls_versions)
            .map_err(|error| problem(Path::new("servingInfo"), error.to_string()))?;
        let tls = builder.with_no_client_auth().with_single_cert(chain, private);
        let mut tls = tls.map_err(|error| match error {
            TlsError::InconsistentKeys(_) => {
                problem(key, format!("is not the key of the certificate in {}", certificate.display()))
            }
            TlsError::InvalidCertificate(_) => problem(certificate, format!("cannot be served: {error}")),
            error => problem(key, format!("cannot be used: {error}")),
        })?;
        // Sessions that could be resumed would be kept in memory for clients that come once in a while.
        tls.session_storage = Arc::new(NoServerSessionStorage {});
        tls.send_tls13_tickets = 0;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(tls))
    }
}

fn content(path: &Path) -> Result<Vec<u8>, Problem> {
    files::read(path).map_err(|error| problem(path, format!("cannot be read: {error}")))
}

/// Without the library's own words, which quote the text.
fn not_pem(error: &PemError) -> String {
    let part = match error {
        PemError::MissingSectionEnd { .. } => "a section has no END line",
        PemError::IllegalSectionStart { .. } => "a BEGIN line is malformed",
        PemError::Base64Decode(_) => "a section is not base64",
        _ => "it cannot be decoded",
    };
    format!("is not valid PEM: {part}")
}

fn problem(path: &Path, message: String) -> Problem {
    Problem {
        concern: Concern::Inputs,
        object: path.display().to_string(),
        path: String::new(),
        reason: "ServingCertificateInvalid",
        message,
        remedy: REMEDY.to_owned(),
    }
}
