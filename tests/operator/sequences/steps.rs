//! Sequences of steps: what a user writes into Config and ImagePruner, one after the other.

use super::schema::{edges, fields, ordinary, put, refused, spec_of};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config as Runs, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

/// The control plane of the tests has room for so many.
const MOST_PODS: i64 = 5;

/// How a user writes a whole object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// `apply --server-side --force-conflicts`: what others have set beside it stays.
    Apply,
    /// `replace`: nothing but what is written stays.
    Replace,
}

/// One edit.
#[derive(Clone, Debug)]
pub struct Step {
    /// `Config` or `ImagePruner`.
    pub kind: &'static str,
    pub spec: Value,
    pub way: Way,
    /// Whether the next step comes only when the operator is at rest.
    pub waits: bool,
}

impl Step {
    /// The object to write.
    pub fn object(&self) -> Value {
        json!({
            "apiVersion": "imageregistry.operator.openshift.io/v1",
            "kind": self.kind,
            "metadata": {"name": "cluster"},
            "spec": self.spec,
        })
    }
}

/// The steps as YAML, in the form of the files in `cases/`.
pub fn as_yaml(steps: &[Step]) -> String {
    let document = |step: &Step| {
        let way = if step.way == Way::Apply { "Apply" } else { "Replace" };
        json!({"kind": step.kind, "way": way, "waits": step.waits, "spec": step.spec})
    };
    let documents: Vec<Value> = steps.iter().map(document).collect();
    serde_saphyr::to_string_multiple(&documents).unwrap()
}

/// The steps of a file in `cases/`.
pub fn from_yaml(text: &str) -> Vec<Step> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    let step = |document: Value| Step {
        kind: if document["kind"] == "Config" { "Config" } else { "ImagePruner" },
        way: if document["way"] == "Apply" { Way::Apply } else { Way::Replace },
        waits: document["waits"] == true,
        spec: document["spec"].clone(),
    };
    documents.into_iter().map(step).collect()
}

/// The sequence of a seed. It begins and ends with Configs that make sense and are carried out.
pub fn sequence(seed: u64, length: usize) -> Vec<Step> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Runs { failure_persistence: None, ..Runs::default() }, random);
    let mut steps = Vec::new();
    let draw = |strategy: &BoxedStrategy<Step>, runner: &mut TestRunner| strategy.new_tree(runner).unwrap().current();
    let (any, first, pruner) = (step(), ordinary_config(&["Managed"]), ordinary_pruner());
    let last = ordinary_config(&["Managed", "Managed", "Managed", "Removed"]);
    // Both at the beginning and at the end, so that it is known what to come back to.
    steps.push(draw(&pruner, &mut runner));
    steps.push(draw(&first, &mut runner));
    steps.extend((0..length).map(|_| draw(&any, &mut runner)));
    steps.push(draw(&pruner, &mut runner));
    steps.push(draw(&last, &mut runner));
    // One user has one way with Config: what is replaced is nobody's to apply away. The operator makes an ImagePruner of
    // its own where there is none, whose fields would stay beside what is applied.
    let way = if seed.is_multiple_of(3) { Way::Replace } else { Way::Apply };
    let count = steps.len();
    for (index, step) in steps.iter_mut().enumerate() {
        step.way = if step.kind == "Config" { way } else { Way::Replace };
        step.waits |= index == 1 || index + 1 == count;
    }
    steps
}

/// Mostly what makes sense; else with one field at the edge, or one that the API server refuses.
fn step() -> BoxedStrategy<Step> {
    let config = || ordinary_config(&["Managed", "Managed", "Managed", "Managed", "Managed", "Removed", "Unmanaged"]);
    prop_oneof![
        8 => config(),
        2 => ordinary_pruner(),
        6 => with_one(config(), edges),
        2 => with_one(ordinary_pruner(), edges),
        2 => with_one(config(), refused),
        1 => with_one(ordinary_pruner(), refused),
    ]
    .boxed()
}

fn ordinary_pruner() -> BoxedStrategy<Step> {
    specified("ImagePruner", ordinary(&spec_of("ImagePruner"), ""))
}

/// A Config in one of these states.
fn ordinary_config(states: &'static [&'static str]) -> BoxedStrategy<Step> {
    let storage = ordinary(&json!({}), "storage");
    let spec = (ordinary(&spec_of("Config"), ""), prop::sample::select(states), storage, 0..4_i32);
    let spec = spec.prop_map(|(mut spec, state, storage, replicas)| {
        let fields = [("managementState", json!(state)), ("storage", storage), ("replicas", json!(replicas))];
        fields.into_iter().for_each(|(name, value)| spec[name] = value);
        spec
    });
    specified("Config", spec.boxed())
}

fn specified(kind: &'static str, spec: BoxedStrategy<Value>) -> BoxedStrategy<Step> {
    (spec, any::<bool>()).prop_map(move |(spec, waits)| Step { kind, spec, way: Way::Replace, waits }).boxed()
}

/// The same with another value for one field, which may be one that it did not have.
fn with_one(step: BoxedStrategy<Step>, values: fn(&Value) -> Vec<Value>) -> BoxedStrategy<Step> {
    (step, any::<prop::sample::Index>(), any::<prop::sample::Index>())
        .prop_map(move |(mut step, field, value)| {
            let fields = fields(&spec_of(step.kind));
            // As many of the top as of all below: there are a thousand ways into an affinity.
            let top: Vec<_> = fields.iter().filter(|(path, _)| path.len() < 3).collect();
            let all: Vec<_> = fields.iter().chain(top.iter().copied().cycle().take(fields.len())).collect();
            let (path, schema) = field.get(&all);
            let mut value = value.get(&values(schema)).clone();
            if path.ends_with(&["replicas".to_owned()]) && value.as_i64().is_some_and(|replicas| replicas > MOST_PODS) {
                value = MOST_PODS.into();
            }
            put(&mut step.spec, path, value);
            Step { waits: true, ..step }
        })
        .boxed()
}
