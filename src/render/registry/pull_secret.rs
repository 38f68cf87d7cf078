//! Secret `installation-pull-secrets`: a copy of the cluster's pull secret, for pull-through.

use crate::inputs::{Inputs, SecretData};
use crate::render::manifest::{Manifest, metadata};
use crate::render::names::{NAMESPACE, OPENSHIFT_CONFIG, PULL_SECRET};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;

const TYPE: &str = "kubernetes.io/dockerconfigjson";
const KEY: &str = ".dockerconfigjson";

/// The cluster's pull secret, if there is a usable one.
///
/// Without one no copy is made, and the pods start without it; the reference tries to create a Secret that the API
/// server refuses, and then goes no further.
pub fn content(inputs: &Inputs) -> Option<SecretData> {
    let source = inputs.objects.secret(OPENSHIFT_CONFIG, "pull-secret")?;
    let usable = source.data.contains_key(KEY);
    usable.then(|| SecretData { type_: TYPE.to_owned(), data: source.data.clone(), immutable: None })
}

/// The copy.
pub fn build(content: &SecretData) -> Manifest {
    let data = content.data.iter().map(|(key, value)| (key.clone(), ByteString(value.expose().to_vec())));
    let secret = Secret {
        metadata: metadata(NAMESPACE, PULL_SECRET),
        type_: Some(TYPE.to_owned()),
        data: Some(data.collect()),
        ..Secret::default()
    };
    Manifest::new(NAMESPACE, PULL_SECRET, &secret)
}
