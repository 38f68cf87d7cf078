//! Whatever somebody changes, removes or deletes of the operator's is repaired; what is theirs stays.

use crate::cluster::operator::{Operator, Options};
use crate::cluster::{Cluster, eventually};
use crate::install::{empty_dir, ready};
use crate::owned::{Path, fields, others, owned, paths, pointer, title};
use futures::StreamExt;
use futures::future::join_all;
use futures::stream;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Within this time a change is repaired.
const PROMPTLY: Duration = Duration::from_secs(2);

/// So many changes of one object are made at a time. That each alone takes something from the operator, which is
/// what it goes by, is asked of the API server before.
const WAVE: usize = 10;
/// So many questions about one object are asked at a time.
const AT_ONCE: usize = 4;
/// Another value makes no difference to these refusals.
const FINAL: [&str; 4] = ["immutable", "Not found", "does not match", "Required value"];
const BY: &str = "fieldManager=somebody";

/// Why a change of one field alone is impossible: the API server does not allow it, others refer to the field, or its
/// default is what the operator wants.
const REFUSALS: [&str; 9] = [
    "immutable",
    "cannot change roleRef",
    "Not found",
    "does not match",
    "Required value",
    "Unsupported value",
    "Invalid value",
    "must not be specified",
    "it changes nothing",
];

/// How changes of one object went.
#[derive(Default)]
struct Tally {
    repaired: usize,
    /// Path and reason of what the API server does not let happen.
    refused: Vec<String>,
    /// Paths that stayed as they were changed.
    failed: Vec<String>,
}

#[tokio::test]
async fn every_change_is_repaired_and_what_others_set_stays() {
    let cluster = Cluster::acquire().await;
    let mut config = empty_dir();
    config["spec"]["defaultRoute"] = json!(true);
    cluster.apply(&config).await.unwrap();
    let _operator = Operator::start(&cluster, Options::default());
    ready(&cluster).await;

    let objects = owned(&cluster).await;
    let titles: Vec<String> = objects.iter().map(title).collect();
    for wanted in EXPECTED {
        assert!(titles.iter().any(|title| title == wanted), "{wanted} is not among {titles:#?}");
    }
    for object in &objects {
        cluster.merge(object, additions(object)).await.unwrap();
    }
    let mut all = Tally::default();
    for tally in join_all(objects.iter().map(|object| change_everything(&cluster, object))).await {
        all.repaired += tally.repaired;
        all.refused.extend(tally.refused);
        all.failed.extend(tally.failed);
    }
    assert!(all.failed.is_empty(), "not repaired within {PROMPTLY:?}:\n{}", all.failed.join("\n"));
    let unknown = |refusal: &&String| !REFUSALS.iter().any(|why| refusal.contains(why));
    let unknown: Vec<&String> = all.refused.iter().filter(unknown).collect();
    assert!(unknown.is_empty(), "refused for another reason than expected: {unknown:#?}");
    let (repaired, refused) = (all.repaired, all.refused.len());
    assert!(repaired > 300 && refused < 150, "{repaired} changes were repaired, {refused} refused: {:#?}", all.refused);
    for (name, path, field, other, value) in exclusive() {
        let object = objects.iter().find(|object| title(object) == name).unwrap();
        make_exclusive(&cluster, object, &path, field, other, value).await;
    }
    for object in &objects {
        let now = current(&cluster, object).await.unwrap();
        assert!(holds(&now, &additions(object)), "{}: what others have set is gone", title(object));
    }

    join_all(objects.iter().map(|object| strip(&cluster, object))).await;
    join_all(objects.iter().map(|object| delete(&cluster, object))).await;
}

const EXPECTED: [&str; 19] = [
    "Deployment image-registry",
    "DaemonSet node-ca",
    "CronJob image-pruner",
    "Service image-registry",
    "NetworkPolicy image-registry-networkpolicy",
    "NetworkPolicy image-pruner-networkpolicy",
    "PodDisruptionBudget image-registry",
    "ServiceAccount registry",
    "ServiceAccount pruner",
    "Secret image-registry-private-configuration",
    "Secret installation-pull-secrets",
    "ConfigMap image-registry-certificates",
    "ConfigMap image-registry-ca",
    "ConfigMap serviceca",
    "ClusterRole system:registry",
    "ClusterRole system:image-pruner",
    "ClusterRoleBinding registry-registry-role",
    "ClusterRoleBinding openshift-image-registry-pruner",
    "Route default-route",
];

/// What others add to an object.
fn additions(object: &Value) -> Value {
    let mut added = json!({"metadata": {"labels": {"others/label": "stays"}, "annotations": {"others/note": "stays"}}});
    match object["kind"].as_str().unwrap() {
        // Nothing is rolled out meanwhile.
        "Deployment" => added["spec"] = json!({"paused": true, "revisionHistoryLimit": 3}),
        "Service" => added["spec"] = json!({"sessionAffinity": "ClientIP"}),
        "ConfigMap" => added["data"] = json!({"others": "stays"}),
        "Secret" => added["data"] = json!({"others": "c3RheXM="}),
        _ => {}
    }
    added
}

