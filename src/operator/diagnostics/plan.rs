//! What is kept of a plan: its hash, its shape, and what it says to people.

use super::records::Moment;
use crate::execute::{concern_of, subject};
use crate::problem::{Concern, Problem};
use crate::render::mask::masked_step;
use crate::render::plan::{Plan, Step};
use crate::render::status::Condition;
use crate::render::storage::action::Verb;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// A plan, in short.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Planned {
    /// See [`hash`].
    pub(super) hash: String,
    /// The pass that it was made in.
    pub(super) pass: u64,
    pub(super) at: Moment,
    /// How many steps there are of each kind.
    pub(super) steps: BTreeMap<&'static str, usize>,
    pub(super) problems: Vec<Problem>,
    /// As reported, by object.
    pub(super) conditions: BTreeMap<&'static str, Vec<Condition>>,
    pub(super) assumptions: Vec<String>,
}

impl Planned {
    /// What is kept of the plan.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut steps = BTreeMap::new();
        for step in &plan.steps {
            *steps.entry(word(step)).or_insert(0) += 1;
        }
        let status = &plan.status;
        let conditions = [
            ("Config/cluster", status.config.as_ref().map(|report| &report.conditions)),
            ("ImagePruner/cluster", status.image_pruner.as_ref().map(|report| &report.conditions)),
            ("ClusterOperator/image-registry", status.cluster_operator.as_ref().map(|report| &report.conditions)),
        ];
        let conditions = conditions.into_iter().filter_map(|(object, conditions)| Some((object, conditions?.clone())));
        Planned {
            hash: hash(plan),
            pass: 0,
            at: Moment::now(),
            steps,
            problems: plan.problems.clone(),
            conditions: conditions.collect(),
            assumptions: plan.assumptions.clone(),
        }
    }
}

fn word(step: &Step) -> &'static str {
    match step {
        Step::Create(_) => "create",
        Step::WriteBack(_) => "writeBack",
        Step::Storage(_) => "storage",
        Step::Apply(_) => "apply",
        Step::Delete(_) => "delete",
        Step::ReleaseFinalizer(_) => "releaseFinalizer",
    }
}

/// The media of the plan, and what is to happen to them.
pub(super) fn storage(plan: &Plan) -> Vec<String> {
    let describe = |step: &Step| match step {
        Step::Storage(action) => Some(match (action.verb, action.may_create) {
            (Verb::Remove, _) => format!("remove {}", action.medium),
            (Verb::Ensure, true) => format!("ensure {}, create it if it is missing", action.medium),
            (Verb::Ensure, false) => format!("ensure {}", action.medium),
        }),
        _ => None,
    };
    plan.steps.iter().filter_map(describe).collect()
}

/// The subjects of the steps, with their concerns. That an object is gone is told of by its deletion only.
pub(super) fn subjects(plan: &Plan) -> impl Iterator<Item = (String, Concern)> {
    let steps = plan.steps.iter().filter(|step| !matches!(step, Step::Delete(_)));
    steps.map(|step| (subject(step), concern_of(step)))
}

/// SHA-256 of the masked plan in compact JSON with sorted keys. Piece by piece, so that no copy of the plan is made.
pub(super) fn hash(plan: &Plan) -> String {
    let mut hasher = Hasher(Sha256::new());
    // A hasher takes everything.
    let _ = write_plan(&mut hasher, plan);
    told(hasher.0)
}

fn write_plan(out: &mut impl Write, plan: &Plan) -> io::Result<()> {
    let Plan { steps, status, problems, assumptions } = plan;
    let [assumptions, problems, status] = [json!(assumptions), json!(problems), json!(status)];
    write!(out, r#"{{"assumptions":{assumptions},"problems":{problems},"status":{status},"steps":["#)?;
    for (position, step) in steps.iter().enumerate() {
        let step: Value = masked_step(step);
        write!(out, "{}{step}", if position > 0 { "," } else { "" })?;
    }
    out.write_all(b"]}")
}

/// The form in which hashes are told.
pub(super) fn told(hasher: Sha256) -> String {
    let hex: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

struct Hasher(Sha256);

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
