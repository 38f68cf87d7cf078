//! One sequence, from the first Config to a fresh install of the last one.

use super::rest::{at_rest, opened_watches, written_since};
use super::state::{State, config, differences, is_rolled_out, state};
use super::steps::{Step, Way, as_yaml};
use super::words::{CERTIFICATE, CLAIM};
use super::{offline, rest};
use crate::cluster::Cluster;
use crate::cluster::audit::{Mark, Request};
use crate::cluster::operator::{Operator, Options};
use crate::e2e::support::condition;
use cluster_image_registry_operator::problem::{Concern, Problem};
use kube::Error;
use kube::api::{DynamicObject, PostParams};
use serde_json::{Value, json};
use std::cell::Cell;
use std::time::{Duration, Instant};

const NAMESPACE: &str = "openshift-image-registry";

/// A sequence under way.
pub struct Run<'a> {
    cluster: &'a Cluster,
    name: String,
    steps: Vec<Step>,
    /// What is being done, for messages.
    at: String,
    /// Whether a user had to replace an object: what that put there, an apply does not take out again.
    has_replaced: Cell<bool>,
}

impl<'a> Run<'a> {
    pub fn new(cluster: &'a Cluster, name: String, steps: Vec<Step>) -> Self {
        Run { cluster, name, steps, at: String::new(), has_replaced: Cell::new(false) }
    }

    /// Does all that there is to do, and panics with what is found.
    pub async fn carry_out(mut self) {
        let begin = Instant::now();
        let steps = self.steps.clone();
        // An ImagePruner that comes before the first Config is there from the beginning, too.
        let until = steps.iter().position(|step| step.kind == "Config").map_or(0, |first| first + 1);
        let (beginning, rest) = steps.split_at(until);
        let (Some(first), Some(last)) = (beginning.last(), steps.last()) else { return };
        let operator = self.install(beginning).await;
        let at_first = state(self.cluster, &first.spec).await;
        self.at_last(&first.spec).await;
        let mut was_at_rest = true;
        for (index, step) in rest.iter().enumerate() {
            self.at = format!("step {}", until + index);
            was_at_rest = self.go(step, was_at_rest).await;
        }
        // The last one makes sense, and counts.
        self.write_surely(last).await;
        self.rest().await;
        let at_last = state(self.cluster, &last.spec).await;
        self.at_last(&last.spec).await;
        let operator = self.restart(operator, &at_last, &last.spec).await;

        self.at = "back to the first step".to_owned();
        for step in beginning {
            self.write_surely(step).await;
        }
        self.rest().await;
        self.compare(&state(self.cluster, &first.spec).await, &at_first);

        self.at = "fresh install of the last step".to_owned();
        self.end(operator).await;
        self.cluster.reset().await;
        let pruner = steps.iter().rfind(|step| step.kind == "ImagePruner");
        let operator = self
            .install(&[pruner, Some(last)].map(|step| step.cloned()).into_iter().flatten().collect::<Vec<_>>())
            .await;
        self.compare(&at_last, &state(self.cluster, &last.spec).await);
        self.end(operator).await;
        println!("{}: {} steps in {:?}", self.name, steps.len(), begin.elapsed());
    }

