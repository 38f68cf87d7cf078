//! Reporting: status by server-side apply through the status subresource.
//!
//! Conditions are merged by type, so those of other writers survive. The time of a condition changes with its status
//! only.

use super::Executor;
use super::apply::Wanted;
use super::outcome::{Done, Outcome};
use super::request::{Error, Patch, Target};
use super::resource::Resource;
use super::world::World;
use crate::problem::Concern;
use crate::render::ObjectId;
use crate::render::names::{CLUSTER, REGISTRY};
use crate::render::status::cluster_operator::ClusterOperatorReport;
use crate::render::status::image::ImageReport;
use crate::render::status::{Condition, ConfigReport, PrunerReport, StatusReport};
use serde_json::{Map, Value, json};

/// The status of one object.
pub(super) struct Report {
    pub(super) id: ObjectId,
    /// `apiVersion`, `kind`, `metadata.name` and `status`.
    pub(super) body: Value,
    /// Whether the object is created when it is missing.
    creates: bool,
    pub(super) concern: Concern,
}

impl Executor {
    /// Writes every status that is not as it should be. `now` is the time of new transitions, in RFC 3339.
    pub async fn report(
        &mut self,
        status: &StatusReport,
        world: &mut World,
        now: &str,
        mut told: impl FnMut(&Outcome),
    ) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for report in reports(status, world, now) {
            if !world.is_served(&report.id.kind) {
                continue;
            }
            let done = self.write_report(&report, world).await;
            let outcome = Outcome { concern: report.concern, object: format!("status of {}", report.id), done };
            told(&outcome);
            outcomes.push(outcome);
        }
        outcomes
    }

    /// Whether a status needs writing.
    pub fn has_report(&self, status: &StatusReport, world: &World, now: &str) -> bool {
        reports(status, world, now)
            .iter()
            .any(|report| world.is_served(&report.id.kind) && !self.is_applied(&report.wanted(), world))
    }

    /// Empties maps that are to be empty. Server-side apply makes null of a map when it takes the last field away, and
    /// `status.storage` of Config has to be a map.
    ///
    /// All else is reported before: that a medium is gone has to stand there by the time that nothing says which one it was.
    async fn empty(&mut self, report: &Report, world: &mut World) -> Result<(), Error> {
        let Some(live) = world.get(&report.id).present() else { return Ok(()) };
        let paths = emptied("", &report.body, live.body());
        if paths.is_empty() {
            return Ok(());
        }
        let mut before = report.body.clone();
        for path in &paths {
            if let (Some(field), Some(value)) = (before.pointer_mut(path), live.body().pointer(path)) {
                *field = value.clone();
            }
        }
        if let Done::Failed(error) = self.apply(&Wanted { body: &before, ..report.wanted() }, world).await {
            return Err(error);
        }
        let operations = paths.iter().map(|path| json!({ "op": "replace", "path": path, "value": {} }));
        let target =
            Target { id: &report.id, subresource: Some("status"), manager: super::live::MANAGER, dry_run: false };
        let answer = self.api.patch(&target, Patch::Json, &Value::Array(operations.collect())).await?;
        super::Live::new(answer).map(|live| world.put(live));
        Ok(())
    }

    async fn write_report(&mut self, report: &Report, world: &mut World) -> Done {
        if report.creates && world.get(&report.id).present().is_none() {
            let body = json!({
                "apiVersion": report.id.api_version,
                "kind": report.id.kind,
                "metadata": { "name": report.id.name },
                "spec": {},
            });
            match self.api.create(&report.id, &body, super::live::MANAGER).await {
                Ok(object) => drop(super::Live::new(object).map(|live| world.put(live))),
                Err(Error::Refused(refusal)) if refusal.code == 409 => {}
                Err(error) => return Done::Failed(error),
            }
        }
        if let Err(error) = self.empty(report, world).await {
            return Done::Failed(error);
        }
        match self.apply(&report.wanted(), world).await {
            // It was deleted since; there is nothing to report in.
            Done::Failed(Error::Refused(refusal)) if refusal.is_absence() && !refusal.is_missing_kind() => {
                Done::Skipped("it does not exist".to_owned())
            }
            done => done,
        }
    }
}

