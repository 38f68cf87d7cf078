//! The environment of the registry's container, in the reference's order.

use super::settings::{Limits, Settings};
use crate::api::config::LogLevel;
use crate::render::context::{Context, set};
use crate::render::names::{REGISTRY_PORT, SERVICE_HOST};
use crate::render::pods::variable;
use crate::render::storage::Workload;
use k8s_openapi::api::core::v1::EnvVar;

/// All variables: those of the storage backend first.
pub fn build(context: &Context<'_>, settings: &Settings, workload: &Workload) -> Vec<EnvVar> {
    let spec = context.spec;
    let mut env = workload.env.clone();
    env.extend([
        variable("REGISTRY_HTTP_ADDR", format!(":{REGISTRY_PORT}")),
        variable("REGISTRY_HTTP_NET", "tcp"),
        variable("REGISTRY_HTTP_SECRET", settings.http_secret.expose()),
        variable("REGISTRY_LOG_LEVEL", log_level(spec.log_level, spec.logging)),
        variable("REGISTRY_OPENSHIFT_QUOTA_ENABLED", "true"),
        variable("REGISTRY_STORAGE_CACHE_BLOBDESCRIPTOR", "inmemory"),
        variable("REGISTRY_STORAGE_DELETE_ENABLED", "true"),
        variable("REGISTRY_HEALTH_STORAGEDRIVER_ENABLED", "true"),
        variable("REGISTRY_HEALTH_STORAGEDRIVER_INTERVAL", "10s"),
        variable("REGISTRY_HEALTH_STORAGEDRIVER_THRESHOLD", "1"),
        variable("REGISTRY_OPENSHIFT_METRICS_ENABLED", "true"),
        variable("REGISTRY_OPENSHIFT_SERVER_ADDR", format!("{SERVICE_HOST}:{REGISTRY_PORT}")),
    ]);
    if spec.read_only {
        env.push(variable("REGISTRY_STORAGE_MAINTENANCE_READONLY", "{enabled: true}"));
    }
    if spec.disable_redirect {
        env.push(variable("REGISTRY_STORAGE_REDIRECT_DISABLE", "true"));
    }
    env.extend(proxy(context));
    env.extend(settings.read_limits.iter().flat_map(|limits| requests("READ", limits)));
    env.extend(settings.write_limits.iter().flat_map(|limits| requests("WRITE", limits)));
    env.push(variable("REGISTRY_HTTP_TLS_CERTIFICATE", "/etc/secrets/tls.crt"));
    env.push(variable("REGISTRY_HTTP_TLS_KEY", "/etc/secrets/tls.key"));
    if !settings.tls.min_version.is_empty() {
        env.push(variable("REGISTRY_HTTP_TLS_MINVERSION", &settings.tls.min_version));
    }
    if !settings.tls.cipher_suites.is_empty() {
        env.push(variable("OPENSHIFT_REGISTRY_HTTP_TLS_CIPHERSUITES", settings.tls.cipher_suites.join(",")));
    }
    env
}

/// `logLevel` says it unless it is Normal; then the older number does.
fn log_level(level: Option<LogLevel>, logging: i64) -> &'static str {
    match (level.unwrap_or_default(), logging) {
        (LogLevel::Debug | LogLevel::Trace | LogLevel::TraceAll, _) => "debug",
        (LogLevel::Unset | LogLevel::Normal, 1) => "warn",
        (LogLevel::Unset | LogLevel::Normal, 0 | 2 | 3) => "info",
        (LogLevel::Unset | LogLevel::Normal, _) => "debug",
    }
}

/// The proxy, field by field: Config's own, else the cluster's.
pub fn proxy(context: &Context<'_>) -> Vec<EnvVar> {
    let own = context.spec.proxy.clone().unwrap_or_default();
    let cluster = context.inputs.cluster.proxy.present().map(|proxy| proxy.status.clone()).unwrap_or_default();
    [
        ("HTTP_PROXY", &own.http, cluster.http_proxy),
        ("HTTPS_PROXY", &own.https, cluster.https_proxy),
        ("NO_PROXY", &own.no_proxy, cluster.no_proxy),
    ]
    .into_iter()
    .filter_map(|(name, own, cluster)| {
        let value = set(own).map(str::to_owned).unwrap_or(cluster);
        (!value.is_empty()).then(|| variable(name, value))
    })
    .collect()
}

fn requests(direction: &str, limits: &Limits) -> [EnvVar; 3] {
    let Limits { max_running, max_in_queue, max_wait_in_queue } = limits;
    let name = |what: &str| format!("REGISTRY_OPENSHIFT_REQUESTS_{direction}_{what}");
    [
        variable(&name("MAXRUNNING"), max_running.to_string()),
        variable(&name("MAXINQUEUE"), max_in_queue.to_string()),
        variable(&name("MAXWAITINQUEUE"), max_wait_in_queue.to_string()),
    ]
}
