//! Sequences of Configs and ImagePruners, drawn from the schemas of the CRDs: whatever came before, the last one counts.
//!
//! `SEQUENCES` says how many are tried, `SEED` which is the first. A message of a failure has the seed, and the steps in
//! the form of the files in `cases/`: what was found once is tried always.

mod offline;
mod rest;
mod run;
mod schema;
mod state;
mod steps;
mod words;

use crate::cluster::Cluster;
use futures::FutureExt;
use run::Run;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use steps::Step;

/// Steps between the first and the last; how many sequences there are in every run of the tests.
const STEPS: usize = 5;
const ALWAYS: u64 = 2;

fn number(variable: &str, or: u64) -> u64 {
    std::env::var(variable).map_or(or, |text| text.parse().unwrap_or_else(|_| panic!("{variable}={text}")))
}

#[tokio::test]
async fn whatever_came_before_the_last_config_counts() {
    let cluster = Cluster::acquire().await;
    let first = number("SEED", 1);
    let seeds = first..first + number("SEQUENCES", ALWAYS);
    each(&cluster, seeds.map(|seed| (format!("SEED={seed}"), steps::sequence(seed, STEPS)))).await;
}

#[tokio::test]
async fn what_was_found_once_is_not_found_again() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/operator/sequences/cases");
    let mut files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let cluster = Cluster::acquire().await;
    let read = |file: std::path::PathBuf| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        (name, steps::from_yaml(&std::fs::read_to_string(&file).unwrap()))
    };
    each(&cluster, files.into_iter().map(read)).await;
}

/// Tries every one, so that one message has all that is to be repeated.
async fn each(cluster: &Cluster, sequences: impl Iterator<Item = (String, Vec<Step>)>) {
    let mut failed = Vec::new();
    for (name, steps) in sequences {
        cluster.reset().await;
        let run = Run::new(cluster, name.clone(), steps).carry_out();
        if AssertUnwindSafe(run).catch_unwind().await.is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "why is said above of each of {failed:?}");
}
