//! The registry's TLS settings, from `spec.observedConfig.servingInfo`.

use crate::api::tls::{CIPHER_SUITES, TLS_VERSIONS};
use crate::problem::Problem;
use crate::render::context::{Context, config_problem};
use crate::render::observed_config;
use serde_json::Value;

/// The minimum version and the cipher suites, under Go's names. Empty means the registry's own defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// As `VersionTLS12`.
    pub min_version: String,
    /// As `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`.
    pub cipher_suites: Vec<String>,
}

const PATH: &str = "spec.observedConfig.servingInfo";

pub(super) fn check(context: &Context<'_>, problems: &mut Vec<Problem>) -> TlsSettings {
    let Some(observed) = observed_config::effective(context) else {
        return TlsSettings::default();
    };
    let mut refuse = |path: String, message: String| {
        let remedy = "remove spec.observedConfig; the operator writes it again from APIServer/cluster";
        problems.push(config_problem(&path, "ObservedConfigInvalid", message, remedy));
    };
    let serving_info = match observed.get("servingInfo") {
        _ if observed.is_null() => return TlsSettings::default(),
        None | Some(Value::Null) if observed.is_object() => return TlsSettings::default(),
        Some(Value::Object(info)) => info,
        _ => {
            refuse(PATH.to_owned(), "must be an object".to_owned());
            return TlsSettings::default();
        }
    };
    let mut settings = TlsSettings::default();
    match serving_info.get("minTLSVersion") {
        None | Some(Value::Null) => {}
        Some(Value::String(version)) if version.is_empty() || TLS_VERSIONS.contains(&version.as_str()) => {
            settings.min_version.clone_from(version);
        }
        Some(other) => refuse(format!("{PATH}.minTLSVersion"), format!("invalid TLS version {other}")),
    }
    match serving_info.get("cipherSuites") {
        None | Some(Value::Null) => {}
        Some(Value::Array(suites)) => {
            for (index, suite) in suites.iter().enumerate() {
                match suite.as_str().filter(|name| CIPHER_SUITES.contains(name)) {
                    Some(name) => settings.cipher_suites.push(name.to_owned()),
                    None => refuse(format!("{PATH}.cipherSuites[{index}]"), format!("invalid cipher suite {suite}")),
                }
            }
        }
        Some(_) => refuse(format!("{PATH}.cipherSuites"), "must be a list of strings".to_owned()),
    }
    settings
}
