//! Certificates for whatever host is asked for.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The CA that clients trust, and one that they do not know.
pub struct Authority {
    pem: String,
    trusted: Issuer<'static, KeyPair>,
    unknown: Issuer<'static, KeyPair>,
    key: KeyPair,
    issued: Mutex<HashMap<(String, bool), Arc<ServerConfig>>>,
}

impl Authority {
    /// Makes both up.
    pub fn new() -> Self {
        let (pem, trusted) = issuer("internet of the tests");
        let (_, unknown) = issuer("unknown CA of the tests");
        Authority { pem, trusted, unknown, key: KeyPair::generate().unwrap(), issued: Mutex::default() }
    }

    /// The trusted CA's certificate as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// TLS with a certificate for these hosts, signed by the CA that clients trust or by the other one.
    pub fn server(&self, hosts: &[&str], trusted: bool) -> Arc<ServerConfig> {
        let mut issued = self.issued.lock().unwrap();
        let issue = || Arc::new(self.issue(hosts, trusted));
        Arc::clone(issued.entry((hosts.join(","), trusted)).or_insert_with(issue))
    }

    fn issue(&self, hosts: &[&str], trusted: bool) -> ServerConfig {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let issuer = if trusted { &self.trusted } else { &self.unknown };
        let certificate = params.signed_by(&self.key, issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = versions.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config
    }
}

fn issuer(name: &str) -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap().pem(), Issuer::new(params, key))
}
