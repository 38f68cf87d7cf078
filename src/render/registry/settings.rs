//! A Config's wishes for the registry, checked. After this, building cannot fail.

use super::overrides::{self, Overrides};
use super::routes::{self, RouteSettings};
use super::tls::{self, TlsSettings};
use crate::api::config::{RequestLimits, RolloutStrategy};
use crate::api::duration::GoDuration;
use crate::api::secret::Secret;
use crate::inputs::Observed;
use crate::problem::Problem;
use crate::render::context::{Context, config_problem};
use crate::render::names::NAMESPACE;

/// Annotation of the namespace with the range of supplemental groups its pods may use.
const SUPPLEMENTAL_GROUPS: &str = "openshift.io/sa.scc.supplemental-groups";

/// What the registry's objects are built from.
pub struct Settings {
    /// The registry's image.
    pub image: String,
    /// The release that is rolled out; empty if unknown.
    pub release_version: String,
    /// Number of pods, not negative.
    pub replicas: i32,
    /// How pods are replaced.
    pub strategy: RolloutStrategy,
    /// What the replicas sign upload sessions with.
    pub http_secret: Secret,
    /// Limits on parallel pulls; none if unlimited.
    pub read_limits: Option<Limits>,
    /// Limits on parallel pushes; none if unlimited.
    pub write_limits: Option<Limits>,
    /// The TLS configuration observed from the API server's.
    pub tls: TlsSettings,
    /// Overrides without support.
    pub overrides: Overrides,
    /// The group that owns mounted volumes.
    pub fs_group: i64,
    /// Whether some node says in which zone it is.
    pub nodes_have_zones: bool,
    /// Every wanted route.
    pub routes: Vec<RouteSettings>,
}

/// Limits of one direction, none of them negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests served at once.
    pub max_running: i64,
    /// Requests that wait.
    pub max_in_queue: i64,
    /// How long they wait.
    pub max_wait_in_queue: GoDuration,
}

/// Checks everything that does not depend on the storage.
///
/// # Errors
/// Every problem at once.
pub fn check(context: &Context<'_>, assumptions: &mut Vec<String>) -> Result<Settings, Vec<Problem>> {
    let mut problems = Vec::new();
    let spec = context.spec;
    if spec.replicas < 0 {
        let message = "replicas must be greater than or equal to 0".to_owned();
        problems.push(config_problem("spec.replicas", "VerificationFailed", message, "set it to 0 or more"));
    }
    let requests = spec.requests.clone().unwrap_or_default();
    let read_limits = limits("read", requests.read.as_ref(), &mut problems);
    let write_limits = limits("write", requests.write.as_ref(), &mut problems);
    let tls = tls::check(context, &mut problems);
    let overrides = overrides::check(context, &mut problems);
    let routes = routes::check(context, &mut problems);
    let image = image(context).map_err(|problem| problems.push(problem));
    let http_secret = http_secret(context).map_err(|problem| problems.push(problem));
    let fs_group = fs_group(context).map_err(|problem| problems.push(problem));
    let nodes_have_zones = nodes_have_zones(context, assumptions);
    let (Ok(image), Ok(http_secret), Ok(fs_group), true) = (image, http_secret, fs_group, problems.is_empty()) else {
        return Err(problems);
    };
    Ok(Settings {
        image,
        release_version: context.inputs.environment.release_version.clone().unwrap_or_default(),
        replicas: spec.replicas,
        strategy: spec.rollout_strategy.unwrap_or_default(),
        http_secret,
        read_limits,
        write_limits,
        tls,
        overrides,
        fs_group,
        nodes_have_zones,
        routes,
    })
}

fn limits(direction: &str, given: Option<&RequestLimits>, problems: &mut Vec<Problem>) -> Option<Limits> {
    let RequestLimits { max_running, max_in_queue, max_wait_in_queue } = given?;
    for (field, value) in [("maxRunning", *max_running), ("maxInQueue", *max_in_queue)] {
        if value < 0 {
            let message = format!("must not be negative, is {value}");
            let path = format!("spec.requests.{direction}.{field}");
            problems.push(config_problem(&path, "VerificationFailed", message, "set it to 0 (no limit) or more"));
        }
    }
    let waits = max_wait_in_queue.map_or(0, GoDuration::as_nanos);
    if waits < 0 {
        let path = format!("spec.requests.{direction}.maxWaitInQueue");
        let message = "must not be negative".to_owned();
        problems.push(config_problem(&path, "VerificationFailed", message, "set it to a duration as 30s"));
    }
    // A waiting time alone has no effect: nothing is queued without a limit.
    (*max_running != 0 || *max_in_queue != 0).then(|| Limits {
        max_running: *max_running,
        max_in_queue: *max_in_queue,
        max_wait_in_queue: max_wait_in_queue.unwrap_or(GoDuration::from_nanos(0)),
    })
}

fn image(context: &Context<'_>) -> Result<String, Problem> {
    context.inputs.environment.image.clone().ok_or_else(|| missing_image("IMAGE", "the registry"))
}

/// A variable with an image reference that the operator's Deployment should have set.
pub fn missing_image(variable: &str, of: &str) -> Problem {
    Problem {
        object: "environment".to_owned(),
        ..config_problem(
            variable,
            "ImageUnknown",
            format!("is not set, and names the image of {of}"),
            "set it in the operator's Deployment, or offline in the file given by --env-file",
        )
    }
}

fn http_secret(context: &Context<'_>) -> Result<Secret, Problem> {
    let given = context.spec.http_secret.as_ref().filter(|secret| !secret.is_empty());
    given.or(context.inputs.minted.http_secret.as_ref()).cloned().ok_or_else(|| {
        config_problem(
            "spec.httpSecret",
            "HTTPSecretMissing",
            "is not set; the replicas share it to sign uploads, and offline nothing can be drawn at random".to_owned(),
            "set it once, for example to the output of `openssl rand -hex 64`",
        )
    })
}

fn fs_group(context: &Context<'_>) -> Result<i64, Problem> {
    let wrong = |message: String, remedy: &str| Problem {
        object: format!("Namespace/{NAMESPACE}"),
        ..config_problem(&format!("metadata.annotations[{SUPPLEMENTAL_GROUPS}]"), "NamespaceNotReady", message, remedy)
    };
    let annotations = match &context.inputs.cluster.namespace_annotations {
        Observed::Present(annotations) => annotations,
        Observed::Absent | Observed::NotObserved => {
            let message = "the namespace was not seen, and its annotation sets the pods' group".to_owned();
            return Err(wrong(message, &format!("add Namespace {NAMESPACE} to the inputs")));
        }
    };
    let Some(value) = annotations.get(SUPPLEMENTAL_GROUPS) else {
        let message = format!("namespace {NAMESPACE:?} does not have this annotation");
        return Err(wrong(message, "wait for the cluster to set it, or set it, as 1000430000/10000"));
    };
    let first = value.split_once('/').and_then(|(first, _)| first.parse().ok());
    first.ok_or_else(|| wrong(format!("{value:?} is not a range of groups"), "set it, as 1000430000/10000"))
}

fn nodes_have_zones(context: &Context<'_>, assumptions: &mut Vec<String>) -> bool {
    const ZONE: &str = "topology.kubernetes.io/zone";
    match &context.inputs.cluster.node_labels {
        Observed::Present(nodes) => nodes.values().any(|labels| labels.contains_key(ZONE)),
        Observed::Absent => false,
        Observed::NotObserved => {
            assumptions.push(format!("no Node was given: the registry is not spread over zones ({ZONE})"));
            false
        }
    }
}
