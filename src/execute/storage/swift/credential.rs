//! What a user proves to Keystone who it is with.

use super::super::trouble::Trouble;
use crate::api::secret::Secret;
use crate::inputs::Inputs;
use crate::render::names::{CLOUD_CREDENTIALS, USER_CONFIGURATION};
use crate::render::storage::action::{Credentials, SwiftAccount};
use crate::render::storage::swift_credentials::{self, Found};
use serde_json::{Value, json};

/// The domain of those who name none, as in the registry.
const DEFAULT_DOMAIN: &str = "Default";

/// A proof, and the Secret that it is from.
pub(super) struct Credential {
    proof: Proof,
    /// The name of the Secret.
    pub(super) secret: &'static str,
}

enum Proof {
    Password { user: String, password: Secret },
    Token(Secret),
    ApplicationCredential { id: String, name: String, user: String, secret: Secret },
}

/// The credential of the Secret that the plan names.
///
/// # Errors
/// There is none, or it is incomplete.
pub(super) fn of(from: Credentials, inputs: &Inputs, subject: &str) -> Result<Credential, Trouble> {
    let found = match from {
        Credentials::User => swift_credentials::find(inputs),
        Credentials::Cloud => swift_credentials::find_minted(inputs),
    };
    let found = found.map_err(|problem| Trouble::new(problem.reason, format!("{subject}: {problem}")))?;
    Credential::new(found).ok_or_else(|| {
        let secret = name(from);
        let message = format!(
            "{subject}: Secret {secret} holds neither a user with a password, nor a token, nor an application credential \
             with its secret; add one of them"
        );
        Trouble::new("CredentialsIncomplete", message)
    })
}

fn name(from: Credentials) -> &'static str {
    match from {
        Credentials::User => USER_CONFIGURATION,
        Credentials::Cloud => CLOUD_CREDENTIALS,
    }
}

impl Credential {
    /// The first that is complete, in the reference's order: password, token, application credential.
    pub(super) fn new(found: Found) -> Option<Self> {
        let [user, password, token, id, name_of_it, secret] = found.secrets;
        let proof = if !user.is_empty() && !password.is_empty() {
            Proof::Password { user, password: password.into() }
        } else if !token.is_empty() {
            Proof::Token(token.into())
        } else if secret.is_empty() || (id.is_empty() && name_of_it.is_empty()) {
            return None;
        } else {
            Proof::ApplicationCredential { id, name: name_of_it, user, secret: secret.into() }
        };
        Some(Credential { proof, secret: name(found.from) })
    }

    /// A token that is for a project already, or for whatever it is for: nothing says for which one.
    pub(super) fn token_as_it_is(&self, account: &SwiftAccount) -> Option<&Secret> {
        match &self.proof {
            Proof::Token(token) if account.tenant.is_empty() && account.tenant_id.is_empty() => Some(token),
            _ => None,
        }
    }

    /// What asks for a token (Identity API v3, `POST /v3/auth/tokens`). It holds the secret.
    pub(super) fn request(&self, account: &SwiftAccount) -> Value {
        let identity = match &self.proof {
            Proof::Password { user, password } => json!({
                "methods": ["password"],
                "password": { "user": {
                    "name": user, "password": password.expose(), "domain": domain(account),
                } },
            }),
            Proof::Token(token) => json!({ "methods": ["token"], "token": { "id": token.expose() } }),
            Proof::ApplicationCredential { id, name, user, secret } => {
                let credential = if id.is_empty() {
                    json!({
                        "name": name, "secret": secret.expose(),
                        "user": { "name": user, "domain": domain(account) },
                    })
                } else {
                    json!({ "id": id, "secret": secret.expose() })
                };
                json!({ "methods": ["application_credential"], "application_credential": credential })
            }
        };
        match (&self.proof, scope(account)) {
            // It is for one project, and Keystone refuses to hear of any.
            (Proof::ApplicationCredential { .. }, _) | (_, None) => json!({ "auth": { "identity": identity } }),
            (_, Some(scope)) => json!({ "auth": { "identity": identity, "scope": scope } }),
        }
    }
}

fn domain(account: &SwiftAccount) -> Value {
    match (account.domain.as_str(), account.domain_id.as_str()) {
        ("", "") => json!({ "name": DEFAULT_DOMAIN }),
        ("", id) => json!({ "id": id }),
        (name, _) => json!({ "name": name }),
    }
}

fn scope(account: &SwiftAccount) -> Option<Value> {
    match (account.tenant_id.as_str(), account.tenant.as_str()) {
        ("", "") => None,
        ("", name) => Some(json!({ "project": { "name": name, "domain": domain(account) } })),
        (id, _) => Some(json!({ "project": { "id": id } })),
    }
}
