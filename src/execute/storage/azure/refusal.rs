//! Why Azure did not do what it was asked for, as a sentence for people.

use super::super::trouble::{Trouble, quoted};
use crate::net::{Answer, Failure, Kind};
use serde_json::Value;

/// Why a call came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There was no answer.
    NoAnswer(Failure),
    /// There is no token, without which nothing can be asked.
    NoToken(Failure),
    /// The service said no.
    Answered {
        /// The HTTP status; that of a failed asynchronous operation is 200.
        status: u16,
        /// The service's code, as `AuthorizationFailed`; empty if it gave none.
        code: String,
        /// The service's own words, cleaned; empty for the Blob service, whose words quote signatures.
        message: String,
        /// The action that the identity may not perform, if the service named one.
        lacks: Option<String>,
    },
}

impl Refusal {
    /// An answer of the Resource Manager or of the Blob service that is not what was hoped for.
    pub(super) fn of(answer: &Answer) -> Self {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let header = answer.header("x-ms-error-code");
        if let (false, None) = (header.is_empty(), body.get("error")) {
            return Refusal::Answered {
                status: answer.status.as_u16(),
                code: header.to_owned(),
                message: String::new(),
                lacks: None,
            };
        }
        Refusal::of_error(answer.status.as_u16(), &body)
    }

    /// The same of `{"error": {"code", "message"}}`, or of its content.
    pub(super) fn of_error(status: u16, body: &Value) -> Self {
        let error = body.get("error").unwrap_or(body);
        let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
        // The Resource Manager's words: `perform action '…' over scope '…'`.
        let action = text("message").split("perform action '").nth(1).and_then(|rest| rest.split('\'').next());
        let is_action = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '/');
        let lacks = action.filter(|action| action.len() < 150 && action.chars().all(is_action)).map(str::to_owned);
        Refusal::Answered { status, code: text("code").to_owned(), message: quoted(text("message")), lacks }
    }

    /// The service's code; empty if there was no answer.
    pub(super) fn code(&self) -> &str {
        match self {
            Refusal::Answered { code, .. } => code,
            Refusal::NoAnswer(_) | Refusal::NoToken(_) => "",
        }
    }

    /// The HTTP status; 0 if there was no answer.
    pub(super) fn status(&self) -> u16 {
        match self {
            Refusal::Answered { status, .. } => *status,
            Refusal::NoAnswer(_) | Refusal::NoToken(_) => 0,
        }
    }

    /// Whether the host is not to be found or not to be connected to.
    pub(super) fn is_unreachable(&self) -> bool {
        matches!(self, Refusal::NoAnswer(failure) if failure.kind == Kind::Unreachable)
    }

    /// The trouble: `subject`, what could not be done, why, and what to do.
    pub(super) fn trouble(&self, subject: &str, what: &str) -> Trouble {
        let credentials = "check azure_client_id, azure_client_secret, azure_tenant_id and azure_federated_token_file \
                           in Secret installer-cloud-credentials";
        match self {
            Refusal::NoAnswer(failure) => Trouble::no_answer(&format!("{subject}: {what}"), failure),
            Refusal::NoToken(failure) if failure.kind == Kind::Unusable => {
                let why = quoted(&failure.message);
                // The login service's code of an assertion that is not valid now.
                let clock = if failure.message.contains("AADSTS700024") { ", and the clocks of the nodes" } else { "" };
                Trouble::new("TokenRefused", format!("{subject}: {what}: {why}; {credentials}{clock}"))
            }
            Refusal::NoToken(failure) => Trouble::no_answer(&format!("{subject}: {what}"), failure),
            Refusal::Answered { status, code, message, lacks } => {
                let reason = if code.is_empty() { format!("Http{status}") } else { code.clone() };
                let colon = if message.is_empty() { "" } else { ": " };
                let remedy = remedy(code, *status, lacks.as_deref());
                Trouble::new(&reason, format!("{subject}: {what}: {reason}{colon}{message}; {remedy}"))
            }
        }
    }
}