    /// Starts with what these steps have written.
    async fn install(&self, steps: &[Step]) -> Operator {
        let metadata = |name: &str| json!({"name": name, "namespace": NAMESPACE});
        let requests = json!({"requests": {"storage": "1Gi"}});
        for object in [
            json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata(CLAIM),
                "spec": {"accessModes": ["ReadWriteMany"], "resources": requests}}),
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata(CERTIFICATE),
                "data": {"tls.crt": "Y2VydA==", "tls.key": "a2V5"}}),
        ] {
            self.cluster.apply(&object).await.unwrap();
        }
        for step in steps {
            self.write_surely(step).await;
        }
        let mark = self.cluster.audit_mark().await;
        let operator = Operator::start(self.cluster, Options::default());
        opened_watches(self.cluster, mark).await.unwrap_or_else(|why| self.fail(&why));
        self.rest().await;
        operator
    }

    /// One step, and what has to hold after it; says whether the operator is at rest then.
    async fn go(&self, step: &Step, was_at_rest: bool) -> bool {
        let mark = self.cluster.audit_mark().await;
        let before = config(self.cluster).await;
        if let Err(error) = self.write(step).await {
            // What is of another type than in the schema is refused by server-side apply with 500.
            if !matches!(&error, Error::Api(status) if (400..=500).contains(&status.code)) {
                self.fail(&format!("{error}"));
            }
            // What the API server refuses changes nothing.
            let after = config(self.cluster).await;
            if was_at_rest {
                self.rest().await;
                self.only(|_| false, mark, "the API server refused it").await;
                self.equal(&before["spec"], &after["spec"], "spec of Config");
            }
            return was_at_rest;
        }
        if !step.waits {
            return false;
        }
        self.rest().await;
        let problems = offline::problems(self.cluster);
        for (concern, kind) in [(Concern::Registry, "Config"), (Concern::Pruner, "ImagePruner")] {
            let wrong: Vec<&Problem> = problems.iter().filter(|problem| problem.concern == concern).collect();
            if !wrong.is_empty() {
                self.is_told(kind, &wrong).await;
            }
            if step.kind == kind && was_at_rest && !wrong.is_empty() {
                self.nothing_but_reports(mark, &format!("it is wrong: {wrong:#?}")).await;
            }
        }
        if step.kind == "Config" && step.spec["managementState"] == "Unmanaged" && was_at_rest {
            self.nothing_but_reports(mark, "it is Unmanaged").await;
        }
        true
    }

    /// A condition names the field, if anything is to be done at all.
    async fn is_told(&self, kind: &str, wrong: &[&Problem]) {
        let object = self.cluster.get("imageregistry.operator.openshift.io/v1", kind, "", "cluster").await.unwrap();
        if kind == "Config"
            && ["Removed", "Unmanaged"].contains(&object["spec"]["managementState"].as_str().unwrap_or_default())
        {
            return;
        }
        let told = condition(&object, "Degraded");
        let message = told["message"].as_str().unwrap_or_default();
        let untold: Vec<_> = wrong.iter().filter(|problem| !message.contains(&problem.path)).collect();
        if told["status"] != "True" || !untold.is_empty() {
            self.fail(&format!("{kind} is not Degraded because of {untold:#?}: {told:#}"));
        }
    }

    async fn nothing_but_reports(&self, mark: Mark, because: &str) {
        self.only(|request| request.subresource == "status", mark, because).await;
    }

    async fn only(&self, may_be: impl Fn(&Request) -> bool, mark: Mark, because: &str) {
        let written = written_since(self.cluster, mark).await;
        let written: Vec<String> = written
            .iter()
            .filter(|request| !may_be(request))
            .map(|request| format!("{} {} {}", request.verb, request.uri, request.code))
            .collect();
        if !written.is_empty() {
            self.fail(&format!("{written:#?} although {because}"));
        }
    }

    /// A Config that makes sense is carried out, and what is live is what is rendered offline.
    async fn at_last(&self, spec: &Value) {
        let problems = offline::problems(self.cluster);
        let found = if problems.is_empty() { offline::differences(self.cluster).await } else { Vec::new() };
        if !problems.is_empty() || !found.is_empty() {
            self.fail(&format!("{spec}: {problems:#?} {found:#?}"));
        }
    }

    /// Without what it remembers, the operator finds everything in order. That somebody else has set what it derives it
    /// learns from the API server, which changes nothing.
    async fn restart(&self, operator: Operator, before: &State, spec: &Value) -> Operator {
        self.end(operator).await;
        let mark = self.cluster.audit_mark().await;
        let operator = Operator::start(self.cluster, Options::default());
        opened_watches(self.cluster, mark).await.unwrap_or_else(|why| self.fail(&why));
        self.rest().await;
        let conflicts = |request: &Request| request.resource == "configs" && request.subresource.is_empty();
        self.only(conflicts, mark, "nothing has changed since the operator was started again").await;
        self.compare(&state(self.cluster, spec).await, before);
        operator
    }

    async fn end(&self, mut operator: Operator) {
        let status = operator.terminate(Duration::from_secs(20)).await;
        let log = operator.log();
        if status.code() != Some(0) || log.contains("panicked") {
            self.fail(&format!("the operator ended with {status}\n{}", operator.log_tail()));
        }
    }

    /// Writes what is sensible. Where an apply takes the last part out of a map that another apply had left empty, the API
    /// server makes a null of it, and refuses that; users have to replace the object then.
    async fn write_surely(&self, step: &Step) {
        if self.has_replaced.get() || self.write(step).await.is_err() {
            self.has_replaced.set(true);
            let replaces = Step { way: Way::Replace, ..step.clone() };
            self.write(&replaces).await.unwrap_or_else(|error| self.fail(&error.to_string()));
        }
    }

    /// Writes what the step says, once the object is as nobody else changes it meanwhile.
    async fn write(&self, step: &Step) -> Result<(), Error> {
        let object = step.object();
        if step.way == Way::Apply {
            return self.cluster.apply(&object).await.map(drop);
        }
        let (api, name) = self.cluster.api_of(&object);
        loop {
            let mut object: DynamicObject = serde_json::from_value(object.clone()).map_err(Error::SerdeError)?;
            let written = match api.get_opt(name).await? {
                None => api.create(&PostParams::default(), &object).await,
                Some(live) => {
                    object.metadata.resource_version = live.metadata.resource_version;
                    api.replace(name, &PostParams::default(), &object).await
                }
            };
            match written {
                Err(Error::Api(status)) if status.code == 409 => {}
                other => return other.map(drop),
            }
        }
    }

    async fn rest(&self) {
        at_rest(self.cluster).await.unwrap_or_else(|why| self.fail(&why));
    }

    fn compare(&self, found: &State, wanted: &State) {
        let (mut found, mut wanted) = (found.clone(), wanted.clone());
        if !is_rolled_out(&wanted) {
            // Whether old pods are there still depends on what was before.
            for state in [&mut found, &mut wanted] {
                rest::without_reports(state);
            }
        }
        let differences = differences(&found, &wanted);
        if !differences.is_empty() {
            self.fail(&differences.join("\n"));
        }
    }

    fn equal(&self, one: &Value, other: &Value, what: &str) {
        if one != other {
            self.fail(&format!("{what}: {one} became {other}"));
        }
    }

    fn fail(&self, why: &str) -> ! {
        panic!("{}, {}:\n{why}\nThe steps:\n{}", self.name, self.at, as_yaml(&self.steps));
    }
}
