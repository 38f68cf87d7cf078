//! Canaries in every place of a secret that a document has.

use crate::search::canary;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Keys of Secrets whose values are names, places or certificates, which are told where they matter.
const OPEN: [&str; 16] = [
    "azure_client_id",
    "azure_tenant_id",
    "azure_subscription_id",
    "azure_region",
    "azure_resourcegroup",
    "azure_resource_prefix",
    "azure_federated_token_file",
    "web_identity_token_file",
    "role_arn",
    "tls.crt",
    "tls.cacrt",
    "cacert",
    "public.pem",
    "REGISTRY_STORAGE_SWIFT_USERNAME",
    "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALID",
    "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALNAME",
];

/// Puts canaries into documents and counts them.
#[derive(Default)]
pub struct Planter {
    pub planted: usize,
}

impl Planter {
    fn next(&mut self) -> String {
        self.planted += 1;
        canary(self.planted)
    }

    /// A URL of a proxy with a user and a password.
    pub fn proxy(&mut self) -> String {
        format!("http://{}:{}@proxy.example.com:3128", self.next(), self.next())
    }

    /// Replaces what is secret in the object, and gives it an annotation with a copy of it.
    pub fn plant(&mut self, object: &mut Value) {
        match object["kind"].as_str().unwrap_or_default() {
            "List" => object["items"].as_array_mut().into_iter().flatten().for_each(|item| self.plant(item)),
            "Secret" => self.secret(object),
            "Config" => self.config(object),
            "Proxy" => object["status"] = json!({ "httpProxy": self.proxy(), "httpsProxy": self.proxy() }),
            "Route" => {
                if let Some(key) = object.pointer_mut("/spec/tls/key") {
                    *key = self.next().into();
                }
            }
            "Deployment" => {
                let containers = object.pointer_mut("/spec/template/spec/containers").and_then(Value::as_array_mut);
                let variables =
                    containers.into_iter().flatten().filter_map(|container| container["env"].as_array_mut());
                for variable in variables.flatten().filter(|variable| variable["name"] == "REGISTRY_HTTP_SECRET") {
                    variable["value"] = self.next().into();
                }
            }
            _ => {}
        }
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
            if let Some(annotations) = annotations.as_object_mut() {
                let copy = json!({ "data": { "copy": self.next() } }).to_string();
                annotations.insert("kubectl.kubernetes.io/last-applied-configuration".to_owned(), copy.into());
            }
        }
    }

    fn config(&mut self, object: &mut Value) {
        let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) else { return };
        if let Some(secret) = spec.get_mut("httpSecret") {
            *secret = self.next().into();
        }
        let proxy = json!({ "http": self.proxy(), "https": self.proxy() });
        spec.insert("proxy".to_owned(), proxy);
    }

    fn secret(&mut self, object: &mut Value) {
        let values = |object: &mut Value, field: &str| object[field].as_object_mut().cloned().unwrap_or_default();
        for (key, value) in values(object, "stringData") {
            object["stringData"][&key] = self.value(&key, value.as_str().unwrap_or_default()).into();
        }
        for (key, value) in values(object, "data") {
            let text = STANDARD.decode(value.as_str().unwrap_or_default()).ok().and_then(|b| String::from_utf8(b).ok());
            object["data"][&key] = match text {
                Some(text) => STANDARD.encode(self.value(&key, &text)).into(),
                // It is no base64, and is to stay so.
                None => format!("{}!", self.next()).into(),
            };
        }
    }

    /// The value with its secret parts replaced, in the form that it has.
    fn value(&mut self, key: &str, text: &str) -> String {
        if OPEN.contains(&key) {
            return text.to_owned();
        }
        if let Ok(Value::Object(mut file)) = serde_json::from_str::<Value>(text) {
            match file.get_mut("auths").and_then(Value::as_object_mut) {
                Some(registries) => {
                    let auth = STANDARD.encode(format!("user:{}", self.next()));
                    registries.values_mut().for_each(|registry| registry["auth"] = auth.clone().into());
                }
                None => {
                    for field in ["private_key", "private_key_id"] {
                        file.insert(field.to_owned(), self.next().into());
                    }
                }
            }
            return Value::Object(file).to_string();
        }
        if key == "REGISTRY_STORAGE_AZURE_ACCOUNTKEY" {
            return STANDARD.encode(self.next());
        }
        if !text.contains('\n') && !text.contains(": ") {
            return self.next();
        }
        let lines = text.lines().map(|line| {
            let secret =
                ["password: ", "secret: ", "access_key = ", "key_id = "].iter().find(|word| line.contains(*word));
            match secret.and_then(|word| line.split_once(word).map(|(before, _)| (before, word))) {
                Some((before, word)) => format!("{before}{word}{}", self.next()),
                // A file that cannot be parsed.
                None if line.contains("[not-a") => line.replace("not-a", &self.next()),
                None => line.to_owned(),
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}
