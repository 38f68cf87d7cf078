//! Every file of the corpus of `fuzz/` is read in time and within bounds, those with crashes of old included.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

use cluster_image_registry_operator::fuzzing::TARGETS;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Of the processor for one file, in a build without optimisation.
const TIME: Duration = Duration::from_millis(500);
/// What one file may have allocated at a time.
const BYTES: u64 = 4 << 20;
/// The same for `inputs`, whose files may describe whole clusters.
const BYTES_OF_INPUTS: u64 = 64 << 20;
/// Of all files together: the corpus is a part of the repository.
const CORPUS: u64 = 600_000;

/// How long this thread has had a processor, which does not depend on what else runs.
fn time() -> Duration {
    let schedule = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(schedule.split(' ').next().unwrap().parse().unwrap())
}

#[test]
fn the_corpus_is_read_in_time_and_within_bounds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let directories: BTreeSet<String> =
        fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(directories, TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect());
    let mut size = 0;
    for (name, target) in TARGETS {
        let mut files: Vec<_> = fs::read_dir(corpus.join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty(), "{name}");
        for file in files {
            let bytes = fs::read(&file).unwrap();
            size += bytes.len() as u64;
            let most = if name == "inputs" { BYTES_OF_INPUTS } else { BYTES };
            let begun = time();
            let used = allocation_counter::measure(|| target(&bytes));
            let taken = time() - begun;
            assert!(taken < TIME, "{}: {taken:?}", file.display());
            assert!(used.bytes_max < most, "{}: {} bytes", file.display(), used.bytes_max);
        }
    }
    assert!(size < CORPUS, "{size} bytes; it should stay small");
}
