//! service-ca: its CA in annotated ConfigMaps, serving certificates for annotated Services.

use super::super::credentials::Authority;
use super::super::objects::Objects;
use kube::Error;
use serde_json::{Value, json};
use std::sync::Arc;

const INJECT: &str = "service.beta.openshift.io/inject-cabundle";
const SERVE: [&str; 2] =
    ["service.alpha.openshift.io/serving-cert-secret-name", "service.beta.openshift.io/serving-cert-secret-name"];

/// Fills an annotated ConfigMap.
pub async fn inject(objects: Objects, map: Value, authority: Arc<Authority>) -> Result<(), Error> {
    let metadata = &map["metadata"];
    let certificate = authority.certificate();
    let wanted = metadata["annotations"][INJECT] == "true" && metadata["deletionTimestamp"].is_null();
    if wanted && map["data"]["service-ca.crt"] != certificate {
        objects.merge(&map, json!({"data": {"service-ca.crt": certificate}})).await?;
    }
    Ok(())
}

/// Makes the Secret that an annotated Service names, if it is not there.
pub async fn serve(objects: Objects, service: Value, authority: Arc<Authority>) -> Result<(), Error> {
    let metadata = &service["metadata"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let Some(secret) = SERVE.iter().find_map(|annotation| metadata["annotations"][annotation].as_str()) else {
        return Ok(());
    };
    let (name, namespace) = (text(&metadata["name"]), text(&metadata["namespace"]));
    let exists = objects.try_get("v1", "Secret", &namespace, secret).await?.is_some();
    if exists || metadata["deletionTimestamp"].is_string() {
        return Ok(());
    }
    let host = format!("{name}.{namespace}.svc");
    let pair = authority.server(vec![host.clone(), format!("{host}.cluster.local")]);
    let (certificate, key) = pair.map_err(Error::Service)?;
    let owner = json!([{"apiVersion": "v1", "kind": "Service", "name": name, "uid": metadata["uid"]}]);
    objects
        .apply(&json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": secret, "namespace": namespace, "ownerReferences": owner},
            "type": "kubernetes.io/tls",
            "stringData": {"tls.crt": certificate, "tls.key": key},
        }))
        .await?;
    Ok(())
}
