//! Routes to the registry from outside the cluster.

use crate::api::openshift::Route;
use crate::api::openshift::route::{RouteSpec, RouteTarget, RouteTls};
use crate::api::secret::Secret;
use crate::problem::Problem;
use crate::render::context::{Context, config_problem, missing_object, set};
use crate::render::manifest::{Manifest, ObjectId, metadata, strings};
use crate::render::names::{DEFAULT_ROUTE, NAMESPACE, OWNED_ANNOTATION, REGISTRY};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeSet;

/// A wanted route, with its certificate at hand.
pub struct RouteSettings {
    /// The Route's name.
    pub name: String,
    /// The host; empty lets the router choose.
    pub host: String,
    /// The certificate; none leaves the router's own.
    pub certificate: Option<Certificate>,
}

/// A route's certificate. All parts are optional.
pub struct Certificate {
    certificate: String,
    key: Secret,
    ca_certificate: String,
}

pub(super) fn check(context: &Context<'_>, problems: &mut Vec<Problem>) -> Vec<RouteSettings> {
    let mut wanted = Vec::new();
    if context.spec.default_route {
        wanted.push(RouteSettings { name: DEFAULT_ROUTE.to_owned(), host: String::new(), certificate: None });
    }
    let mut names = BTreeSet::from([DEFAULT_ROUTE]);
    for (index, route) in context.spec.routes.iter().flatten().enumerate() {
        if !names.insert(&route.name) {
            let path = format!("spec.routes[{index}].name");
            let message = format!("duplication of names has been detected in the additional routes: {}", route.name);
            let remedy = format!("choose another name; {DEFAULT_ROUTE} belongs to spec.defaultRoute");
            problems.push(config_problem(&path, "VerificationFailed", message, &remedy));
        }
        match certificate(context, index, set(&route.secret_name)) {
            Ok(certificate) => wanted.push(RouteSettings {
                name: route.name.clone(),
                host: route.hostname.clone().unwrap_or_default(),
                certificate,
            }),
            Err(problem) => problems.push(problem),
        }
    }
    wanted
}

fn certificate(context: &Context<'_>, index: usize, name: Option<&str>) -> Result<Option<Certificate>, Problem> {
    let Some(name) = name else { return Ok(None) };
    let Some(secret) = context.secret(name) else {
        let looked_at = context.inputs.objects.secret_was_looked_at(NAMESPACE, name);
        let needed_for = format!("spec.routes[{index}].secretName of Config/cluster");
        return Err(missing_object("Secret", NAMESPACE, name, looked_at, &needed_for));
    };
    let text = |key: &str| match secret.data.get(key).map(|value| value.text()) {
        None => Ok(String::new()),
        Some(Some(text)) => Ok(text.to_owned()),
        Some(None) => Err(Problem {
            object: format!("Secret/{NAMESPACE}/{name}"),
            ..config_problem(
                &format!("data[{key}]"),
                "CertificateInvalid",
                "is not text".to_owned(),
                "put PEM there, base64-encoded once",
            )
        }),
    };
    Ok(Some(Certificate {
        certificate: text("tls.crt")?,
        key: Secret::from(text("tls.key")?),
        ca_certificate: text("tls.cacrt")?,
    }))
}

/// The Route. The router trusts the Service's certificate by the service CA.
pub fn build(wanted: &RouteSettings) -> Manifest {
    let mut tls = RouteTls { termination: "reencrypt".to_owned(), ..RouteTls::default() };
    if let Some(Certificate { certificate, key, ca_certificate }) = &wanted.certificate {
        tls.certificate.clone_from(certificate);
        tls.key = Some(key.clone()).filter(|key| !key.is_empty());
        tls.ca_certificate.clone_from(ca_certificate);
    }
    let route = Route {
        metadata: ObjectMeta {
            annotations: Some(strings([(OWNED_ANNOTATION, "true")])),
            ..metadata(NAMESPACE, &wanted.name)
        },
        spec: RouteSpec {
            host: wanted.host.clone(),
            to: RouteTarget { kind: "Service".to_owned(), name: REGISTRY.to_owned(), weight: None },
            tls: Some(tls),
        },
        status: None,
    };
    Manifest::from_value(id(&wanted.name), serde_json::to_value(&route).unwrap_or_default())
}

/// The identity of a Route of the registry's namespace.
pub fn id(name: &str) -> ObjectId {
    ObjectId {
        api_version: "route.openshift.io/v1".to_owned(),
        kind: "Route".to_owned(),
        namespace: NAMESPACE.to_owned(),
        name: name.to_owned(),
    }
}
