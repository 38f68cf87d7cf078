//! Assertions signed with a service account's key (RFC 7515 and 7523, RS256).

use super::key_file::ServiceAccount;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

/// How long an assertion is good, in seconds: the longest that Google accepts.
pub(super) const LIFETIME: u64 = 3600;
/// Clocks that go after ours by so many seconds accept it as well, as with Google's own libraries.
const EARLIER: u64 = 10;

/// A service account's private key.
pub(super) struct Signer {
    account: String,
    key_id: String,
    key: RsaKeyPair,
}

impl Signer {
    /// Reads the key.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn new(account: &ServiceAccount) -> Result<Self, String> {
        let unusable = || {
            "has a private_key that cannot be used; it must be an RSA key of 2048 to 4096 bits in PEM: create another key \
             of the service account"
                .to_owned()
        };
        let key = PrivateKeyDer::from_pem_slice(account.private_key.expose().as_bytes()).map_err(|_| unusable())?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(unusable()),
        };
        let key = key.map_err(|_| unusable())?;
        Ok(Signer { account: account.client_email.clone(), key_id: account.private_key_id.clone(), key })
    }

    /// For the token endpoint at that URL, to get a token for these scopes.
    ///
    /// # Errors
    /// The system has no randomness.
    pub(super) fn for_token(&self, token_uri: &str, scopes: &str) -> Result<String, String> {
        self.sign(&json!({ "aud": token_uri, "scope": scopes }))
    }

    /// A token by itself for these scopes (AIP-4111): all that there is outside of Google's own cloud.
    ///
    /// # Errors
    /// The system has no randomness.
    pub(super) fn self_signed(&self, scopes: &str) -> Result<String, String> {
        self.sign(&json!({ "sub": self.account, "scope": scopes }))
    }

    fn sign(&self, claims: &Value) -> Result<String, String> {
        let now = Timestamp::now().as_second().max(0).unsigned_abs();
        let issued = now.saturating_sub(EARLIER);
        let mut claims = claims.clone();
        claims["iss"] = json!(self.account);
        claims["iat"] = json!(issued);
        claims["exp"] = json!(issued + LIFETIME);
        let mut header = json!({ "alg": "RS256", "typ": "JWT" });
        if !self.key_id.is_empty() {
            header["kid"] = json!(self.key_id);
        }
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        let random = SystemRandom::new();
        let done = self.key.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature);
        done.map_err(|_| "cannot be signed with: the system has no randomness".to_owned())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Signer;
    use crate::api::secret::Secret;
    use crate::execute::storage::gcs::key_file::ServiceAccount;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jiff::Timestamp;
    use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use serde_json::{Value, json};

    const KEY: &str = include_str!("../../../../tests/data/throwaway-rsa-key-a.pem");

    fn signer(key: &str) -> Result<Signer, String> {
        Signer::new(&ServiceAccount {
            client_email: "operator@example.iam.gserviceaccount.com".to_owned(),
            private_key_id: "id".to_owned(),
            private_key: Secret::from(key.to_owned()),
            token_uri: String::new(),
        })
    }

    #[test]
    fn an_assertion_is_signed_and_short_lived() {
        let signer = signer(KEY).unwrap();
        let assertion = signer.for_token("https://oauth2.googleapis.com/token", "a b").unwrap();
        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, signer.key.public_key().as_ref());
        key.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        let parts =
            signed.split('.').map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap());
        let parts: Vec<Value> = parts.collect();
        assert_eq!(parts[0], json!({ "alg": "RS256", "typ": "JWT", "kid": "id" }));
        let (issued, expires) = (parts[1]["iat"].as_i64().unwrap(), parts[1]["exp"].as_i64().unwrap());
        assert_eq!(expires - issued, 3600);
        assert!((5..60).contains(&(Timestamp::now().as_second() - issued)));
        assert_eq!((&parts[1]["scope"], &parts[1]["sub"]), (&json!("a b"), &Value::Null));
    }

    #[test]
    fn what_is_no_key_is_refused_without_showing_it() {
        for key in ["s3cret", "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n"] {
            let why = signer(key).err().unwrap();
            assert!(why.starts_with("has a private_key that cannot be used") && !why.contains("s3cret"), "{why}");
        }
    }
}
