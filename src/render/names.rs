//! Names that other components and users rely on, and names that are derived.

/// The namespace of the registry, the pruner and the operator.
pub const NAMESPACE: &str = "openshift-image-registry";
/// Where users keep cluster configuration: pull secret, additional CAs.
pub const OPENSHIFT_CONFIG: &str = "openshift-config";
/// Where operators publish configuration.
pub const OPENSHIFT_CONFIG_MANAGED: &str = "openshift-config-managed";
/// The Deployment, the Service and the PodDisruptionBudget.
pub const REGISTRY: &str = "image-registry";
/// The name of every OpenShift singleton.
pub const CLUSTER: &str = "cluster";
/// Serving certificate of the registry, made by service-ca.
pub const TLS_SECRET: &str = "image-registry-tls";
/// Storage credentials for the registry.
pub const PRIVATE_CONFIGURATION: &str = "image-registry-private-configuration";
/// Storage credentials that a user supplies.
pub const USER_CONFIGURATION: &str = "image-registry-private-configuration-user";
/// Storage credentials minted by the cloud credential operator.
pub const CLOUD_CREDENTIALS: &str = "installer-cloud-credentials";
/// The copy of the cluster's pull secret.
pub const PULL_SECRET: &str = "installation-pull-secrets";
/// CAs for registry pods and nodes.
pub const CERTIFICATES: &str = "image-registry-certificates";
/// CAs for other components, in openshift-config-managed.
pub const REGISTRY_CA: &str = "image-registry-ca";
/// The service CA, filled by service-ca.
pub const SERVICE_CA: &str = "serviceca";
/// The cluster's trusted CAs, filled by the network operator.
pub const TRUSTED_CA: &str = "trusted-ca";
/// The registry's service account.
pub const REGISTRY_ACCOUNT: &str = "registry";
/// The pruner's service account.
pub const PRUNER_ACCOUNT: &str = "pruner";
/// The CronJob of the pruner.
pub const PRUNER: &str = "image-pruner";
/// The DaemonSet that copies CAs onto nodes, and its service account.
pub const NODE_CA: &str = "node-ca";
/// The Job that moves blobs to the path the registry expects.
pub const PATH_FIX: &str = "azure-path-fix";
/// The route that `spec.defaultRoute` asks for.
pub const DEFAULT_ROUTE: &str = "default-route";
/// The claim that is created when none is named.
pub const DEFAULT_CLAIM: &str = "image-registry-storage";
/// The finalizer on Config.
pub const FINALIZER: &str = "imageregistry.operator.openshift.io/finalizer";
/// Marks routes and claims as the operator's; any value counts.
pub const OWNED_ANNOTATION: &str = "imageregistry.openshift.io";
/// The label of the registry's pods and objects.
pub const REGISTRY_LABEL: (&str, &str) = ("docker-registry", "default");
/// The label of cluster-wide objects, by which the operator finds its own.
pub const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "cluster-image-registry-operator");
/// The port of the registry.
pub const REGISTRY_PORT: i32 = 5000;
/// The host under which the registry is reached inside the cluster.
pub const SERVICE_HOST: &str = "image-registry.openshift-image-registry.svc";

/// The longest derived bucket or container name, in characters (the reference's rule since 2026).
const LONGEST_STORAGE_NAME: usize = 62;

/// `<infrastructure>-image-registry[-<extra>]`, lower case, runs of dashes collapsed, cut to 62 characters; a dash
/// at the end becomes `s`.
///
/// The reference derives only S3 names this way and pads the others at random, which leaves orphans behind when a
/// write fails after the creation. Here every backend's name is derived.
pub fn storage_name(infrastructure: &str, extra: &str) -> String {
    let parts = [infrastructure, REGISTRY, extra];
    let joined = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let mut name = String::with_capacity(LONGEST_STORAGE_NAME);
    let mut length = 0;
    for character in joined.chars().flat_map(char::to_lowercase) {
        if length == LONGEST_STORAGE_NAME {
            break;
        }
        if character == '-' && name.ends_with('-') {
            continue;
        }
        name.push(character);
        length += 1;
    }
    if name.ends_with('-') {
        name.pop();
        name.push('s');
    }
    name
}

/// How the names of storage accounts begin that are made for a registry (the reference's).
pub const ACCOUNT_PREFIX: &str = "imageregistry";

/// A storage account name: `imageregistry`, what fits of the infrastructure name, and five characters of a hash.
///
/// Azure allows 3–24 lower-case letters and digits, unique in the world (Azure naming rules, Microsoft.Storage).
/// `scope` is whatever makes two clusters of the same name different, as subscription and resource group.
pub fn storage_account_name(infrastructure: &str, scope: &str) -> String {
    use sha2::{Digest, Sha256};
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    const BEFORE_SUFFIX: usize = 19;
    const SUFFIX: usize = 5;
    let kept =
        infrastructure.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase());
    let mut name: String = ACCOUNT_PREFIX.chars().chain(kept).take(BEFORE_SUFFIX).collect();
    let digest = Sha256::digest(format!("{infrastructure}\n{scope}"));
    name.extend(digest.iter().take(SUFFIX).map(|byte| char::from(ALPHABET[usize::from(byte & 31)])));
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_names_follow_the_documented_rule() {
        let long = "a".repeat(70);
        let dash_at_the_cut = format!("{}-b", "a".repeat(46));
        for (infrastructure, extra, want) in [
            ("demo-x7k2p", "us-east-1", "demo-x7k2p-image-registry-us-east-1"),
            ("demo-x7k2p", "", "demo-x7k2p-image-registry"),
            ("Demo--X", "US", "demo-x-image-registry-us"),
            ("demo-", "", "demo-image-registry"),
            (long.as_str(), "x", &"a".repeat(62)),
            // 46 + 2 + 14 characters: the cut falls on the dash after "image-registry".
            (dash_at_the_cut.as_str(), "", &format!("{}-b-image-registr", "a".repeat(46))[..]),
        ] {
            let got = storage_name(infrastructure, extra);
            assert!(got.chars().count() <= 62, "{got}");
            assert_eq!(got, want.chars().take(62).collect::<String>());
        }
        assert_eq!(storage_name(&"a".repeat(46), "x"), format!("{}-image-registrys", "a".repeat(46)));
    }

    #[test]
    fn account_names_fit_azure_and_differ_by_scope() {
        for infrastructure in ["demo-x7k2p", "", "ÄÖÜ", "A-very-long-infrastructure-name"] {
            let name = storage_account_name(infrastructure, "sub/rg");
            assert!((3..=24).contains(&name.len()), "{name}");
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{name}");
            assert_ne!(name, storage_account_name(infrastructure, "sub/other"));
        }
    }
}
