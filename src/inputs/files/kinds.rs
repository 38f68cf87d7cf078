//! Which objects are inputs, and which only look like one.

use super::object::Object;
use crate::api::nearest::{LONGEST, nearest, tolerance};

/// The namespace of the registry.
pub(super) const NAMESPACE: &str = "openshift-image-registry";
/// The namespaces whose Secrets and ConfigMaps can be referred to.
const REFERRED: [&str; 3] = [NAMESPACE, "openshift-config", "openshift-config-managed"];
const OPERATOR_GROUP: &str = "imageregistry.operator.openshift.io";
/// The reason to ignore what is no input at all.
pub(super) const FOREIGN: &str = "not an input";

/// A kind of object that is an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Config,
    ImagePruner,
    Infrastructure,
    Proxy,
    Image,
    ApiServer,
    Ingress,
    ClusterVersion,
    FeatureGate,
    /// The operator's own report; expected in a dump, but nothing depends on it.
    ClusterOperator,
    Namespace,
    Node,
    Secret,
    ConfigMap,
    Service,
    Claim,
    Deployment,
    DaemonSet,
    CronJob,
    Job,
    Route,
}

/// What a kind is called, and which objects of it count.
struct Known {
    kind: Kind,
    word: &'static str,
    api_version: &'static str,
    scope: Scope,
}

