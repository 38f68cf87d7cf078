//! A cluster without an API server: Config and what surrounds it as values, a store that works on the storage, and
//! write-backs and reports that go where the operator would write them.

use crate::scenarios::merge;
use cluster_image_registry_operator::execute::Done;
use cluster_image_registry_operator::execute::storage::{Standing, Store};
use cluster_image_registry_operator::inputs::files::{Text, environment_from_text, from_documents};
use cluster_image_registry_operator::inputs::{Environment, Inputs};
use cluster_image_registry_operator::net::Network;
use cluster_image_registry_operator::render::plan::WriteBack;
use cluster_image_registry_operator::render::storage::action::{Medium, StorageAction};
use cluster_image_registry_operator::render::{Plan, Step, render};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

const ENVIRONMENT: &str = "IMAGE: registry.example.com/registry@sha256:0000000000000000000000000000000000000000000000000000000000000001\n\
     IMAGE_PRUNER: registry.example.com/pruner@sha256:0000000000000000000000000000000000000000000000000000000000000002\n\
     OPERATOR_IMAGE: registry.example.com/operator@sha256:0000000000000000000000000000000000000000000000000000000000000003\n\
     RELEASE_VERSION: 5.0.0\n";
const DERIVED: [&str; 2] = ["/spec/storage/ibmcos/serviceInstanceCRN", "/spec/storage/ibmcos/resourceKeyCRN"];
/// How long an action may take here altogether.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct World {
    pub objects: Vec<Value>,
    environment: Environment,
    network: Network,
    store: Store,
    derived_management_state: bool,
    /// Further fields of `spec.storage` that nobody but the operator has written.
    derived: BTreeSet<&'static str>,
    /// What became of the storage, in order, without what was only waited for.
    pub done: Vec<Done>,
    /// What failed in the last [`World::settle`].
    pub trouble: Option<String>,
}

impl World {
    /// The objects are YAML documents; Config/cluster is among them.
    pub fn new(yaml: &str, network: Network) -> Self {
        let objects = yaml.split("\n---\n").map(|text| serde_saphyr::from_str(text).unwrap()).collect();
        let environment = environment_from_text(Text { name: "env", content: ENVIRONMENT }).unwrap();
        let store = store(&network);
        World {
            objects,
            environment,
            network,
            store,
            derived_management_state: false,
            derived: BTreeSet::new(),
            done: Vec::new(),
            trouble: None,
        }
    }