/// JSON pointers of maps that are wanted empty and are not.
fn emptied(path: &str, wanted: &Value, live: &Value) -> Vec<String> {
    let (Some(wanted), Some(live)) = (wanted.as_object(), live.as_object()) else { return Vec::new() };
    if wanted.is_empty() && !live.is_empty() {
        return vec![path.to_owned()];
    }
    let parts = wanted.iter().filter_map(|(name, wanted)| Some((name, wanted, live.get(name)?)));
    parts.flat_map(|(name, wanted, live)| emptied(&format!("{path}/{name}"), wanted, live)).collect()
}

impl Report {
    fn wanted(&self) -> Wanted<'_> {
        Wanted { id: &self.id, subresource: "status", body: &self.body }
    }
}

pub(super) fn reports(status: &StatusReport, world: &World, now: &str) -> Vec<Report> {
    let StatusReport { config, image_pruner, cluster_operator, image } = status;
    let mut reports = Vec::new();
    let mut add = |kind: &str, name: &str, creates: bool, concern, status: &dyn Fn(&Value) -> Value| {
        let Some(resource) = Resource::named(kind) else { return };
        let id = resource.id("", name);
        let live = world.get(&id).present();
        if live.is_none() && !creates {
            return;
        }
        let before = live.and_then(|live| live.body().get("status")).cloned().unwrap_or_default();
        let body = json!({
            "apiVersion": id.api_version,
            "kind": id.kind,
            "metadata": { "name": id.name },
            "status": status(&before),
        });
        reports.push(Report { id, body, creates, concern });
    };
    if let Some(report) = config {
        add("Config", CLUSTER, false, Concern::Registry, &|before| of_config(report, before, now));
    }
    if let Some(report) = image_pruner {
        add("ImagePruner", CLUSTER, false, Concern::Pruner, &|before| of_pruner(report, before, now));
    }
    if let Some(report) = image {
        add("Image", CLUSTER, true, Concern::ImageConfig, &|_| of_image(report));
    }
    if let Some(report) = cluster_operator {
        add("ClusterOperator", REGISTRY, true, Concern::Inputs, &|before| of_cluster_operator(report, before, now));
    }
    reports
}

fn of_config(report: &ConfigReport, before: &Value, now: &str) -> Value {
    let mut status = json!(report);
    status["conditions"] = conditions(&report.conditions, before, now);
    status
}

fn of_pruner(report: &PrunerReport, before: &Value, now: &str) -> Value {
    let mut status = json!(report);
    let mut all = conditions(&report.conditions, before, now);
    // This list is replaced as a whole, so others' conditions have to be in it.
    let others = before.get("conditions").and_then(Value::as_array).into_iter().flatten();
    let is_ours = |type_: &Value| report.conditions.iter().any(|condition| condition.type_ == type_);
    let others: Vec<Value> = others.filter(|condition| !is_ours(&condition["type"])).cloned().collect();
    if let Some(all) = all.as_array_mut() {
        all.extend(others);
    }
    status["conditions"] = all;
    status
}

fn of_image(report: &ImageReport) -> Value {
    json!(report)
}

fn of_cluster_operator(report: &ClusterOperatorReport, before: &Value, now: &str) -> Value {
    let ClusterOperatorReport { conditions: wanted, version, related_objects } = report;
    let mut status = Map::new();
    status.insert("conditions".to_owned(), conditions(wanted, before, now));
    match version {
        Some(version) => {
            drop(status.insert("versions".to_owned(), json!([{ "name": "operator", "version": version }])))
        }
        // What was reported stays until something new runs.
        None => drop(before.get("versions").map(|versions| status.insert("versions".to_owned(), versions.clone()))),
    }
    status.insert("relatedObjects".to_owned(), json!(related_objects));
    Value::Object(status)
}

/// Conditions with their times: kept while the status stays, else now.
fn conditions(wanted: &[Condition], before: &Value, now: &str) -> Value {
    let before = before.get("conditions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let timed = wanted.iter().map(|condition| {
        let mut timed = json!(condition);
        let same = before
            .iter()
            .find(|before| before["type"] == timed["type"] && before["status"] == timed["status"])
            .and_then(|before| before.get("lastTransitionTime"))
            .cloned();
        timed["lastTransitionTime"] = same.unwrap_or_else(|| Value::String(now.to_owned()));
        timed
    });
    Value::Array(timed.collect())
}
