//! Every object of every scenario is what the API server understands: it accepts it strictly, drops nothing, and
//! keeps the values.

use crate::cluster::Cluster;
use cluster_image_registry_operator::inputs::files::{self, EnvSource};
use cluster_image_registry_operator::render::lint::lint;
use cluster_image_registry_operator::render::render;
use futures::{StreamExt, stream};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const AT_ONCE: usize = 8;

#[tokio::test]
async fn rendered_objects_are_accepted_whole() {
    let cluster = Cluster::acquire().await;
    let objects = rendered();
    assert!(objects.len() > 100, "only {} objects", objects.len());
    let results = objects.values().map(|(scenario, object)| check(&cluster, scenario, object));
    let wrong: Vec<String> = stream::iter(results).buffer_unordered(AT_ONCE).concat().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The distinct objects of all scenarios that render without problems, by their text, with one scenario of each.
fn rendered() -> BTreeMap<String, (String, Value)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")).unwrap() {
        let directory = entry.unwrap().path();
        let environment = directory.join("env.yaml");
        let Ok(loaded) = files::load(&[directory.join("input.yaml")], EnvSource::File(&environment)) else { continue };
        let plan = render(&loaded.inputs);
        if !plan.problems.is_empty() || !lint(&plan).is_empty() {
            continue;
        }
        let scenario = directory.file_name().unwrap().to_string_lossy().into_owned();
        for manifest in plan.manifests() {
            let body = manifest.body().clone();
            found.insert(body.to_string(), (format!("{scenario}: {}", manifest.id()), body));
        }
    }
    found
}

/// What is wrong with an object, with the paths of what got lost.
async fn check(cluster: &Cluster, name: &str, object: &Value) -> Vec<String> {
    let (api, object_name) = cluster.api_of(object);
    let params = PatchParams::apply("accepted").force().dry_run().validation_strict();
    match api.patch(object_name, &params, &Patch::Apply(object)).await {
        Err(error) => vec![format!("{name}: {error}")],
        Ok(answer) => {
            let mut lost = Vec::new();
            compare("", object, &json!(answer), &mut lost);
            lost.iter().map(|path| format!("{name}: {path}")).collect()
        }
    }
}

/// Adds the path of every leaf of `sent` that `answer` does not hold. Paths only, since a value could be secret.
fn compare(path: &str, sent: &Value, answer: &Value, lost: &mut Vec<String>) {
    match (sent, answer) {
        (Value::Object(sent), Value::Object(answer)) => {
            for (key, value) in sent {
                compare(&format!("{path}.{key}"), value, answer.get(key).unwrap_or(&Value::Null), lost);
            }
        }
        (Value::Array(sent), Value::Array(answer)) if sent.len() == answer.len() => {
            for (index, (sent, answer)) in sent.iter().zip(answer).enumerate() {
                compare(&format!("{path}[{index}]"), sent, answer, lost);
            }
        }
        _ if sent == answer || same_quantity(path, sent, answer) => {}
        _ => lost.push(format!("{path} is not in the answer as it was sent")),
    }
}

/// The API server writes quantities in their shortest form.
fn same_quantity(path: &str, sent: &Value, answer: &Value) -> bool {
    let quantities = [".requests.", ".limits.", ".sizeLimit", ".divisor"];
    let amount = |value: &Value| match value {
        Value::String(text) => quantity(text),
        number => number.as_f64(),
    };
    quantities.iter().any(|part| path.contains(part)) && amount(sent).is_some() && amount(sent) == amount(answer)
}

/// The amount that a quantity stands for (Kubernetes, "Quantity": decimal and binary suffixes).
fn quantity(text: &str) -> Option<f64> {
    let suffixes = [("Ki", 1024.0), ("Mi", 1_048_576.0), ("Gi", 1_073_741_824.0), ("Ti", 1_099_511_627_776.0)];
    let decimal = [("m", 1e-3), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12)];
    let known =
        suffixes.into_iter().chain(decimal).find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, factor)));
    let (number, factor) = known.unwrap_or((text, 1.0));
    // Rounded to thousandths, below which no quantity goes.
    Some((number.parse::<f64>().ok()? * factor * 1e3).round())
}
