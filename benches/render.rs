//! Loading and rendering in process: time and allocations. `cargo bench --bench render`.
//!
//! The budget of `render` alone is 200 µs. `tests/budget.rs` guards what does not depend on the machine.

#![allow(clippy::expect_used, reason = "a benchmark without its input is no benchmark")]

use cluster_image_registry_operator::inputs::files::{self, EnvSource, Loaded, Text};
use cluster_image_registry_operator::inputs::{Environment, Inputs};
use cluster_image_registry_operator::render::{Plan, render};
use divan::{AllocProfiler, Bencher};
use std::path::{Path, PathBuf};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

/// Directories with `input.yaml` and `env.yaml`: the most common case, the fewest storage settings, and S3 with
/// CloudFront, routes, proxy, certificates and pod settings all at once.
const SCENARIOS: [&str; 3] = ["fixtures/aws-default", "fixtures/baremetal-pvc", "benches/maximal"];

fn main() {
    divan::main();
}

/// The texts of a scenario, in memory, so that the disk is not measured.
struct Texts {
    input: String,
    environment: Environment,
}

impl Texts {
    fn of(scenario: &str) -> Self {
        let directory = directory(scenario);
        let input = std::fs::read_to_string(directory.join("input.yaml")).expect("input.yaml");
        let content = std::fs::read_to_string(directory.join("env.yaml")).expect("env.yaml");
        let environment = files::environment_from_text(Text { name: "env.yaml", content: &content });
        Texts { input, environment: environment.expect("a valid environment") }
    }

    fn load(&self) -> Inputs {
        let text = Text { name: "input.yaml", content: &self.input };
        files::from_documents([text], self.environment.clone()).expect("valid input").inputs
    }
}

fn directory(scenario: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(scenario)
}

#[divan::bench(args = SCENARIOS)]
fn load_texts(bencher: Bencher, scenario: &str) {
    let texts = Texts::of(scenario);
    bencher.bench_local(|| texts.load());
}

#[divan::bench(args = SCENARIOS)]
fn load_files(bencher: Bencher, scenario: &str) {
    let directory = directory(scenario);
    let (input, environment) = ([directory.join("input.yaml")], directory.join("env.yaml"));
    bencher.bench_local(|| -> Loaded { files::load(&input, EnvSource::File(&environment)).expect("valid input") });
}

#[divan::bench(args = SCENARIOS)]
fn render_only(bencher: Bencher, scenario: &str) {
    let inputs = Texts::of(scenario).load();
    bencher.bench_local(|| -> Plan { render(&inputs) });
}

#[divan::bench(args = SCENARIOS)]
fn load_and_render(bencher: Bencher, scenario: &str) {
    let texts = Texts::of(scenario);
    bencher.bench_local(|| -> Plan { render(&texts.load()) });
}
