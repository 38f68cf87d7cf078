//! Budgets that hold on every machine: memory of a cold run, allocations of a rendering.
//!
//! Time is left to the benchmarks, since it depends on the machine and on what else it does.

#![allow(clippy::expect_used, reason = "a test stops at the first thing that is missing")]

use cluster_image_registry_operator::inputs::files::{self, EnvSource};
use cluster_image_registry_operator::render::render;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use wait4::Wait4;

/// Names another build of the program than that of the tests.
const PROGRAM: &str = "OPERATOR_PROGRAM";
const MIB: u64 = 1024 * 1024;

/// Scenario, number of allocations, bytes at once.
const CEILINGS: [(&str, u64, u64); 3] = [
    ("fixtures/aws-default", 3_100, 250_000),
    ("fixtures/baremetal-pvc", 2_900, 235_000),
    ("benches/maximal", 3_700, 285_000),
];

fn scenario(name: &str) -> (PathBuf, PathBuf) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    (directory.join("input.yaml"), directory.join("env.yaml"))
}

/// Peak resident memory of the program with these arguments, in bytes.
fn peak(arguments: &[&Path]) -> u64 {
    let program = std::env::var_os(PROGRAM).unwrap_or(env!("CARGO_BIN_EXE_cluster-image-registry-operator").into());
    let child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let usage = child.wait4().expect("the program ends");
    assert!(usage.status.success(), "{}", usage.status);
    usage.rusage.maxrss
}

/// A release build, which `OPERATOR_PROGRAM` names and `.ci/run` tests, has 15 MB in all. What a debug build needs beyond
/// the program itself is unoptimised code that is paged in, the more of it the more there is in the program; what is
/// allocated is counted below.
#[test]
fn a_cold_render_takes_little_memory() {
    let (input, environment) = scenario("fixtures/aws-default");
    let arguments = ["render", "-f"].map(Path::new);
    let rendering = peak(&[arguments[0], arguments[1], &input, Path::new("--env-file"), &environment]);
    if std::env::var_os(PROGRAM).is_some() {
        assert!(rendering < 15_000_000, "a rendering of the release build takes {} KiB", rendering / 1024);
        return;
    }
    let needed = rendering.saturating_sub(peak(&[Path::new("--version")]));
    assert!(needed < 16 * MIB, "a rendering needs {} KiB more than the program", needed / 1024);
}

/// Ceilings are about a quarter above what is needed today: growth shows, small changes pass.
#[test]
fn a_rendering_allocates_little() {
    for (name, count, bytes) in CEILINGS {
        let (input, environment) = scenario(name);
        let inputs = files::load(&[input], EnvSource::File(&environment)).expect("valid input").inputs;
        let used = allocation_counter::measure(|| drop(render(&inputs)));
        let (total, peak) = (used.count_total, used.bytes_max);
        assert!(total <= count, "{name}: {total} allocations, allowed are {count}");
        assert!(peak <= bytes, "{name}: {peak} bytes at once, allowed are {bytes}");
        assert_eq!(used.count_current, 0, "{name}: allocations that were never freed");
    }
}
