//! What the process knows of the network: proxies, and the CAs to trust.

use hyper_util::client::proxy::matcher::Matcher;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::fmt;
use std::sync::Arc;

/// The cluster's own CAs, where they are mounted: by the operator's Deployment, and by what the operator renders. The
/// image's CAs are trusted anyway.
const CLUSTER_CAS: [&str; 2] =
    ["/var/run/configmaps/trusted-ca/tls-ca-bundle.pem", "/usr/share/pki/ca-trust-source/anchors/ca-bundle.crt"];

/// Proxies and CAs. Cloning shares them.
#[derive(Clone)]
pub struct Network {
    pub(super) proxies: Arc<Matcher>,
    system: Arc<RootCertStore>,
    pub(super) guard: Option<Guard>,
}

/// Says whether requests may go out now.
pub(super) type Guard = Arc<dyn Fn() -> bool + Send + Sync>;

impl fmt::Debug for Network {
    // A proxy's URL may hold a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Network({} CAs)", self.system.len())
    }
}

/// Whose certificates are accepted.
#[derive(Clone, Copy, Debug)]
pub enum Trust<'a> {
    /// Those of the system's CAs.
    System,
    /// Those of the system's CAs, and of these in PEM.
    Also(&'a str),
    /// Only those of these CAs in PEM.
    Only(&'a str),
}

impl Network {
    /// The proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`), the system's CAs (or those of `SSL_CERT_FILE`) and
    /// the cluster's, where they are mounted.
    pub fn from_environment() -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for certificates in CLUSTER_CAS.iter().flat_map(CertificateDer::pem_file_iter) {
            roots.add_parsable_certificates(certificates.flatten());
        }
        Network { proxies: Arc::new(Matcher::from_env()), system: Arc::new(roots), guard: None }
    }

    /// A proxy for all but these hosts, and these CAs in PEM in place of the system's.
    ///
    /// # Errors
    /// There is no CA in it.
    pub fn new(https_proxy: Option<&str>, no_proxy: &str, cas: &str) -> Result<Self, String> {
        let mut matcher = Matcher::builder().no(no_proxy.to_owned());
        if let Some(proxy) = https_proxy {
            matcher = matcher.https(proxy.to_owned());
        }
        let system = Arc::new(added(RootCertStore::empty(), cas)?);
        Ok(Network { proxies: Arc::new(matcher.build()), system, guard: None })
    }

    /// The same network, where requests other than GET and HEAD go out only while the guard says so.
    #[must_use]
    pub fn guarded(self, guard: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Network { guard: Some(Arc::new(guard)), ..self }
    }

    /// TLS with that trust.
    ///
    /// # Errors
    /// CAs that cannot be read.
    pub(super) fn tls(&self, trust: Trust<'_>) -> Result<ClientConfig, String> {
        let roots = match trust {
            Trust::System => Arc::clone(&self.system),
            Trust::Also(pem) => Arc::new(added(RootCertStore::clone(&self.system), pem)?),
            Trust::Only(pem) => Arc::new(added(RootCertStore::empty(), pem)?),
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let versions = versions.map_err(|error| format!("TLS cannot be used: {error}"))?;
        Ok(versions.with_root_certificates(roots).with_no_client_auth())
    }
}

fn added(mut roots: RootCertStore, pem: &str) -> Result<RootCertStore, String> {
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).flatten();
    match roots.add_parsable_certificates(certificates) {
        (0, _) => Err("there is no certificate in the bundle of CAs".to_owned()),
        _ => Ok(roots),
    }
}
