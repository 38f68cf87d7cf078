//! The ways to be authorised, and tokens from the cloud's login service.

use crate::api::secret::Secret;
use crate::net::{Failure, Http, USER_AGENT};
use crate::net::{encode, pairs, token_lifetime};
use http::Request;
use http::header::{CONTENT_TYPE, USER_AGENT as USER_AGENT_HEADER};
use http_body_util::Full;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// A token is renewed so long before it expires.
const EARLY: Duration = Duration::from_secs(300);

/// How requests are authorised.
#[derive(Clone, Debug)]
pub enum Credential {
    /// Signed with the account's key, which is base64.
    AccountKey(Secret),
    /// With a token for an application's identity.
    Identity(Identity),
}

/// An application in a tenant, and how it proves who it is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Where tokens come from: a URL.
    pub authority: String,
    /// The tenant's name or id.
    pub tenant: String,
    /// The application's id.
    pub client: String,
    /// The proof.
    pub proof: Proof,
    /// What tokens are for: a URL.
    pub audience: String,
}

/// How an application proves who it is.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A secret that it shares with the login service.
    ClientSecret(Secret),
    /// A file with the token of a service account, which the cluster renews.
    FederatedTokenFile(PathBuf),
}

impl Identity {
    /// Where tokens are asked for. The federation services of an Azure Stack Hub have one tenant, `adfs`.
    fn token_url(&self) -> String {
        let authority = self.authority.trim_end_matches('/');
        if self.tenant.eq_ignore_ascii_case("adfs") {
            format!("{}/adfs/oauth2/token", authority.trim_end_matches("/adfs"))
        } else {
            format!("{authority}/{}/oauth2/v2.0/token", encode(&self.tenant))
        }
    }

    fn form(&self) -> Result<String, String> {
        let scope = format!("{}/.default", self.audience.trim_end_matches('/'));
        let mut form =
            vec![("grant_type", "client_credentials"), ("client_id", self.client.as_str()), ("scope", scope.as_str())];
        match &self.proof {
            Proof::ClientSecret(secret) => {
                form.push(("client_secret", secret.expose()));
                Ok(pairs(&form))
            }
            Proof::FederatedTokenFile(path) => {
                let token = std::fs::read_to_string(path).map_err(|error| {
                    format!("AZURE_FEDERATED_TOKEN_FILE: {} cannot be read: {error}", path.display())
                })?;
                form.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
                form.push(("client_assertion", token.trim()));
                Ok(pairs(&form))
            }
        }
    }
}

/// Tokens for an identity, kept until shortly before they expire.
#[derive(Debug)]
pub struct Tokens {
    identity: Identity,
    http: Arc<Http>,
    kept: Mutex<Option<(Secret, Instant)>>,
}

impl Tokens {
    /// None is asked for yet.
    pub fn new(identity: Identity, http: Arc<Http>) -> Self {
        Tokens { http, identity, kept: Mutex::new(None) }
    }

    /// A token that is good for some minutes at least.
    ///
    /// # Errors
    /// What the login service has against the identity.
    pub async fn token(&self) -> Result<Secret, Failure> {
        let mut kept = self.kept.lock().await;
        if let Some((token, _)) = kept.as_ref().filter(|(_, until)| *until > Instant::now()) {
            return Ok(token.clone());
        }
        let (token, lifetime) = self.ask().await?;
        *kept = Some((token.clone(), Instant::now() + lifetime.saturating_sub(EARLY)));
        Ok(token)
    }

    /// Forgets the token: a service does not take it any more.
    pub async fn forget(&self) {
        *self.kept.lock().await = None;
    }

    async fn ask(&self) -> Result<(Secret, Duration), Failure> {
        let Identity { client, tenant, .. } = &self.identity;
        let url = self.identity.token_url();
        let refused = |why: &dyn std::fmt::Display| {
            Failure::unusable(format!("no token for client {client:?} in tenant {tenant:?}: {why}"))
        };
        let request = || {
            Request::post(&url)
                .header(USER_AGENT_HEADER, USER_AGENT)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Full::from(self.identity.form().map_err(Failure::unusable)?))
                .map_err(|error| Failure::unusable(format!("{url} cannot be asked: {error}")))
        };
        let answer = self.http.ask(request).await.map_err(|error| Failure { kind: error.kind, ..refused(&error) })?;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
        if !answer.status.is_success() {
            // The first line names the reason; the others are identifiers for the support.
            let description = text("error_description").lines().next().unwrap_or_default();
            return Err(refused(&format!("{} answered {}: {} {description}", url, answer.status, text("error"))));
        }
        let token = text("access_token");
        if token.is_empty() {
            return Err(refused(&format!("{url} answered without one")));
        }
        // A number, or one in a string.
        let seconds = body.get("expires_in").and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
        Ok((Secret::from(token.to_owned()), token_lifetime(seconds.unwrap_or_default())))
    }
}

#[cfg(test)]
mod tests {
    use super::{Identity, Proof};
    use crate::api::secret::Secret;

    #[test]
    fn tokens_are_asked_for_at_the_tenant() {
        let identity = |authority: &str, tenant: &str| Identity {
            authority: authority.to_owned(),
            tenant: tenant.to_owned(),
            client: "client".to_owned(),
            proof: Proof::ClientSecret(Secret::from("a&b".to_owned())),
            audience: "https://storage.azure.com/".to_owned(),
        };
        let public = identity("https://login.microsoftonline.com/", "tenant");
        assert_eq!(public.token_url(), "https://login.microsoftonline.com/tenant/oauth2/v2.0/token");
        let hub = identity("https://adfs.hub.example.com/adfs", "adfs");
        assert_eq!(hub.token_url(), "https://adfs.hub.example.com/adfs/oauth2/token");
        assert_eq!(
            public.form().as_deref(),
            Ok("grant_type=client_credentials&client_id=client&scope=https%3A%2F%2Fstorage.azure.com%2F.default\
                &client_secret=a%26b")
        );
        assert!(!format!("{public:?}").contains("a&b"));
    }
}