fn holds(object: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Object(wanted) => wanted.iter().all(|(name, wanted)| holds(&object[name], wanted)),
        wanted => object == wanted,
    }
}

async fn current(cluster: &Cluster, object: &Value) -> Option<Value> {
    let (api, name) = cluster.api_of(object);
    api.get_opt(name).await.unwrap().map(|object| json!(object))
}

/// One change of somebody's.
struct Change {
    /// For messages.
    name: String,
    path: Path,
    /// JSON Patch: that the value is the operator's, then the change.
    patch: Value,
}

/// Changes every leaf, then removes everything that can be removed; some changes at a time.
async fn change_everything(cluster: &Cluster, object: &Value) -> Tally {
    let (leaves, wholes) = paths(fields(object).unwrap());
    let mut tally = Tally::default();
    for (paths, removes) in [(leaves, false), (wholes, true)] {
        let before = current(cluster, object).await.unwrap();
        let found = paths.into_iter().map(|path| change(cluster, &before, path, removes));
        let found: Vec<_> = stream::iter(found).buffered(AT_ONCE).collect().await;
        let (changes, refused): (Vec<_>, Vec<_>) = found.into_iter().partition(Result::is_ok);
        tally.refused.extend(refused.into_iter().filter_map(Result::err));
        let changes: Vec<Change> = changes.into_iter().filter_map(Result::ok).collect();
        // Neighbours, which may lie within one another, are not in the same wave.
        let waves = changes.len().div_ceil(WAVE);
        for wave in 0..waves {
            let wave: Vec<&Change> = changes.iter().skip(wave).step_by(waves).collect();
            if !make(cluster, object, &wave, &mut tally).await {
                for change in wave {
                    assert!(make(cluster, object, &[change], &mut tally).await, "{} is refused now", change.name);
                }
            }
        }
    }
    tally
}

/// A change that takes something from the operator, as the API server says without carrying it out.
///
/// # Errors
/// Path and reason, if there is none.
async fn change(cluster: &Cluster, before: &Value, path: Path, removes: bool) -> Result<Change, String> {
    let name = format!("{}: {} {}", title(before), if removes { "without" } else { "other" }, path.join(" "));
    let at = pointer(&path, before).ok_or_else(|| format!("{name}: it is not there"))?;
    let value = before.pointer(&at).unwrap();
    let operations = match removes {
        true => vec![json!({"op": "remove", "path": at})],
        false => others(value).into_iter().map(|other| json!({"op": "replace", "path": at, "value": other})).collect(),
    };
    // A text with this character is not equal to itself for the API server's JSON Patch.
    let is_comparable = !value.to_string().contains('&');
    let test = match is_comparable {
        true => json!({"op": "test", "path": at, "value": value}),
        false => json!({"op": "test", "path": "/metadata/name", "value": before["metadata"]["name"]}),
    };
    let mut reason = String::new();
    for operation in operations {
        let patch = json!([test, operation]);
        match cluster.json_patch(before, &patch, &format!("{BY}&dryRun=All")).await {
            Ok(after) if fields(&after) != fields(before) => return Ok(Change { name, path, patch }),
            Ok(_) => reason = "it changes nothing".to_owned(),
            Err(error) => reason = error.to_string(),
        }
        if FINAL.iter().any(|why| reason.contains(why)) {
            break;
        }
    }
    Err(format!("{name}: {reason}"))
}

/// Makes changes in one request and waits for the repair; false if they cannot be made together.
async fn make(cluster: &Cluster, object: &Value, changes: &[&Change], tally: &mut Tally) -> bool {
    let mut operations: Vec<&Value> = changes.iter().map(|change| &change.patch[1]).collect();
    // From the end of every list, so that what is removed moves nothing else.
    operations.sort_by_key(|operation| {
        let steps = operation["path"].as_str().unwrap_or_default().split('/');
        let steps = steps.map(|step| (step.parse::<usize>().unwrap_or_default(), step.to_owned()));
        std::cmp::Reverse(steps.collect::<Vec<_>>())
    });
    let tests = changes.iter().map(|change| &change.patch[0]);
    let patch: Vec<&Value> = tests.chain(operations).collect();
    if cluster.json_patch(object, &json!(patch), BY).await.is_err() {
        return false;
    }
    let start = Instant::now();
    for change in changes {
        let mut repaired = is_repaired(cluster, object, &change.path).await;
        while !repaired && start.elapsed() < PROMPTLY {
            tokio::time::sleep(Duration::from_millis(5)).await;
            repaired = is_repaired(cluster, object, &change.path).await;
        }
        take_away(cluster, object, change).await;
        match repaired {
            true => tally.repaired += 1,
            false => tally.failed.push(change.name.clone()),
        }
    }
    true
}

