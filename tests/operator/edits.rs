//! People edit Config in every way there is while the operator writes into it: no edit is lost, and none is undone.

use crate::cluster::operator::{Operator, Options};
use crate::cluster::{Cluster, eventually};
use crate::install::{empty_dir, ready};
use cluster_image_registry_operator::execute::{self, Done, Executor, Live, World};
use cluster_image_registry_operator::inputs::Inputs;
use cluster_image_registry_operator::render::bootstrap::config_id;
use cluster_image_registry_operator::render::plan::{Plan, Step, WriteBack};
use cluster_image_registry_operator::render::status::StatusReport;
use kube::Error;
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const NAMESPACE: &str = "openshift-image-registry";
const SOON: Duration = Duration::from_secs(30);
const EDITS: usize = 1000;
/// The claim of the user's own.
const CLAIM: &str = "mine";

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// What a user may set: the field, and its values; null removes it.
fn choices() -> Vec<(&'static str, Vec<Value>)> {
    let toleration = |key: &str| json!([{"key": key, "operator": "Exists", "effect": "NoSchedule"}]);
    let route = |name: &str| json!([{"name": name, "hostname": format!("{name}.example.com")}]);
    let tls = |version: &str| json!({"servingInfo": {"minTLSVersion": version}});
    vec![
        ("replicas", vec![json!(1), json!(2), json!(3)]),
        ("logLevel", vec![json!("Debug"), json!("Trace"), json!("Normal")]),
        ("httpSecret", vec![json!("a-secret-of-the-user"), json!("another"), Value::Null]),
        ("observedConfig", vec![tls("VersionTLS13"), tls("VersionTLS12"), Value::Null]),
        (
            "storage",
            vec![
                json!({"emptyDir": {}}),
                json!({"pvc": {}}),
                json!({"pvc": {"claim": CLAIM}}),
                json!({"pvc": {"claim": CLAIM}, "managementState": "Unmanaged"}),
            ],
        ),
        ("tolerations", vec![toleration("infra"), toleration("storage"), Value::Null]),
        ("routes", vec![route("one"), route("two"), Value::Null]),
        ("nodeSelector", vec![json!({"zone": "a"}), json!({"zone": "b"}), Value::Null]),
        ("readOnly", vec![json!(true), json!(false)]),
    ]
}

/// The user, who knows what was set last.
struct User<'a> {
    cluster: &'a Cluster,
    wanted: Map<String, Value>,
    /// How often somebody else was faster.
    conflicts: usize,
}

/// The ways of kubectl to change an object.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// `patch --type=merge`
    Merge,
    /// `patch --type=json`
    Json,
    /// `apply --server-side --force-conflicts` of everything that the user has set
    Apply,
    /// `edit`, `replace`
    Replace,
}

const WAYS: [Way; 4] = [Way::Merge, Way::Json, Way::Apply, Way::Replace];

impl User<'_> {
    async fn edit(&mut self, way: Way, field: &str, value: &Value) {
        match value {
            Value::Null => drop(self.wanted.remove(field)),
            value => drop(self.wanted.insert(field.to_owned(), value.clone())),
        }
        match way {
            Way::Merge => {
                drop(self.cluster.merge(&empty_dir(), json!({"spec": {field: whole(field, value)}})).await.unwrap())
            }
            Way::Json => self.json_patch(field, value).await,
            Way::Apply => {
                let config = self.config();
                let (api, name) = self.cluster.api_of(&config);
                let params = PatchParams::apply("gitops").force();
                api.patch(name, &params, &Patch::Apply(&config)).await.unwrap();
            }
            Way::Replace => self.replace(field, value).await,
        }
    }

    /// What the user has set.
    fn config(&self) -> Value {
        let mut config = empty_dir();
        config["spec"] = self.wanted.clone().into();
        config["spec"]["managementState"] = "Managed".into();
        config
    }

    async fn json_patch(&self, field: &str, value: &Value) {
        let config = empty_dir();
        let (api, name) = self.cluster.api_of(&config);
        let path = format!("/spec/{field}");
        let mut patch = vec![json!({"op": "add", "path": path, "value": value})];
        if value.is_null() {
            // What is not there cannot be removed.
            patch.push(json!({"op": "remove", "path": path}));
        }
        let request = http::Request::patch(format!("{}/{name}", api.resource_url()))
            .header("Content-Type", "application/json-patch+json")
            .body(Value::from(patch).to_string().into_bytes());
        api.into_client().request::<Value>(request.unwrap()).await.unwrap();
    }

    async fn replace(&mut self, field: &str, value: &Value) {
        let before = self.wanted.clone();
        loop {
            let mut config = live_config(self.cluster).await;
            for (name, wanted) in before.iter().filter(|(name, _)| *name != field) {
                assert_holds(name, wanted, &config["spec"]);
            }
            match value {
                Value::Null => drop(config["spec"].as_object_mut().unwrap().remove(field)),
                value => config["spec"][field] = value.clone(),
            }
            let (api, name) = self.cluster.api_of(&config);
            let object: DynamicObject = serde_json::from_value(config.clone()).unwrap();
            match api.replace(name, &PostParams::default(), &object).await {
                Err(Error::Api(status)) if status.code == 409 => self.conflicts += 1,
                answer => return drop(answer.unwrap()),
            }
        }
    }
}

