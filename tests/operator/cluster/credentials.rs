//! Certificates, keys and tokens of the control plane.

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use serde_json::json;
use std::path::Path;

/// The test process itself.
pub const TESTS: &str = "tests";
/// What stands in for kubelet, router, service-ca and so on.
pub const STAND_INS: &str = "stand-ins";
/// The operator, with the rights that `manifests/` gives its service account.
pub const OPERATOR: &str = "system:serviceaccount:openshift-image-registry:cluster-image-registry-operator";
/// The controller manager.
pub const CONTROLLERS: &str = "system:kube-controller-manager";

/// An operator that the tests have not made; it may do everything.
pub const OTHER: &str = "the-other-operator";

/// Has only the rights that a test gives it.
pub const LIMITED: &str = "limited";
/// Has no token that the API server knows.
pub const STRANGER: &str = "stranger";

/// Everybody with a token, and the groups. The names tell them apart in the audit log.
const USERS: [(&str, &str); 6] = [
    (TESTS, "system:masters"),
    (STAND_INS, "system:masters"),
    (CONTROLLERS, "system:masters"),
    (OPERATOR, "system:serviceaccounts,system:serviceaccounts:openshift-image-registry"),
    (OTHER, "system:masters"),
    (LIMITED, ""),
];

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A certificate authority.
pub struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Makes one up.
    ///
    /// # Errors
    /// None that happen in practice.
    pub fn new(name: &str) -> Result<Self> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.pem();
        Ok(Authority { certificate, issuer: Issuer::new(params, key) })
    }

    /// Its certificate as PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A server certificate for these hosts, and its key; both PEM.
    ///
    /// # Errors
    /// A host that is no DNS name and no address.
    pub fn server(&self, hosts: Vec<String>) -> Result<(String, String)> {
        let mut params = CertificateParams::new(hosts)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        Ok((params.signed_by(&key, &self.issuer)?.pem(), key.serialize_pem()))
    }
}

/// Writes what the programs read: `ca.crt`, `server.{crt,key}`, `service-account.{key,pub}`,
/// `tokens.csv`.
///
/// # Errors
/// A file that cannot be written.
pub fn write(directory: &Path) -> Result<()> {
    let authority = Authority::new("control plane of the tests")?;
    let (certificate, key) = authority.server(vec!["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    let line = |(uid, (user, groups)): (usize, &(&str, &str))| format!("{},{user},{uid},\"{groups}\"\n", token(user));
    let tokens: String = USERS.iter().enumerate().map(line).collect();
    let service_accounts = KeyPair::generate()?;
    for (name, content) in [
        ("ca.crt", authority.certificate()),
        ("server.crt", &certificate),
        ("server.key", &key),
        ("service-account.key", &service_accounts.serialize_pem()),
        ("service-account.pub", &service_accounts.public_key_pem()),
        ("tokens.csv", &tokens),
    ] {
        std::fs::write(directory.join(name), content)?;
    }
    Ok(())
}

fn token(user: &str) -> String {
    format!("token-of-{}", user.replace(':', "-"))
}

/// A kubeconfig for a user. JSON is YAML.
pub fn kubeconfig(directory: &Path, server: &str, user: &str) -> String {
    let authority = directory.join("ca.crt");
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "tests", "cluster": {"server": server, "certificate-authority": authority}}],
        "users": [{"name": user, "user": {"token": token(user)}}],
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": user}}],
        "current-context": "tests",
    })
    .to_string()
}