enum Scope {
    /// An object of the cluster, of one name or of any.
    Cluster(Option<&'static str>),
    /// An object of one name, or of any, in the registry's namespace.
    Registry(Option<&'static str>),
    /// An object of any name in the namespaces that are referred to.
    Referred,
}

const CONFIG_V1: &str = "config.openshift.io/v1";
const CLUSTER: Scope = Scope::Cluster(Some("cluster"));

#[rustfmt::skip]
const KNOWN: [Known; 21] = [
    Known { kind: Kind::Config, word: "Config", api_version: "imageregistry.operator.openshift.io/v1", scope: CLUSTER },
    Known { kind: Kind::ImagePruner, word: "ImagePruner", api_version: "imageregistry.operator.openshift.io/v1", scope: CLUSTER },
    Known { kind: Kind::Infrastructure, word: "Infrastructure", api_version: CONFIG_V1, scope: CLUSTER },
    Known { kind: Kind::Proxy, word: "Proxy", api_version: CONFIG_V1, scope: CLUSTER },
    Known { kind: Kind::Image, word: "Image", api_version: CONFIG_V1, scope: CLUSTER },
    Known { kind: Kind::ApiServer, word: "APIServer", api_version: CONFIG_V1, scope: CLUSTER },
    Known { kind: Kind::Ingress, word: "Ingress", api_version: CONFIG_V1, scope: CLUSTER },
    Known { kind: Kind::ClusterVersion, word: "ClusterVersion", api_version: CONFIG_V1, scope: Scope::Cluster(Some("version")) },
    Known { kind: Kind::FeatureGate, word: "FeatureGate", api_version: CONFIG_V1, scope: CLUSTER },
    Known { kind: Kind::ClusterOperator, word: "ClusterOperator", api_version: CONFIG_V1, scope: Scope::Cluster(None) },
    Known { kind: Kind::Namespace, word: "Namespace", api_version: "v1", scope: Scope::Cluster(Some(NAMESPACE)) },
    Known { kind: Kind::Node, word: "Node", api_version: "v1", scope: Scope::Cluster(None) },
    Known { kind: Kind::Secret, word: "Secret", api_version: "v1", scope: Scope::Referred },
    Known { kind: Kind::ConfigMap, word: "ConfigMap", api_version: "v1", scope: Scope::Referred },
    Known { kind: Kind::Service, word: "Service", api_version: "v1", scope: Scope::Registry(Some("image-registry")) },
    Known { kind: Kind::Claim, word: "PersistentVolumeClaim", api_version: "v1", scope: Scope::Registry(None) },
    Known { kind: Kind::Deployment, word: "Deployment", api_version: "apps/v1", scope: Scope::Registry(Some("image-registry")) },
    Known { kind: Kind::DaemonSet, word: "DaemonSet", api_version: "apps/v1", scope: Scope::Registry(Some("node-ca")) },
    Known { kind: Kind::CronJob, word: "CronJob", api_version: "batch/v1", scope: Scope::Registry(Some("image-pruner")) },
    Known { kind: Kind::Job, word: "Job", api_version: "batch/v1", scope: Scope::Registry(None) },
    Known { kind: Kind::Route, word: "Route", api_version: "route.openshift.io/v1", scope: Scope::Registry(None) },
];

/// What becomes of an object.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is an input.
    Take(Kind),
    /// It is not, for this reason.
    Ignore(&'static str),
    /// It is meant to be an input, but is not: field, reason, message, remedy.
    Refuse(&'static str, &'static str, String, String),
}

/// Judges an object by its identity alone.
pub(super) fn judge(object: &Object) -> Verdict {
    let Some(known) = KNOWN.iter().find(|known| known.word == object.kind) else {
        return judge_unknown(object);
    };
    if object.api_version != known.api_version && !resembles(&object.api_version, known.api_version) {
        return Verdict::Ignore(FOREIGN);
    }
    if let Err(reason) = known.counts(object) {
        return Verdict::Ignore(reason);
    }
    if object.api_version != known.api_version {
        let message = format!("{} is not served for the kind {}", object.api_version, known.word);
        return Verdict::Refuse("apiVersion", "WrongApiVersion", message, format!("write {}", known.api_version));
    }
    if object.namespace.is_empty() && !matches!(known.scope, Scope::Cluster(_)) {
        let remedy = format!("write the namespace it lives in, as in {NAMESPACE}");
        return Verdict::Refuse("metadata.namespace", "MissingNamespace", "is missing".to_owned(), remedy);
    }
    Verdict::Take(known.kind)
}

/// A kind that is not known: foreign, unless it is a known one misspelt.
fn judge_unknown(object: &Object) -> Verdict {
    let siblings = || KNOWN.iter().filter(|known| group(known.api_version) == object.group());
    let meant = if object.group() == OPERATOR_GROUP {
        nearest(&object.kind, siblings().map(|known| known.word))
    } else {
        siblings().map(|known| known.word).find(|word| word.eq_ignore_ascii_case(&object.kind))
    };
    match meant {
        Some(word) => {
            let message = format!("there is no kind {} in {}", object.kind, object.api_version);
            Verdict::Refuse("kind", "UnknownKind", message, format!("write {word}"))
        }
        None => Verdict::Ignore(FOREIGN),
    }
}

impl Known {
    /// Whether the object is the one, or one of those, that the operator reads.
    fn counts(&self, object: &Object) -> Result<(), &'static str> {
        let named = |name: Option<&str>| name.is_none_or(|name| name == object.name);
        match self.scope {
            Scope::Cluster(name) if named(name) => Ok(()),
            Scope::Cluster(Some("cluster")) => Err("the operator only looks at the name cluster"),
            Scope::Registry(name) if !named(name) => Err(FOREIGN),
            Scope::Registry(_) if object.namespace.is_empty() || object.namespace == NAMESPACE => Ok(()),
            Scope::Referred if object.namespace.is_empty() || REFERRED.contains(&object.namespace.as_str()) => Ok(()),
            Scope::Cluster(_) | Scope::Registry(_) | Scope::Referred => Err(FOREIGN),
        }
    }
}

/// Whether one apiVersion was likely meant to be the other: another version, no group, or a typing error in it.
fn resembles(given: &str, known: &str) -> bool {
    let (given, known) = (group(given), group(known));
    given == known
        || given.is_empty()
        || (known.is_empty() && given == "core")
        || (!known.is_empty()
            && given.len() <= LONGEST
            && strsim::damerau_levenshtein(given, known) <= tolerance(known).min(known.len() / 4))
}

fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}