/// The value in a merge patch, with null for what would otherwise stay from before.
fn whole(field: &str, value: &Value) -> Value {
    let mut patch = value.clone();
    if field == "storage" {
        for part in ["emptyDir", "pvc", "managementState"] {
            patch[part] = value.get(part).cloned().unwrap_or_default();
        }
        if patch["pvc"].is_object() {
            patch["pvc"]["claim"] = value["pvc"]["claim"].clone();
        }
    }
    patch
}

async fn live_config(cluster: &Cluster) -> Value {
    cluster.get("imageregistry.operator.openshift.io/v1", "Config", "", "cluster").await.unwrap()
}

/// What a user has set is there, and beside it nothing but what is derived.
fn assert_holds(field: &str, wanted: &Value, spec: &Value) {
    let mut found = spec[field].clone();
    match field {
        "storage" => {
            let parts = found.as_object_mut().unwrap();
            if wanted.get("managementState").is_none() {
                parts.remove("managementState");
            }
            if wanted.pointer("/pvc/claim").is_none()
                && let Some(pvc) = found.get_mut("pvc").and_then(Value::as_object_mut)
                && pvc.get("claim").is_some_and(|claim| claim == "image-registry-storage")
            {
                pvc.remove("claim");
            }
        }
        "observedConfig" => drop(found["servingInfo"].as_object_mut().unwrap().remove("cipherSuites")),
        _ => {}
    }
    assert_eq!(&found, wanted, "spec.{field}");
}

/// Derived values on the basis of a Config that is not the newest any more: the fields that the operator repeats, since
/// it owns them, must not bring back what the user has just removed.
#[tokio::test]
async fn a_write_back_that_comes_late_undoes_nothing() {
    let cluster = Cluster::acquire().await;
    let mut config = empty_dir();
    config["spec"]["storage"] = json!({"pvc": {}});
    cluster.apply(&config).await.unwrap();
    let (api, _) = cluster.api_of(&config);
    let mut executor = Executor::new(execute::Api::new(api.into_client()));
    let mut world = World::default();
    world.put(Live::new(live_config(&cluster).await).unwrap());
    let mut write_back = async |fields: Value| {
        let write_back = WriteBack { object: config_id(), fields, withdrawn: Vec::new() };
        let plan = Plan {
            steps: vec![Step::WriteBack(write_back)],
            status: StatusReport::default(),
            problems: Vec::new(),
            assumptions: Vec::new(),
        };
        executor.carry_out(&plan, &Inputs::default(), &mut world, &BTreeSet::new(), |_| ()).await.remove(0).done
    };
    let derived = json!({"spec": {"httpSecret": "derived", "storage": {"pvc": {"claim": "derived"}}}});
    assert!(write_back(derived).await.is_write());

    let emptied = json!({"spec": {"httpSecret": null, "storage": {"pvc": null, "emptyDir": {}}}});
    cluster.merge(&config, emptied).await.unwrap();
    let done = write_back(json!({"spec": {"storage": {"managementState": "Managed"}}})).await;
    assert!(matches!(done, Done::Skipped(_)), "{done:?}");
    let spec = live_config(&cluster).await["spec"].take();
    assert_eq!((&spec["httpSecret"], &spec["storage"]), (&Value::Null, &json!({"emptyDir": {}})));
}

