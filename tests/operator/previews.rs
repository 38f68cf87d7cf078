//! What is previewed is what happens.

use crate::cluster::Cluster;
use crate::cluster::credentials::TESTS;
use cluster_image_registry_operator::execute::preview::Action;
use cluster_image_registry_operator::execute::{Api, Done, Executor, Live, World, diff};
use cluster_image_registry_operator::inputs::Inputs;
use cluster_image_registry_operator::render::plan::{Deletion, Plan, Step};
use cluster_image_registry_operator::render::status::StatusReport;
use cluster_image_registry_operator::render::{Manifest, ObjectId};
use kube::api::{DynamicObject, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const NAMESPACE: &str = "openshift-image-registry";

fn config_map(namespace: &str, name: &str, data: Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "name": name, "namespace": namespace }, "data": data,
    })
}

fn binding(role: &str) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": { "name": "registry-registry-role" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role },
    })
}

fn manifest(body: Value) -> Manifest {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let id = ObjectId {
        api_version: text("/apiVersion"),
        kind: text("/kind"),
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name"),
    };
    Manifest::from_value(id, body)
}

fn plan(steps: Vec<Step>) -> Plan {
    Plan { steps, status: StatusReport::default(), problems: Vec::new(), assumptions: Vec::new() }
}

/// Writes an object as the reference does.
async fn create_as_reference(cluster: &Cluster, object: &Value) {
    let (api, _) = cluster.api_of(object);
    let params = PostParams { field_manager: Some("cluster-image-registry-operator".to_owned()), ..Default::default() };
    let object: DynamicObject = serde_json::from_value(object.clone()).unwrap();
    api.create(&params, &object).await.unwrap();
}

#[tokio::test]
async fn what_is_previewed_is_what_happens() {
    let cluster = Cluster::acquire().await;
    create_as_reference(&cluster, &config_map(NAMESPACE, "theirs", json!({ "kept": "1", "gone": "2", "other": "3" })))
        .await;
    create_as_reference(&cluster, &config_map(NAMESPACE, "old", json!({ "a": "1" }))).await;
    create_as_reference(&cluster, &binding("view")).await;
    cluster.apply(&config_map(NAMESPACE, "users", json!({ "a": "1" }))).await.unwrap();
    let kubeconfig = Kubeconfig::read_from(cluster.kubeconfig(TESTS)).unwrap();
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
    let api = Api::new(Client::try_from(config).unwrap());
    let deletion = |name: &str| {
        let object = manifest(config_map(NAMESPACE, name, json!({}))).id().clone();
        Step::Delete(Deletion { object, because: "it is not needed" })
    };
    let plan = plan(vec![
        Step::Apply(manifest(config_map(NAMESPACE, "new", json!({ "a": "1" })))),
        Step::Apply(manifest(config_map(NAMESPACE, "theirs", json!({ "kept": "1", "other": "4" })))),
        Step::Apply(manifest(binding("edit"))),
        deletion("old"),
        deletion("users"),
        deletion("absent"),
        Step::Apply(manifest(config_map("nowhere", "new", json!({ "a": "1" })))),
    ]);
    let mut world = World::default();
    let mut before = BTreeMap::new();
    for manifest in plan.manifests() {
        if let Some(object) = api.get(manifest.id()).await.unwrap() {
            world.put(Live::new(object.clone()).unwrap());
            before.insert(manifest.id().to_string(), Live::with_all_managers(object).unwrap());
        }
    }
    let mut executor = Executor::new(api.clone());
    let previews = executor.preview(&plan, &world, &world, "").await;
    let outcomes = executor.carry_out(&plan, &Inputs::default(), &mut world, &BTreeSet::new(), |_| ()).await;
    assert_eq!(previews.len(), outcomes.len());
    for (preview, outcome) in previews.iter().zip(&outcomes) {
        assert_eq!(preview.object, outcome.object);
        let expected = match &outcome.done {
            Done::Created => vec![Action::Created],
            Done::Configured(_) => vec![Action::Changed, Action::Recreated],
            Done::Unchanged | Done::Looked | Done::Waiting(_) => vec![Action::Unchanged],
            Done::Deleted => vec![Action::Deleted],
            Done::Skipped(_) => vec![Action::Skipped],
            // Only that the namespace is missing stands in the way.
            Done::Failed(_) | Done::Impossible(_) => vec![Action::Created],
        };
        assert!(expected.contains(&preview.action), "{preview:?}\n{outcome}");
    }
    let [new, theirs, binding, old, users, absent, nowhere] = previews.as_slice() else { panic!("{previews:?}") };
    let actions = [new, theirs, binding, old, users, absent, nowhere].map(|preview| preview.action);
    use Action::{Changed, Created, Deleted, Recreated, Skipped, Unchanged};
    assert_eq!(actions, [Created, Changed, Recreated, Deleted, Skipped, Unchanged, Created]);
    assert!(nowhere.note.contains("namespace nowhere does not exist"), "{nowhere:?}");
    for preview in [theirs, binding] {
        let manifest = plan.manifests().find(|manifest| manifest.id().to_string() == preview.object).unwrap();
        let after = api.get(manifest.id()).await.unwrap().unwrap();
        assert_eq!(preview.fields, diff::between(&before[&preview.object], &after), "{preview:?}");
    }
    let paths: Vec<&str> = theirs.fields.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(paths, ["data.gone", "data.other"]);
}
