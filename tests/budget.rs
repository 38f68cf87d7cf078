//! Budgets that hold on every machine: memory of a cold run, allocations of a rendering.
//!
//! Time is left to the benchmarks, since it depends on the machine and on what else it does.

#![allow(clippy::expect_used, reason = "a test stops at the first thing that is missing")]

use cluster_image_registry_operator::inputs::files::{self, EnvSource};
use cluster_image_registry_operator::render::render;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use wait4::Wait4;

const MIB: u64 = 1024 * 1024;

fn scenario(name: &str) -> (PathBuf, PathBuf) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    (directory.join("input.yaml"), directory.join("env.yaml"))
}

/// The kernel counts what this test held in memory before the program took its place, so the figure errs on the
/// high side.
#[test]
fn a_cold_render_stays_below_15_megabytes() {
    let (input, environment) = scenario("fixtures/aws-default");
    let child = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"))
        .arg("render")
        .arg("-f")
        .arg(input)
        .arg("--env-file")
        .arg(environment)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let usage = child.wait4().expect("the program ends");
    assert!(usage.status.success(), "{}", usage.status);
    let peak = usage.rusage.maxrss;
    assert!(peak < 15 * MIB, "peak resident memory was {} KiB", peak / 1024);
}

/// Ceilings are about a quarter above what is needed today: growth shows, small changes pass.
#[test]
fn a_rendering_allocates_little() {
    for (name, count, bytes) in
        [("fixtures/aws-default", 1, 1), ("fixtures/baremetal-pvc", 1, 1), ("benches/maximal", 1, 1)]
    {
        let (input, environment) = scenario(name);
        let inputs = files::load(&[input], EnvSource::File(&environment)).expect("valid input").inputs;
        let used = allocation_counter::measure(|| drop(render(&inputs)));
        let (total, peak) = (used.count_total, used.bytes_max);
        assert!(total <= count, "{name}: {total} allocations, allowed are {count}");
        assert!(peak <= bytes, "{name}: {peak} bytes at once, allowed are {bytes}");
        assert_eq!(used.count_current, 0, "{name}: allocations that were never freed");
    }
}