/// What the Deployment says about the fields of Config that it depends on.
async fn deployed(cluster: &Cluster) -> Value {
    let deployment = cluster.get("apps/v1", "Deployment", NAMESPACE, "image-registry").await.unwrap();
    let pod = &deployment["spec"]["template"]["spec"];
    let environment = pod["containers"][0]["env"].as_array().unwrap();
    let variable =
        |name: &str| environment.iter().find(|variable| variable["name"] == name).map(|found| &found["value"]);
    let storage = pod["volumes"].as_array().unwrap().iter().find(|volume| volume["name"] == "registry-storage");
    let routes = cluster.list("route.openshift.io/v1", "Route", NAMESPACE).await.unwrap();
    json!({
        "replicas": deployment["spec"]["replicas"],
        "logLevel": variable("REGISTRY_LOG_LEVEL"),
        "httpSecret": variable("REGISTRY_HTTP_SECRET"),
        "readOnly": variable("REGISTRY_STORAGE_MAINTENANCE_READONLY"),
        "claim": storage.map(|volume| &volume["persistentVolumeClaim"]["claimName"]),
        "tolerations": pod["tolerations"],
        "nodeSelector": pod["nodeSelector"]["zone"],
        "routes": routes.iter().map(|route| route["metadata"]["name"].clone()).collect::<Value>(),
    })
}

/// What the Deployment should say.
fn to_deploy(spec: &Value) -> Value {
    let level = match spec["logLevel"].as_str() {
        Some("Normal") => "info",
        _ => "debug",
    };
    json!({
        "replicas": spec["replicas"],
        "logLevel": level,
        "httpSecret": spec["httpSecret"],
        "readOnly": (spec["readOnly"] == true).then_some("{enabled: true}"),
        "claim": spec["storage"]["pvc"]["claim"],
        "tolerations": spec["tolerations"],
        "nodeSelector": spec["nodeSelector"]["zone"],
        "routes": spec["routes"].as_array().into_iter().flatten().map(|route| route["name"].clone()).collect::<Value>(),
    })
}

async fn converged(cluster: &Cluster) -> Value {
    eventually(SOON, "the last Config is carried out", async || {
        let config = live_config(cluster).await;
        let (found, wanted) = (deployed(cluster).await, to_deploy(&config["spec"]));
        let is_reported = config["status"]["observedGeneration"] == config["metadata"]["generation"];
        if found == wanted && is_reported { Ok(config) } else { Err(format!("{found} instead of {wanted}")) }
    })
    .await
}

#[tokio::test]
async fn no_edit_is_lost_or_undone() {
    let cluster = Cluster::acquire().await;
    let claim = json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": CLAIM, "namespace": NAMESPACE},
        "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}},
    });
    cluster.apply(&claim).await.unwrap();
    cluster.apply(&empty_dir()).await.unwrap();
    let operator = Operator::start(&cluster, Options::default());
    ready(&cluster).await;

    let first = [("replicas", json!(1)), ("storage", json!({"emptyDir": {}}))];
    let wanted = first.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
    let mut user = User { cluster: &cluster, wanted, conflicts: 0 };
    let (choices, mut dice) = (choices(), Dice(1));
    for _ in 0..EDITS {
        let (field, values) = &choices[dice.roll(choices.len())];
        let value = &values[dice.roll(values.len())];
        let way = WAYS[dice.roll(WAYS.len())];
        // An apply removes nothing that others have set, which a change of the storage would need.
        let way = if way == Way::Apply && (value.is_null() || *field == "storage") { Way::Merge } else { way };
        user.edit(way, field, value).await;
    }

    let config = converged(&cluster).await;
    for (field, _) in &choices {
        match user.wanted.get(*field) {
            Some(wanted) => assert_holds(field, wanted, &config["spec"]),
            None if ["httpSecret", "observedConfig"].contains(field) => assert!(!config["spec"][field].is_null()),
            None => assert_eq!(config["spec"][field], Value::Null, "spec.{field} is what nobody set"),
        }
    }
    assert!(config["spec"]["storage"]["managementState"].is_string(), "{}", config["spec"]["storage"]);
    assert!(!operator.log().contains("failed"), "{}", operator.log());

    // A value of the user's stands in the place of a derived one, until it is removed.
    let derived = |config: &Value| config["spec"]["httpSecret"].as_str().unwrap_or_default().len() == 128;
    user.edit(Way::Merge, "httpSecret", &Value::Null).await;
    eventually(SOON, "the secret is derived", async || {
        let config = live_config(&cluster).await;
        if derived(&config) { Ok(()) } else { Err(config["metadata"]["generation"].to_string()) }
    })
    .await;
    for way in WAYS {
        user.edit(way, "httpSecret", &json!("the user's")).await;
        assert_eq!(converged(&cluster).await["spec"]["httpSecret"], "the user's");
        user.edit(if way == Way::Apply { Way::Replace } else { way }, "httpSecret", &Value::Null).await;
        eventually(SOON, "the secret is derived again", async || {
            let config = converged(&cluster).await;
            if derived(&config) { Ok(()) } else { Err(config["metadata"]["generation"].to_string()) }
        })
        .await;
    }
}
