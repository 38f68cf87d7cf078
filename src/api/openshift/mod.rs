//! OpenShift objects the operator reads, one file per kind, reduced to the fields it
//! needs. Unknown fields are ignored and missing ones take a default, so that a dump
//! of any release parses (API references config/v1 and route/v1).

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub mod api_server;
pub mod cluster_operator;
pub mod cluster_version;
pub mod feature_gate;
pub mod image;
pub mod infrastructure;
pub mod ingress;
pub mod proxy;
pub mod route;

pub use api_server::ApiServer;
pub use cluster_operator::ClusterOperator;
pub use cluster_version::ClusterVersion;
pub use feature_gate::FeatureGate;
pub use image::Image;
pub use infrastructure::{Infrastructure, PlatformType, Topology};
pub use ingress::Ingress;
pub use proxy::Proxy;
pub use route::Route;

/// A kind of object: its identity, and reading and writing it as a document.
pub trait Kind: Serialize + DeserializeOwned {
    /// Group and version as they stand in a document.
    const API_VERSION: &'static str;
    /// Kind as it stands in a document.
    const KIND: &'static str;

    /// Reads a document. Nulls count as absent, because dumps write them for empty
    /// lists; `apiVersion` and `kind` are the caller's business.
    fn from_document(mut document: Value) -> Result<Self, serde_json::Error> {
        prune_nulls(&mut document);
        serde_json::from_value(document)
    }

    /// The object as a document with `apiVersion` and `kind`.
    fn to_document(&self) -> Result<Value, serde_json::Error> {
        let mut document = Map::new();
        document.insert("apiVersion".to_owned(), Self::API_VERSION.into());
        document.insert("kind".to_owned(), Self::KIND.into());
        if let Value::Object(fields) = serde_json::to_value(self)? {
            document.extend(fields);
        }
        Ok(Value::Object(document))
    }
}

/// Declares the [`Kind`] of a struct.
macro_rules! kind {
    ($type:ty, $api_version:literal, $kind:literal) => {
        impl $crate::api::openshift::Kind for $type {
            const API_VERSION: &'static str = $api_version;
            const KIND: &'static str = $kind;
        }
    };
}
pub(crate) use kind;

/// Declares an enumeration of strings that keeps a value it does not know, because a
/// newer cluster may have one. The default is the unknown empty string.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$vmeta])* $variant,)+
            /// A value this version does not know, or the empty string.
            Unknown(String),
        }

        impl $name {
            /// The value as it stands in a document.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(text) => text,
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::Unknown(String::new())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$variant,)+
                    _ => Self::Unknown(text),
                }
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use open_enum;

/// Drops null members of objects, at any depth.
fn prune_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, v| !v.is_null());
            map.values_mut().for_each(prune_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(prune_nulls),
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dump_parses_whatever_it_holds() {
        let infrastructure = Infrastructure::from_document(json!({
            "apiVersion": "config.openshift.io/v1", "kind": "Infrastructure",
            "metadata": {"name": "cluster", "creationTimestamp": null},
            "spec": {"anything": 1},
            "status": {
                "infrastructureName": "demo-x7k2p", "infrastructureTopology": "SingleReplica",
                "platformStatus": {"type": "GCP", "new": {}, "gcp": {"projectID": "p", "region": "r", "resourceTags": null,
                    "resourceLabels": [{"key": "k", "value": "v"}]}},
            },
        }))
        .unwrap();
        let status = infrastructure.status;
        assert_eq!(status.infrastructure_topology, Topology::SingleReplica);
        let platform = status.platform_status.unwrap();
        assert_eq!(platform.type_, PlatformType::Gcp);
        assert_eq!(platform.gcp.unwrap().project_id, "p");
        assert!(Infrastructure::from_document(json!({})).unwrap().status.platform_status.is_none());
        assert_eq!(PlatformType::from("Moon".to_owned()), PlatformType::Unknown("Moon".to_owned()));
    }

    #[test]
    fn a_route_is_written_without_what_is_unset() {
        let mut route = Route::default();
        route.metadata.name = Some("default-route".to_owned());
        route.spec.to.name = "image-registry".to_owned();
        route.spec.to.kind = "Service".to_owned();
        assert_eq!(
            route.to_document().unwrap(),
            json!({"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": {"name": "default-route"},
                "spec": {"to": {"kind": "Service", "name": "image-registry"}}})
        );
    }
}