/// Removes the item that somebody has made of one of the operator's by giving it another key: it is theirs.
async fn take_away(cluster: &Cluster, object: &Value, change: &Change) {
    let [before @ .., item, field] = change.path.as_slice() else { return };
    let Some(keys) = item.strip_prefix("k:") else { return };
    let mut keys: Value = serde_json::from_str(keys).unwrap();
    let (key, other) = (field.trim_start_matches("f:"), &change.patch[1]["value"]);
    if keys.get(key).is_none() || other.is_null() {
        return;
    }
    keys[key] = other.clone();
    let path = [before, &[format!("k:{keys}")]].concat();
    let now = current(cluster, object).await.unwrap();
    if let Some(pointer) = pointer(&path, &now) {
        cluster.json_patch(object, &json!([{"op": "remove", "path": pointer}]), BY).await.unwrap();
    }
}

/// Whether the value is as before, and the operator owns what it owned.
async fn is_repaired(cluster: &Cluster, object: &Value, path: &Path) -> bool {
    let Some(now) = current(cluster, object).await else { return false };
    let value = |object: &Value| pointer(path, object).and_then(|pointer| object.pointer(&pointer).cloned());
    fields(&now) == fields(object) && value(&now).is_some_and(|now| holds(&now, &value(object).unwrap()))
}

/// Object, path, a field there, and another with its value that the API server does not accept beside it.
fn exclusive() -> [(&'static str, Path, &'static str, &'static str, Value); 4] {
    let in_pod = |path: &[&str]| {
        let pod = ["f:spec", "f:template", "f:spec"];
        pod.iter().chain(path).map(|step| (*step).to_owned()).collect::<Path>()
    };
    let (registry, address) = (r#"k:{"name":"registry"}"#, r#"k:{"name":"REGISTRY_HTTP_ADDR"}"#);
    let certificates = r#"k:{"name":"registry-certificates"}"#;
    let (budget, deployment) = ("PodDisruptionBudget image-registry", "Deployment image-registry");
    let name = json!({"fieldRef": {"fieldPath": "metadata.name"}});
    [
        (budget, vec!["f:spec".to_owned()], "minAvailable", "maxUnavailable", json!(1)),
        (deployment, in_pod(&["f:volumes", certificates]), "configMap", "emptyDir", json!({})),
        (deployment, in_pod(&["f:containers", registry, "f:env", address]), "value", "valueFrom", name),
        (
            deployment,
            in_pod(&["f:containers", registry, "f:livenessProbe"]),
            "httpGet",
            "exec",
            json!({"command": ["true"]}),
        ),
    ]
}

/// What somebody puts in the place of a field goes, where it does not go together with what comes back.
async fn make_exclusive(cluster: &Cluster, object: &Value, path: &Path, field: &str, other: &str, value: Value) {
    let before = current(cluster, object).await.unwrap();
    let at = pointer(path, &before).unwrap();
    let patch = json!([
        {"op": "remove", "path": format!("{at}/{field}")},
        {"op": "add", "path": format!("{at}/{other}"), "value": value},
    ]);
    cluster.json_patch(object, &patch, BY).await.unwrap();
    eventually(PROMPTLY, &format!("{}: {field} is back instead of {other}", title(object)), async || {
        let now = current(cluster, object).await.unwrap();
        let value = now.pointer(&at).unwrap();
        let is_repaired = Some(value) == before.pointer(&at) && fields(&now) == fields(object);
        if is_repaired { Ok(()) } else { Err(value.to_string()) }
    })
    .await;
}

/// Without the record of who owns what, a change is repaired still.
async fn strip(cluster: &Cluster, object: &Value) {
    let (leaves, _) = paths(fields(object).unwrap());
    cluster.merge(object, json!({"metadata": {"managedFields": [{}]}})).await.unwrap();
    eventually(PROMPTLY, "the operator owns its fields again", async || {
        let now = current(cluster, object).await.unwrap();
        if fields(&now) == fields(object) { Ok(()) } else { Err(now["metadata"]["managedFields"].to_string()) }
    })
    .await;
    let now = current(cluster, object).await.unwrap();
    for path in leaves {
        let Ok(change) = change(cluster, &now, path, false).await else { continue };
        let mut tally = Tally::default();
        assert!(make(cluster, object, &[&change], &mut tally).await, "{}", change.name);
        assert!(tally.failed.is_empty(), "after managedFields were stripped: {}", change.name);
        return;
    }
}

/// What is deleted comes back.
async fn delete(cluster: &Cluster, object: &Value) {
    let uid = |object: &Value| object["metadata"]["uid"].clone();
    let before = uid(&current(cluster, object).await.unwrap());
    cluster.delete(object).await.unwrap();
    eventually(PROMPTLY, &format!("{} is created again", title(object)), async || {
        let now = current(cluster, object).await.ok_or("it is gone")?;
        let same = fields(&now) == fields(object);
        if uid(&now) != before && same { Ok(()) } else { Err(now["metadata"].to_string()) }
    })
    .await;
}
