//! Which credentials there are, and what can be done with them.

use super::super::trouble::Trouble;
use super::keys::Keys;
use super::manager::Manager;
use crate::api::azure::{Cloud, is_stack};
use crate::api::secret::Secret;
use crate::azure::{Identity, Proof, Tokens};
use crate::inputs::{Inputs, SecretData};
use crate::net::Http;
use crate::render::names::{CLOUD_CREDENTIALS, NAMESPACE, OPENSHIFT_CONFIG, USER_CONFIGURATION};
use crate::render::storage::action::{AzureContainer, Credentials};
use crate::render::storage::azure::ACCOUNT_KEY;
use std::sync::Arc;

/// How the storage is reached.
pub(super) enum Access {
    /// By a user's account key, which is all that is known.
    UserKey(Secret),
    /// By an identity that the Resource Manager knows.
    Identity(Box<Minted>),
}

/// An identity, where it may act, and how it is let into the Blob service.
pub(super) struct Minted {
    /// The Resource Manager.
    pub(super) manager: Manager,
    /// The path of the subscription.
    pub(super) subscription: String,
    /// The path of the resource group.
    pub(super) group: String,
    /// Whether the cloud is an Azure Stack Hub.
    pub(super) stack: bool,
    /// The account's key.
    pub(super) keys: Keys,
    /// Tokens for the Blob service; none if the account's key is used.
    pub(super) tokens: Option<Tokens>,
}

impl Access {
    /// Reads the Secret that the action names.
    ///
    /// # Errors
    /// What is missing in it.
    pub(super) fn open(
        medium: &AzureContainer,
        inputs: &Inputs,
        cloud: &Cloud,
        http: &Arc<Http>,
    ) -> Result<Self, Trouble> {
        let name = match medium.credentials {
            Credentials::User => USER_CONFIGURATION,
            Credentials::Cloud => CLOUD_CREDENTIALS,
        };
        let secret = inputs.objects.secret(NAMESPACE, name).ok_or_else(|| incomplete(name, "it does not exist"))?;
        match medium.credentials {
            Credentials::User => Ok(Access::UserKey(required(secret, name, ACCOUNT_KEY)?.to_owned().into())),
            Credentials::Cloud => Ok(Access::Identity(Box::new(minted(medium, inputs, secret, cloud, http)?))),
        }
    }
}

impl Minted {
    /// The path of something in the resource group, as `Microsoft.Storage/storageAccounts/name`.
    pub(super) fn path(&self, of: &str) -> String {
        format!("{}/providers/{of}", self.group)
    }
}

fn minted(
    medium: &AzureContainer,
    inputs: &Inputs,
    secret: &SecretData,
    cloud: &Cloud,
    http: &Arc<Http>,
) -> Result<Minted, Trouble> {
    let stack = is_stack(&medium.cloud_name);
    if cloud.resource_manager.is_empty() {
        let message = format!(
            "ConfigMap {OPENSHIFT_CONFIG}/cloud-provider-config: the endpoints of the Azure Stack Hub lack \
             resourceManagerEndpoint; put it there"
        );
        return Err(Trouble::new("AzureCloudUnknown", message));
    }
    let (client_secret, token_file) = (text(secret, "azure_client_secret"), text(secret, "azure_federated_token_file"));
    let hosted = inputs.environment.managed_azure_hcp_credentials_file_path.is_some();
    let proof = match (client_secret, token_file) {
        ("", "") if hosted => {
            let message = "this version of the operator cannot use the identity of a hosted control plane \
                           (MANAGED_AZURE_HCP_CREDENTIALS_FILE_PATH); put azure_client_secret or \
                           azure_federated_token_file into Secret installer-cloud-credentials";
            return Err(Trouble::new("NotSupported", message));
        }
        ("", "") => {
            return Err(incomplete(
                CLOUD_CREDENTIALS,
                "it has neither azure_client_secret nor azure_federated_token_file",
            ));
        }
        ("", file) => Proof::FederatedTokenFile(file.into()),
        (client_secret, _) => Proof::ClientSecret(client_secret.to_owned().into()),
    };
    let identity = |audience: &str| -> Result<Identity, Trouble> {
        Ok(Identity {
            authority: cloud.authority.clone(),
            tenant: required(secret, CLOUD_CREDENTIALS, "azure_tenant_id")?.to_owned(),
            client: required(secret, CLOUD_CREDENTIALS, "azure_client_id")?.to_owned(),
            proof: proof.clone(),
            audience: audience.to_owned(),
        })
    };
    let subscription = required(secret, CLOUD_CREDENTIALS, "azure_subscription_id")?;
    if medium.resource_group.is_empty() {
        return Err(incomplete(CLOUD_CREDENTIALS, "it has no azure_resourcegroup, and the platform names none"));
    }
    let tokens = Tokens::new(identity(&cloud.management_audience)?, Arc::clone(http));
    // An Azure Stack Hub's Blob service takes keys only.
    let by_token = !token_file.is_empty() && !stack;
    let storage = identity(&cloud.storage_audience)?;
    let subscription = format!("/subscriptions/{subscription}");
    Ok(Minted {
        manager: Manager::new(&cloud.resource_manager, tokens, Arc::clone(http)),
        group: format!("{subscription}/resourceGroups/{}", medium.resource_group),
        subscription,
        stack,
        keys: Keys::default(),
        tokens: by_token.then(|| Tokens::new(storage, Arc::clone(http))),
    })
}

fn text<'a>(secret: &'a SecretData, key: &str) -> &'a str {
    secret.data.get(key).and_then(|value| value.text()).unwrap_or_default()
}

fn required<'a>(secret: &'a SecretData, name: &str, key: &str) -> Result<&'a str, Trouble> {
    Some(text(secret, key))
        .filter(|value| !value.is_empty())
        .ok_or_else(|| incomplete(name, &format!("it has no {key}")))
}

fn incomplete(name: &str, why: &str) -> Trouble {
    let remedy = if name == CLOUD_CREDENTIALS {
        "see that the cloud credential operator mints it, or create it by hand"
    } else {
        "complete it"
    };
    Trouble::new("CredentialsIncomplete", format!("Secret {NAMESPACE}/{name}: {why}; {remedy}"))
}
