//! Service accounts.

use ring::signature::{KeyPair, RsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub const EMAIL: &str = "operator@demo-project.iam.gserviceaccount.com";

/// One of two keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Key {
    A,
    B,
}

impl Key {
    pub fn id(self) -> &'static str {
        if self == Key::A { "key-a" } else { "key-b" }
    }

    /// As Google gives it away, once.
    fn private(self) -> String {
        let file = match self {
            Key::A => include_str!("../../../data/throwaway-rsa-key-a.pem"),
            Key::B => include_str!("../../../data/throwaway-rsa-key-b.pem"),
        };
        file.split_once('\n').unwrap().1.to_owned()
    }

    /// What Google keeps of it.
    fn public(self) -> Vec<u8> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(self.private().as_bytes()).unwrap();
        RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap().public_key().as_ref().to_vec()
    }

    /// The key file of the account, as Google makes it.
    pub fn file(self) -> Value {
        json!({
            "type": "service_account",
            "project_id": "demo-project",
            "private_key_id": self.id(),
            "private_key": self.private(),
            "client_email": EMAIL,
            "client_id": "103000000000000000000",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": "https://oauth2.googleapis.com/token",
            "universe_domain": "googleapis.com",
        })
    }
}

pub struct Account {
    /// Ids and public keys (PKCS 1).
    pub keys: Vec<(&'static str, Vec<u8>)>,
    /// The permissions that it lacks.
    pub lacks: BTreeSet<&'static str>,
}

impl Account {
    /// One who may do everything.
    pub fn new(keys: &[Key]) -> Self {
        Account { keys: keys.iter().map(|key| (key.id(), key.public())).collect(), lacks: BTreeSet::new() }
    }
}
