//! The cluster-version operator, for objects that are installed with the operator: they are as its manifests say.

use super::super::crds::documents;
use super::super::objects::{Objects, unless_gone};
use kube::Error;
use kube::api::{DynamicObject, PostParams};
use serde_json::{Value, json};
use std::io::Write;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How often it looks; the real one takes minutes.
const INTERVAL: Duration = Duration::from_millis(200);

const MANIFESTS: [(&str, &str); 2] = [
    (
        "07-image-registry-operator-networkpolicy.yaml",
        include_str!("../../../../manifests/07-image-registry-operator-networkpolicy.yaml"),
    ),
    (
        "08-default-deny-all-networkpolicy.yaml",
        include_str!("../../../../manifests/08-default-deny-all-networkpolicy.yaml"),
    ),
];

/// Keeps both policies until it is dropped.
pub struct Cvo(JoinHandle<()>);

impl Cvo {
    /// Begins on the current runtime.
    pub fn start(objects: &Objects) -> Self {
        let objects = objects.clone();
        Cvo(tokio::spawn(async move {
            loop {
                for (name, text) in MANIFESTS {
                    for wanted in documents(name, text).unwrap() {
                        if let Err(error) = keep(&objects, &wanted).await.or_else(unless_gone) {
                            let _ =
                                writeln!(std::io::stderr(), "the stand-in for the cluster-version operator: {error}");
                        }
                    }
                }
                tokio::time::sleep(INTERVAL).await;
            }
        }))
    }
}

impl Drop for Cvo {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn keep(objects: &Objects, wanted: &Value) -> Result<(), Error> {
    let (api, name) = objects.api_of(wanted);
    let Some(found) = api.get_opt(name).await? else {
        objects.apply(wanted).await?;
        return Ok(());
    };
    let found = json!(found);
    if found["spec"] != wanted["spec"] {
        let mut replacement = wanted.clone();
        replacement["metadata"]["resourceVersion"] = found["metadata"]["resourceVersion"].clone();
        let replacement: DynamicObject = serde_json::from_value(replacement).map_err(Error::SerdeError)?;
        api.replace(name, &PostParams::default(), &replacement).await?;
    }
    Ok(())
}