/// What to do about a code of the Resource Manager, the Storage resource provider or the Blob service.
fn remedy(code: &str, status: u16, lacks: Option<&str>) -> String {
    let remedy = match code {
        "AuthorizationFailed" | "LinkedAuthorizationFailed" => return permission(lacks),
        "AuthorizationPermissionMismatch" => {
            "give the identity the role Storage Blob Data Contributor on the account or on its resource group; a role \
             that was given just now takes some minutes"
        }
        "AuthorizationFailure" => {
            "allow the cluster's network in the firewall of the account, or reach it through a private endpoint with \
             networkAccess.type Internal"
        }
        "AuthenticationFailed" | "InvalidAuthenticationInfo" => {
            "check the account key or the identity that is used, and the clocks of the nodes"
        }
        "KeyBasedAuthenticationNotPermitted" => {
            "let the account accept its keys (allowSharedKeyAccess), or use workload identity"
        }
        "AccountIsDisabled" | "ReadOnlyDisabledSubscription" => "enable the subscription",
        "ResourceGroupNotFound" => {
            "check azure_resourcegroup in Secret installer-cloud-credentials and the platform's resource group"
        }
        "SubscriptionNotFound" | "InvalidSubscriptionId" => {
            "check azure_subscription_id in Secret installer-cloud-credentials"
        }
        "RequestDisallowedByPolicy" => "exempt the registry's resources from the policy, or name storage that exists",
        "ScopeLocked" => "take the lock from the resource group or the account",
        "LocationNotAvailableForResourceType" | "LocationRequired" | "InvalidLocation" => {
            "check azure_region in Secret installer-cloud-credentials"
        }
        "MaxStorageAccountsCountPerSubscriptionExceeded" | "SubscriptionQuotaExceeded" | "QuotaExceeded" => {
            "ask for a higher quota, or name an account that exists in spec.storage.azure.accountName"
        }
        "InvalidAuthenticationToken" | "InvalidAuthenticationTokenTenant" | "ExpiredAuthenticationToken" => {
            "check azure_tenant_id in Secret installer-cloud-credentials and the clocks of the nodes"
        }
        "LeaseIdMissing" => "break the lease of the container",
        "ContainerImmutabilityPolicyFailure" | "ContainerProtectedFromDeletion" => {
            "take the immutability policy and legal holds from it, or set spec.storage.managementState to Unmanaged \
             to keep it"
        }
        "PrivateEndpointNetworkPoliciesCannotBeEnabledOnPrivateEndpointSubnet" => {
            "disable privateEndpointNetworkPolicies of the subnet, or name another one in \
             spec.storage.azure.networkAccess.internal.subnetName"
        }
        "InvalidResourceReference" => {
            "check vnetName, subnetName and networkResourceGroupName in spec.storage.azure.networkAccess.internal"
        }
        _ if status == 429 || status >= 500 => "it is asked again",
        _ => "it is tried again; see the documentation of Azure for this code",
    };
    remedy.to_owned()
}

/// The role with the action that the identity lacks.
fn permission(action: Option<&str>) -> String {
    let role = match action {
        Some(action) if action.starts_with("Microsoft.Network/") => "Network Contributor",
        _ => "Contributor",
    };
    let action = action.map(|action| format!(" (it lacks {action})")).unwrap_or_default();
    format!("give the identity the role {role} on the resource group{action}")
}

#[cfg(test)]
mod tests {
    use super::Refusal;
    use crate::net::{Failure, Kind};
    use serde_json::json;

    #[test]
    fn what_is_missing_is_named() {
        let id = "01234567-89ab-cdef-0123-456789abcdef";
        let message = format!(
            "The client '{id}' with object id '{id}' does not have authorization to perform action \
             'Microsoft.Network/privateDnsZones/virtualNetworkLinks/write' over scope '/subscriptions/{id}'."
        );
        let refusal =
            Refusal::of_error(403, &json!({ "error": { "code": "AuthorizationFailed", "message": message } }));
        let trouble = refusal.trouble("Azure container c in account a", "the account cannot be created");
        assert_eq!(trouble.reason, "AuthorizationFailed");
        let end = "; give the identity the role Network Contributor on the resource group (it lacks \
                   Microsoft.Network/privateDnsZones/virtualNetworkLinks/write)";
        assert!(trouble.message.ends_with(end), "{trouble}");
    }

    #[test]
    fn a_refused_token_points_to_the_secret_and_quotes_no_long_word() {
        let failure = Failure {
            kind: Kind::Unusable,
            message: format!("no token for client \"c\": invalid_client AADSTS700024: {}", "x".repeat(80)),
        };
        let trouble = Refusal::NoToken(failure).trouble("s", "w");
        assert!(trouble.message.contains("Secret installer-cloud-credentials, and the clocks"), "{trouble}");
        assert!(!trouble.message.contains("xxx"), "{trouble}");
    }
}
