//! Laws that hold for every input, by property and over all fixtures.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

mod documents;
mod run_time;
mod schema_values;

use cluster_image_registry_operator::inputs::files::{self, EnvSource, Text};
use cluster_image_registry_operator::inputs::{Inputs, Observed};
use cluster_image_registry_operator::render::{Plan, Step, lint::lint, render};
use documents::{fixtures, split};
use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, TestRunner};
use serde_json::Value;
use std::path::Path;

/// A plan as bytes, secrets included: equality of these is what "same bytes" means.
fn bytes(plan: &Plan) -> String {
    serde_json::to_string_pretty(plan).unwrap()
}

fn load(fixture: &Path) -> Option<Inputs> {
    let loaded = files::load(&[fixture.join("input.yaml")], EnvSource::File(&fixture.join("env.yaml")));
    loaded.ok().map(|loaded| loaded.inputs)
}

#[test]
fn the_same_inputs_render_the_same_bytes() {
    for fixture in fixtures() {
        let Some(inputs) = load(&fixture) else { continue };
        let once = bytes(&render(&inputs));
        assert_eq!(once, bytes(&render(&inputs.clone())), "{}", fixture.display());
        let again = load(&fixture).unwrap();
        assert_eq!(once, bytes(&render(&again)), "{}", fixture.display());
    }
}

#[test]
fn the_order_of_documents_does_not_matter() {
    let all: Vec<_> = fixtures().into_iter().filter(|fixture| load(fixture).is_some()).collect();
    let documents = |fixture: &Path| split(&std::fs::read_to_string(fixture.join("input.yaml")).unwrap());
    let same = |fixture: &Path, documents: &[String], first: usize| {
        let inputs = load(fixture).unwrap();
        let (one, two) = documents.split_at(first);
        let texts = [("one", one.join("\n---\n")), ("two", two.join("\n---\n"))];
        let texts = texts.iter().map(|(name, content)| Text { name, content });
        let shuffled = files::from_documents(texts, inputs.environment.clone()).unwrap();
        prop_assert_eq!(bytes(&render(&shuffled.inputs)), bytes(&render(&inputs)), "{}", fixture.display());
        Ok(())
    };
    for fixture in &all {
        let mut documents = documents(fixture);
        documents.reverse();
        same(fixture, &documents, 0).unwrap();
    }
    let case = (0..all.len(), any::<proptest::sample::Index>(), any::<u64>());
    let mut runner = TestRunner::new(Runs { cases: 200, failure_persistence: None, ..Runs::default() });
    let law = |(fixture, first, seed): (usize, proptest::sample::Index, u64)| {
        let mut documents = documents(&all[fixture]);
        documents::shuffle(&mut documents, seed);
        // Split over two files at any place.
        same(&all[fixture], &documents, first.index(documents.len() + 1))
    };
    runner.run(&case, law).unwrap();
}

#[test]
fn any_valid_config_renders_or_is_refused_with_a_place() {
    let base = documents::base();
    let mut accepted = 0;
    let mut rendered = 0;
    let mut runner = TestRunner::new(Runs { cases: 1500, failure_persistence: None, ..Runs::default() });
    let accepted_in = std::cell::Cell::new((0, 0));
    let law = |(spec, pruner): (Value, Value)| {
        let text = documents::with_specs(&base, &spec, &pruner);
        let texts = [Text { name: "generated", content: &text }];
        let environment = documents::environment();
        match files::from_documents(texts, environment) {
            Err(problems) => {
                for problem in problems {
                    prop_assert!(!problem.object.is_empty() && !problem.message.is_empty(), "{problem:?}");
                }
            }
            Ok(loaded) => {
                let plan = render(&loaded.inputs);
                for problem in plan.problems.iter().chain(&lint(&plan)) {
                    let has_place = !problem.path.is_empty() || problem.reason == "ObjectMissing";
                    prop_assert!(has_place && !problem.message.is_empty(), "{problem:?}");
                }
                let (accepted, rendered) = accepted_in.get();
                accepted_in.set((accepted + 1, rendered + usize::from(plan.problems.is_empty())));
                write_back_is_a_fixed_point(&loaded.inputs, &plan)?;
            }
        }
        Ok(())
    };
    runner.run(&(schema_values::config_spec(), schema_values::image_pruner_spec()), law).unwrap();
    (accepted, rendered) = (accepted + accepted_in.get().0, rendered + accepted_in.get().1);
    // The law says nothing if the generator only makes refused documents.
    assert!(accepted > 1000 && rendered > 150, "{accepted} accepted, {rendered} rendered");
}

#[test]
fn rendering_after_the_write_back_changes_nothing() {
    for fixture in fixtures() {
        let Some(inputs) = load(&fixture) else { continue };
        let plan = render(&inputs);
        let outcome = write_back_is_a_fixed_point(&inputs, &plan);
        assert!(outcome.is_ok(), "{}: {outcome:?}", fixture.display());
    }
}

/// Applies the plan's write-back to Config, renders again, and compares.
fn write_back_is_a_fixed_point(inputs: &Inputs, plan: &Plan) -> Result<(), TestCaseError> {
    let write_back = plan.steps.iter().find_map(|step| match step {
        Step::WriteBack(write_back) => Some(write_back),
        _ => None,
    });
    let (Some(write_back), Some(config)) = (write_back, inputs.config.present()) else { return Ok(()) };
    let mut document = serde_json::to_value(config).unwrap();
    documents::merge(&mut document, &write_back.fields);
    let mut inputs = inputs.clone();
    inputs.config = Observed::Present(serde_json::from_value(document).unwrap());
    let again = render(&inputs);
    let writes_back = again.steps.iter().any(|step| matches!(step, Step::WriteBack(_)));
    prop_assert!(!writes_back, "writes back twice");
    let manifests = |plan: &Plan| plan.manifests().map(|manifest| manifest.body().clone()).collect::<Vec<_>>();
    prop_assert_eq!(manifests(&again), manifests(plan));
    Ok(())
}

#[test]
fn no_secret_is_in_debug_output() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/routes-default-and-custom");
    let mut inputs = load(&fixture).unwrap();
    let plan = render(&inputs);
    let mut deployment = plan.manifests().find(|manifest| manifest.id().kind == "Deployment").unwrap().body().clone();
    documents::merge(&mut deployment, &serde_json::json!({ "metadata": { "uid": "seen" } }));
    inputs.observed.deployment = Observed::Present(serde_json::from_value(deployment).unwrap());
    let shown = format!("{inputs:?}{:?}", render(&inputs));
    for secret in ["0123456789abcdef", "secret/example", "AKIAEXAMPLE", "KEY\""] {
        assert!(!shown.contains(secret), "{secret} is shown");
    }
}