    /// Infrastructure/cluster of a cluster `demo-x7k2p`, Config/cluster with that storage, and the minted credentials.
    pub fn on(platform: Value, storage: Value, credentials: Value, network: Network) -> Self {
        let type_ = platform["type"].clone();
        let objects = [
            json!({ "apiVersion": "config.openshift.io/v1", "kind": "Infrastructure", "metadata": { "name": "cluster" },
                "status": { "infrastructureName": "demo-x7k2p", "infrastructureTopology": "HighlyAvailable",
                    "controlPlaneTopology": "HighlyAvailable", "platform": type_, "platformStatus": platform } }),
            json!({ "apiVersion": "imageregistry.operator.openshift.io/v1", "kind": "Config",
                "metadata": { "name": "cluster" },
                "spec": { "managementState": "Managed", "replicas": 1, "httpSecret": "s", "logLevel": "Normal",
                    "operatorLogLevel": "Normal", "storage": storage } }),
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "openshift-image-registry",
                "annotations": { "openshift.io/sa.scc.supplemental-groups": "1000430000/10000" } } }),
        ];
        let yaml = objects.map(|object| object.to_string()).join("\n---\n");
        let mut world = World::new(&yaml, network);
        world.secret("installer-cloud-credentials", credentials);
        world
    }

    /// Puts a Secret of the registry's namespace in place of the one of that name.
    pub fn secret(&mut self, name: &str, values: Value) {
        self.objects.retain(|object| !is(object, "Secret", name));
        self.objects.push(json!({ "apiVersion": "v1", "kind": "Secret", "stringData": values,
            "metadata": { "name": name, "namespace": "openshift-image-registry" } }));
    }

    /// Puts a ConfigMap in place of the one of that name.
    pub fn config_map(&mut self, namespace: &str, name: &str, data: Value) {
        self.objects.retain(|object| !is(object, "ConfigMap", name));
        self.objects.push(json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": data,
            "metadata": { "name": name, "namespace": namespace } }));
    }

    /// Config/cluster.
    pub fn config(&mut self) -> &mut Value {
        self.object("Config")
    }

    /// The object of that kind and of the name `cluster`.
    pub fn object(&mut self, kind: &str) -> &mut Value {
        self.objects.iter_mut().find(|object| is(object, kind, "cluster")).unwrap_or_else(|| panic!("no {kind}"))
    }

    /// What Config/cluster has at a JSON pointer.
    pub fn at(&self, pointer: &str) -> Value {
        let config = self.objects.iter().find(|object| is(object, "Config", "cluster")).expect("no Config");
        config.pointer(pointer).cloned().unwrap_or_default()
    }

    /// Merges into Config/cluster (RFC 7386), as a user would.
    pub fn edit(&mut self, patch: Value) {
        if patch.pointer("/spec/storage/managementState").is_some() {
            self.derived_management_state = false;
        }
        self.derived.retain(|field| patch.pointer(field).is_none());
        merge(self.config(), patch);
    }

    pub fn inputs(&self) -> Inputs {
        let texts: Vec<String> = self.objects.iter().map(Value::to_string).collect();
        let texts = texts.iter().map(|content| Text { name: "world", content });
        let mut inputs = match from_documents(texts, self.environment.clone()) {
            Ok(loaded) => loaded.inputs,
            Err(problems) => panic!("{problems:#?}"),
        };
        inputs.observed.now = Some(Time(jiff::Timestamp::now()));
        inputs.observed.storage.medium = self.store.observation();
        inputs.observed.storage.derived_management_state = self.derived_management_state;
        inputs.observed.storage.derived_service_instance = self.derived.contains(DERIVED[0]);
        inputs.observed.storage.derived_resource_key = self.derived.contains(DERIVED[1]);
        inputs
    }

    pub fn plan(&self) -> Plan {
        render(&self.inputs())
    }

    /// Works until the storage needs nothing, or until an action has come to nothing ([`World::trouble`]).
    pub async fn settle(&mut self) {
        let end = Instant::now() + PATIENCE;
        self.trouble = None;
        loop {
            let inputs = self.inputs();
            let plan = render(&inputs);
            if self.write_back(&plan) {
                continue;
            }
            let Some(action) = action(&plan) else {
                self.report(&plan);
                return;
            };
            match self.store.work(action, &inputs) {
                Done::Unchanged
                    if matches!(self.store.standing(action, &inputs), Standing::Well) && !self.store.is_busy() =>
                {
                    self.report(&plan);
                    return;
                }
                // A look that nothing waits for.
                Done::Unchanged => self.wait(end).await,
                Done::Waiting(_) => {
                    self.report(&plan);
                    self.wait(end).await;
                }
                done @ Done::Impossible(_) => {
                    self.trouble = done.failure();
                    self.done.push(done);
                    self.report(&render(&self.inputs()));
                    return;
                }
                done => self.done.push(done),
            }
        }
    }

    /// As [`World::settle`], and nothing must have failed.
    pub async fn settle_well(&mut self) {
        self.settle().await;
        assert_eq!(self.trouble, None);
    }

    /// Looks at the medium again as the operator does every ten minutes.
    pub async fn look_again(&mut self) {
        self.store.make_due();
        self.settle().await;
        let end = Instant::now() + PATIENCE;
        while self.store.is_busy() {
            self.wait(end).await;
        }
        self.settle().await;
    }

    async fn wait(&mut self, end: Instant) {
        let wake = self.store.wake();
        while self.store.is_busy() && !self.store.collect() {
            timeout_at(end, wake.notified()).await.expect("the storage action does not come to an end");
        }
    }

    /// As after a crash: nothing is known but what stands in Config.
    pub fn restart(&mut self) {
        self.store = store(&self.network);
    }

    /// The same with another network.
    pub fn reach_through(&mut self, network: Network) {
        self.network = network;
        self.restart();
    }

    /// Status, reason and message of a condition in Config's status.
    pub fn condition(&self, type_: &str) -> Option<(String, String, String)> {
        let conditions = self.at("/status/conditions");
        let found = conditions.as_array()?.iter().find(|condition| condition["type"] == type_)?.clone();
        let text = |field: &str| found.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some((text("status"), text("reason"), text("message")))
    }

    fn write_back(&mut self, plan: &Plan) -> bool {
        let write_backs = plan.steps.iter().filter_map(|step| match step {
            Step::WriteBack(write_back) => Some(write_back),
            _ => None,
        });
        let mut any = false;
        for WriteBack { object: _, fields, withdrawn } in write_backs {
            any = true;
            self.derived_management_state |= fields.pointer("/spec/storage/managementState").is_some();
            self.derived.extend(DERIVED.iter().filter(|field| fields.pointer(field).is_some()));
            merge(self.config(), fields.clone());
            if withdrawn.iter().any(|pointer| pointer == "/spec/storage/managementState") {
                self.derived_management_state = false;
                merge(self.config(), json!({ "spec": { "storage": { "managementState": null } } }));
            }
        }
        any
    }

    fn report(&mut self, plan: &Plan) {
        let report = serde_json::to_value(plan.status.config.as_ref().expect("no report of Config")).unwrap();
        let status = json!({ "conditions": report["conditions"], "storage": report["storage"],
            "storageManaged": report["storageManaged"] });
        self.config()["status"] = status;
    }
}

fn store(network: &Network) -> Store {
    let network = network.clone();
    Store::new(move || network.clone())
}

fn action(plan: &Plan) -> Option<&StorageAction> {
    plan.steps.iter().find_map(|step| match step {
        // Claims are made by the API server, and the pods' own disks by nobody.
        Step::Storage(action) if !matches!(action.medium, Medium::Pvc(_) | Medium::EmptyDir) => Some(action),
        _ => None,
    })
}

fn is(value: &Value, kind: &str, name: &str) -> bool {
    value["kind"] == kind && value.pointer("/metadata/name").is_some_and(|found| found == name)
}
